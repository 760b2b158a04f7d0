"""The request envelope: what every hook call has, whatever the hook.

Resources stay raw bytes here; they are decoded one by one where they are read, so that a bad one costs only
itself.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cds_service.errors import AuthorizationWithoutServer, MemberInvalid, MemberMissing, NotJson
from cds_service.protocol.json_text import decode_text, last_of_each

Members = dict[str, msgspec.Raw]


class FhirAuthorization(msgspec.Struct, frozen=True):
    """The client's grant to read its FHIR server: what is needed to use it, the rest is not parsed.

    Never log it.

    Attributes:
        patient: The one patient the token is for, if it is for one.
        token_type: "Bearer" in every version of the standard; some clients leave it out.
        expires_in: Seconds, also written as text.
    """

    access_token: str
    patient: str | None = None
    token_type: Any = None
    expires_in: Any = None


class HookRequest(msgspec.Struct, rename="camel", frozen=True):
    """A call of a CDS service, version 1.0 to 3.0 ballot.

    Attributes:
        context: As received; the hook's module reads it.
        prefetch: Key to raw value; ``null`` is the value ``null``, a key not sent is not there.
    """

    hook: str
    hook_instance: str
    context: msgspec.Raw
    prefetch: Members | None = None
    fhir_server: str | None = None
    fhir_authorization: FhirAuthorization | None = None


# Expected form of each member, for naming what is wrong; the order is the order of the issues.
_FORMS: dict[str, Any] = {
    "hook": str,
    "hookInstance": str,
    "context": Members,
    "prefetch": Members | None,
    "fhirServer": str | None,
    "fhirAuthorization": FhirAuthorization | None,
}
_REQUIRED = ("hook", "hookInstance", "context")
_DECODER = msgspec.json.Decoder(HookRequest)
_MEMBERS = msgspec.json.Decoder(Members)
_CHECKS = {name: msgspec.json.Decoder(form) for name, form in _FORMS.items()}


def parse_request(body: bytes, usual: msgspec.json.Decoder[HookRequest] | None = None) -> HookRequest:
    """The request in the body.

    Unknown members and ``extension`` at any level are ignored.

    Args:
        body: As received.
        usual: A decoder of requests as they usually are, which decodes prefetch values too; what it cannot
            take is decoded here.

    Raises:
        NotJson: Not a JSON object in UTF-8, or a number or text that JSON cannot carry.
        MemberMissing, MemberInvalid: Names the members.
        AuthorizationWithoutServer: A token without the server it is for.
    """
    request = (usual and decode_text(usual, body)) or decode_text(_DECODER, body) or _of_last_members(body)
    if request is None or not _is_object(request.context) or not (request.hook and request.hook_instance):
        raise _what_is_wrong(body)
    if request.fhir_authorization and not request.fhir_server:
        raise AuthorizationWithoutServer
    return request


def _of_last_members(body: bytes) -> HookRequest | None:
    """The request as the last of each member says, where an earlier one is of a wrong form."""
    try:
        return _DECODER.decode(last_of_each(body))
    except (msgspec.DecodeError, RecursionError):
        return None


def _is_object(raw: msgspec.Raw) -> bool:
    return bytes(memoryview(raw)[:1]) == b"{"


def _what_is_wrong(body: bytes) -> MemberMissing | MemberInvalid | NotJson:
    members = decode_text(_MEMBERS, body)
    if members is None:
        return NotJson()
    missing = [name for name in _REQUIRED if bytes(members.get(name, b"null")) in (b"null", b'""')]
    if missing:
        return MemberMissing(*missing)
    return MemberInvalid(*(name for name, raw in members.items() if name in _FORMS and not _fits(name, raw)))


def _fits(name: str, raw: msgspec.Raw) -> bool:
    try:
        _CHECKS[name].decode(raw)
    except msgspec.ValidationError:
        return False
    return True
