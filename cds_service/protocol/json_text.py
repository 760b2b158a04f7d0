"""The JSON rules every body has to keep, beyond what a tolerant parser would let through.

UTF-8 throughout, no NaN or Infinity, no lone surrogate, no number that overflows, no nesting deeper than the
parser can follow. Of duplicate members the last wins. A byte order mark is refused, as RFC 8259 allows.
"""

from __future__ import annotations

import sys
from typing import TypeVar

import msgspec

from cds_service.errors import NotJson

T = TypeVar("T")
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])

# The search for overflowing numbers costs half as much as decoding, so large bodies are spared it: there such
# a number costs only its own element, which is then named as not readable.
SEARCHED_BYTES = 64 * 1024
# Digits become 0 and E becomes e, so that one plain search finds every three-digit exponent.
_SHAPE = bytes.maketrans(b"123456789E", b"000000000e")
_LONG_EXPONENT = b"0e000"
_HUGE_INTEGER = b"0" * 309
_IN_NUMBER = frozenset(b"0.")
_BEFORE_NUMBER = frozenset(b":[, \t\r\n")


def decode_text(decoder: msgspec.json.Decoder[T], body: bytes) -> T | None:
    """Decode the body; None when it is JSON but not of the decoder's type.

    Raises:
        NotJson: It is not JSON at all.
    """
    try:
        if not body.isascii():
            body.decode()
        decoded = decoder.decode(body)
    except msgspec.ValidationError:
        decoded = None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotJson from None
    if len(body) <= SEARCHED_BYTES and _may_overflow(body):
        _refuse_overflow(body)
    return decoded


def last_of_each(raw: msgspec.Raw | bytes) -> bytes:
    """The object with the last of each of its members, which a typed decoder would stumble over before.

    Raises:
        msgspec.DecodeError: It is no object.
    """
    return msgspec.json.encode(_MEMBERS.decode(raw))


def _may_overflow(body: bytes) -> bool:
    """Whether a number could be too large for JSON's double; true now and then for nothing."""
    shape = body.translate(_SHAPE, b"+")
    found = shape.find(_LONG_EXPONENT)
    while found >= 0:
        if _is_in_number(shape, found):
            return True
        found = shape.find(_LONG_EXPONENT, found + 1)
    return _HUGE_INTEGER in shape


def _is_in_number(shape: bytes, at: int) -> bool:
    """Whether a number leads up to here: ids in hexadecimal hold the same letters."""
    while at and shape[at - 1] in _IN_NUMBER:
        at -= 1
    at -= shape[at - 1] == ord("-")
    return shape[at - 1] in _BEFORE_NUMBER


def _refuse_overflow(body: bytes) -> None:
    try:
        values = [msgspec.json.decode(body)]
    except msgspec.DecodeError:
        raise NotJson from None
    while values:
        value = values.pop()
        if isinstance(value, dict):
            values.extend(value.values())
        elif isinstance(value, list):
            values.extend(value)
        elif isinstance(value, int) and abs(value) > sys.float_info.max:
            raise NotJson
