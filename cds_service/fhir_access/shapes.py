"""The outside of a prefetch value: what kind of thing it is, and a Bundle's entries.

Typed decoding of a whole Bundle is fast and fails on one strange entry, so each step falls back to taking
the thing apart piece by piece.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

T = TypeVar("T")

NULL = b"null"
NOTHING = msgspec.Raw(b"")
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# Of one search; more are no chart, and reading them would hold up everybody else: the key is unreadable then.
ENTRY_LIMIT = 20_000


class Header(msgspec.Struct, rename="camel", gc=False, frozen=True):
    """What tells a resource from another."""

    resource_type: str | None = None
    id: str | None = None


class Labels(msgspec.Struct, rename="camel", gc=False, frozen=True):
    """The same of whatever form: a strange id must not hide the type, wherever it stands."""

    resource_type: Any = None
    id: Any = None


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
    """One link of a Bundle; ``url`` is text in FHIR and may be anything here."""

    relation: str | None = None
    url: Any = None


class Bundle(msgspec.Struct, gc=False, frozen=True):
    """A searchset."""

    entry: Annotated[list[Entry], Meta(max_length=ENTRY_LIMIT)] | None = []
    link: list[Link] | None = []
    total: float | None = None


_LABELS = msgspec.json.Decoder(Labels)
_BUNDLE = msgspec.json.Decoder(Bundle)
_ENTRY = msgspec.json.Decoder(Entry)
_OUTCOME = msgspec.json.Decoder(OperationOutcome)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(Annotated[list[msgspec.Raw], Meta(max_length=ENTRY_LIMIT)])
_LINK = msgspec.json.Decoder(Link)
_TOTAL = msgspec.json.Decoder(float | None, strict=False)
_REASSURING = ("warning", "information", "success")


def decoded(decoder: msgspec.json.Decoder[T], raw: msgspec.Raw | bytes) -> T | None:
    """What the decoder makes of it, or None."""
    try:
        return decoder.decode(raw)
    except UNDECODABLE:
        return None


def is_object(raw: msgspec.Raw) -> bool:
    """Whether it is a JSON object."""
    return bytes(memoryview(raw)[:1]) == b"{"


def header(raw: msgspec.Raw | bytes) -> Header:
    """Type and id; each None when it cannot be read."""
    found = decoded(_LABELS, raw) or Labels()
    return Header(*(label if isinstance(label, str) else None for label in (found.resource_type, found.id)))


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
    return decoded(_MEMBERS, raw) or {}


def is_failure(raw: msgspec.Raw) -> bool:
    """Whether an OperationOutcome says that something failed; one that says nothing readable does too."""
    outcome = decoded(_OUTCOME, raw)
    if outcome is None or not outcome.issue:
        return True
    return any(issue.severity not in _REASSURING for issue in outcome.issue)


def bundle(raw: msgspec.Raw) -> Bundle | None:
    """The Bundle; None when its entries cannot be told apart."""
    return decoded(_BUNDLE, raw) or _piecewise(members(raw))


def without(raw: msgspec.Raw, *names: str) -> msgspec.Raw:
    """The object without these members."""
    kept = {name: value for name, value in members(raw).items() if name not in names}
    return msgspec.Raw(msgspec.json.encode(kept))


def _piecewise(parts: dict[str, msgspec.Raw]) -> Bundle | None:
    items = decoded(_ITEMS, parts.get("entry", msgspec.Raw(b"[]")))
    if items is None:
        return None
    link = parts.get("link", NOTHING)
    links = [link] if is_object(link) else decoded(_ITEMS, link) or []
    return Bundle(
        entry=[decoded(_ENTRY, item) or Entry() for item in items],
        link=[found for item in links if (found := decoded(_LINK, item))],
        total=decoded(_TOTAL, parts.get("total", NOTHING)),
    )
