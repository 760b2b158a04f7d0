"""The outside of a prefetch value: what kind of thing it is, and a Bundle's entries.

Typed decoding of a whole Bundle is fast and fails on one strange entry, so each step falls back to taking
the thing apart piece by piece.
"""

from __future__ import annotations

from functools import cache
from typing import Generic, TypeVar

import msgspec

from cds_service.fhir_r4.resources import Resource

T = TypeVar("T")
R = TypeVar("R", bound=Resource)

NULL = b"null"
NOTHING = msgspec.Raw(b"")
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Header(msgspec.Struct, rename="camel", gc=False, frozen=True):
    """What tells a resource from another."""

    resource_type: str | None = None
    id: str | None = None


class Issue(msgspec.Struct, gc=False, frozen=True):
    """One issue of an OperationOutcome."""

    severity: str = "error"  # required in FHIR; without it nothing reassuring is read from the outcome


class OperationOutcome(msgspec.Struct, gc=False, frozen=True):
    """The issues alone."""

    issue: list[Issue] = []


class Search(msgspec.Struct, gc=False, frozen=True):
    """Why an entry is in the Bundle."""

    mode: str | None = None


class Entry(msgspec.Struct, gc=False, frozen=True):
    """One entry of a Bundle; NOTHING stands for a resource that is not there or is no object."""

    resource: msgspec.Raw = NOTHING
    search: Search | None = None


class Link(msgspec.Struct, gc=False, frozen=True):
    """One link of a Bundle."""

    relation: str | None = None


class Bundle(msgspec.Struct, gc=False, frozen=True):
    """A searchset."""

    entry: list[Entry] | None = []
    link: list[Link] | None = []
    total: float | None = None


class PlainEntry(msgspec.Struct, Generic[R], gc=False, frozen=True):
    """An entry whose resource is decoded at once."""

    resource: R | None = None
    search: Search | None = None


class PlainBundle(msgspec.Struct, Generic[R], rename="camel", gc=False, frozen=True):
    """A searchset of one type and nothing else, decoded in one go."""

    resource_type: str | None = None
    entry: list[PlainEntry[R]] = []
    link: list[Link] = []
    total: float | None = None


_HEADER = msgspec.json.Decoder(Header)
_BUNDLE = msgspec.json.Decoder(Bundle)
_ENTRY = msgspec.json.Decoder(Entry)
_OUTCOME = msgspec.json.Decoder(OperationOutcome)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_LINKS = msgspec.json.Decoder(list[Link] | None)


def _decoded(decoder: msgspec.json.Decoder[T], raw: msgspec.Raw | bytes) -> T | None:
    try:
        return decoder.decode(raw)
    except UNDECODABLE:
        return None


def is_object(raw: msgspec.Raw) -> bool:
    """Whether it is a JSON object."""
    return bytes(memoryview(raw)[:1]) == b"{"


def header(raw: msgspec.Raw | bytes) -> Header:
    """Type and id; both None when they cannot be read."""
    return _decoded(_HEADER, raw) or Header()


def is_kind(raw: msgspec.Raw, kind: str) -> bool:
    """Whether the resource is of this type.

    Nearly every server writes ``resourceType`` first, which saves looking for it.
    """
    start = bytes(memoryview(raw)[: len(kind) + 20])
    if start.startswith((b'{"resourceType":"%b"' % kind.encode(), b'{"resourceType": "%b"' % kind.encode())):
        return True
    return header(raw).resource_type == kind


def members(raw: msgspec.Raw) -> dict[str, msgspec.Raw]:
    """The members of an object; nothing when it is not one."""
    return _decoded(_MEMBERS, raw) or {}


def is_failure(raw: msgspec.Raw) -> bool:
    """Whether an OperationOutcome says that something failed; one that cannot be read says so too."""
    outcome = _decoded(_OUTCOME, raw)
    return outcome is None or any(issue.severity in ("error", "fatal") for issue in outcome.issue)


@cache
def _plain_decoder(struct_type: type[R]) -> msgspec.json.Decoder[PlainBundle[R]]:
    return msgspec.json.Decoder(PlainBundle[struct_type])  # type: ignore[valid-type] # made at run time


def plain_bundle(raw: msgspec.Raw, kind: str, struct_type: type[R]) -> PlainBundle[R] | None:
    """The Bundle when it holds nothing but matches of this type, all of them as declared; else None."""
    bundle = _decoded(_plain_decoder(struct_type), raw)
    if bundle is None or bundle.resource_type != "Bundle":
        return None
    for entry in bundle.entry:
        if entry.resource is None or entry.resource.resource_type != kind:
            return None
        if entry.search is not None and entry.search.mode not in (None, "match"):
            return None
    return bundle


def bundle(raw: msgspec.Raw) -> Bundle | None:
    """The Bundle; None when its entries cannot be told apart."""
    return _decoded(_BUNDLE, raw) or _piecewise(members(raw))


def _piecewise(parts: dict[str, msgspec.Raw]) -> Bundle | None:
    items = _decoded(_ITEMS, parts.get("entry", msgspec.Raw(b"[]")))
    if items is None:
        return None
    links = _decoded(_LINKS, parts.get("link", msgspec.Raw(b"[]")))
    return Bundle(entry=[_decoded(_ENTRY, item) or Entry() for item in items], link=links)
