"""The JSON rules every body has to keep, beyond what a tolerant parser would let through.

UTF-8 throughout, no NaN or Infinity, no lone surrogate, no number that overflows, no nesting deeper than the
parser can follow. Of duplicate members the last wins. A byte order mark is refused, as RFC 8259 allows.
"""

from __future__ import annotations

import math
from typing import TypeVar

import msgspec

from cds_service.errors import NotJson

T = TypeVar("T")

# Digits become 0 and E becomes e, so that one plain search finds every three-digit exponent: a regular
# expression over the whole body would cost as much as decoding it.
_SHAPE = bytes.maketrans(b"123456789E", b"000000000e")
_LONG_EXPONENTS = (b"0e000", b"0e+000")
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
    if _may_overflow(body):
        _refuse_overflow(body)
    return decoded


def _may_overflow(body: bytes) -> bool:
    """Whether a number could be too large for JSON's double; cheap, and true now and then for nothing."""
    shape = body.translate(_SHAPE)
    return _HUGE_INTEGER in shape or any(_has_exponent(shape, exponent) for exponent in _LONG_EXPONENTS)


def _has_exponent(shape: bytes, exponent: bytes) -> bool:
    """Whether the exponent stands in a number: ids in hexadecimal hold the same letters."""
    found = shape.find(exponent)
    while found >= 0:
        start = found
        while start and shape[start - 1] in _IN_NUMBER:
            start -= 1
        start -= shape[start - 1] == ord("-")
        if shape[start - 1] in _BEFORE_NUMBER:
            return True
        found = shape.find(exponent, found + 1)
    return False


def _refuse_overflow(body: bytes) -> None:
    try:
        values = [msgspec.json.decode(body, float_hook=_finite)]
    except (msgspec.DecodeError, OverflowError):
        raise NotJson from None
    while values:
        value = values.pop()
        if isinstance(value, dict):
            values.extend(value.values())
        elif isinstance(value, list):
            values.extend(value)
        elif isinstance(value, int) and math.isinf(_as_double(value)):
            raise NotJson


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise OverflowError
    return value


def _as_double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf
