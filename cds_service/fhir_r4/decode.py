"""One resource, decoded on its own: fast when it is as expected, element by element when it is not."""

from __future__ import annotations

from functools import cache
from typing import Any, Generic, TypeVar, get_args, get_origin

import msgspec

from cds_service.fhir_r4.elements import CodeableConcept, Coding
from cds_service.fhir_r4.late import UNDECODABLE, is_readable, late_elements
from cds_service.fhir_r4.resources import Resource, ServiceRequest
from cds_service.value import Value

T = TypeVar("T", bound=Resource)
_NOT_READ = object()
# A resource whose status cannot be read may mean the opposite of what the rest says.
_TURNS_MEANING = frozenset(
    {
        "status",
        "clinicalStatus",
        "verificationStatus",
        "intent",
        "doNotPerform",
        "modifierExtension",
        "dataAbsentReason",
        "lifecycleStatus",
    }
)


class Decoded(Value, Generic[T], frozen=True):
    """A resource, or None; and the declared elements that could not be read (() with None: nothing could)."""

    resource: T | None
    unreadable: tuple[str, ...] = ()


def decode(raw: msgspec.Raw | bytes, struct_type: type[T]) -> Decoded[T]:
    """One resource of the given type; never raises for what is in the bytes.

    A malformed element costs itself: the others are still read, and its name is returned. Where an element
    that can turn the meaning round is malformed, the resource is not used.
    """
    try:
        resource = _decoder(struct_type).decode(raw)
    except UNDECODABLE:
        return _piecewise(raw, struct_type)
    if not is_readable(resource, set()):
        return _piecewise(raw, struct_type)
    return Decoded(_with_bytes(resource, raw))


@cache
def _decoder(struct_type: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(struct_type)


def _with_bytes(resource: T, raw: msgspec.Raw | bytes) -> T:
    return (
        msgspec.structs.replace(resource, raw=bytes(raw))
        if isinstance(resource, ServiceRequest)
        else resource
    )


def _piecewise(raw: msgspec.Raw | bytes, struct_type: type[T]) -> Decoded[T]:
    try:
        members = msgspec.json.decode(raw)
    except UNDECODABLE:
        return Decoded(None)
    if not isinstance(members, dict):
        return Decoded(None)
    read: dict[str, Any] = {}
    unreadable = []
    late = late_elements(struct_type)
    for field in msgspec.structs.fields(struct_type):
        if members.get(field.encode_name) is None:
            continue
        is_late = field.name in late
        declared = late[field.name].declared if is_late else field.type
        value, is_whole = _element(members[field.encode_name], declared)
        if value is not _NOT_READ:
            read[field.name] = msgspec.Raw(msgspec.json.encode(value)) if is_late else value
        if not is_whole:
            unreadable.append(field.encode_name)
    if _TURNS_MEANING.intersection(unreadable):
        return Decoded(None, tuple(unreadable))
    return Decoded(_with_bytes(struct_type(**read), raw), tuple(unreadable))


def _element(value: Any, declared: Any) -> tuple[Any, bool]:
    """The value as declared, and whether all of it was read; a list keeps the items that can be read."""
    item_type = _item_type(declared)
    try:
        read = msgspec.json.decode(msgspec.json.encode(value), type=declared)
    except UNDECODABLE:
        pass
    else:
        if all(is_readable(part, set()) for part in (read if item_type else (read,))):
            return read, True
    if item_type is None:
        return _concept(value, declared), False
    # Some clients send one object where FHIR has a list of them.
    items = [_element(item, item_type) for item in (value if isinstance(value, list) else [value])]
    kept = [item for item, _ in items if item is not _NOT_READ]
    return tuple(kept), all(is_whole for _, is_whole in items)


def _concept(value: Any, declared: Any) -> Any:
    """What can be read of a CodeableConcept: its text is worth keeping beside a malformed coding.

    No other type is taken apart: a Quantity without its comparator would be another quantity.
    """
    if CodeableConcept not in (get_args(declared) or (declared,)) or not isinstance(value, dict):
        return _NOT_READ
    coding, _ = _element(value.get("coding"), tuple[Coding, ...])
    text = value.get("text")
    return CodeableConcept(
        coding if coding is not _NOT_READ else None, text if isinstance(text, str) else None
    )


def _item_type(declared: Any) -> Any:
    """Type of the items when a list (or nothing) is declared, else None."""
    for option in (declared, *get_args(declared)):
        if get_origin(option) is tuple:
            return get_args(option)[0]
    return None
