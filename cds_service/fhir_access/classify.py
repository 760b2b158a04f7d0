"""One prefetch value to its state and its resources: the only place where the two are decided."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import structs

from cds_service.clinical_data import DataState, KeyData, Unreadable
from cds_service.fhir_access import shapes
from cds_service.fhir_access.plain import Plain, PlainBundle, PrefetchValue, plain_bundle
from cds_service.fhir_r4 import STRUCTS, decode

if TYPE_CHECKING:
    from cds_service.fhir_access.templates import DataNeed

OUTCOME = "OperationOutcome"
# How FHIR writes the name of a type.
_TYPE = re.compile(r"[A-Z][A-Za-z]+")
# Types of FHIR DSTU2 and STU3 that R4 does not know: the whole body is of another version.
OLD_TYPES = frozenset({"MedicationOrder", "DiagnosticOrder", "ProcedureRequest", "ReferralRequest"})
# What a search may bring along for its matches to refer to.
COMPANIONS = frozenset({"Medication", "Observation", "Condition", "Procedure", "Device"})


@dataclass(slots=True)
class Sorted:
    """Entries of one Bundle, sorted by what they are to us.

    ``dropped`` counts, by reason: "unexpected-type", "old-version", "old-status".
    """

    matches: list[Any] = field(default_factory=list)
    included: list[Any] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    seen: int = 0
    has_failed: bool = False


class Response(msgspec.Struct, gc=False, frozen=True):
    """How a request ended; without a status it went well."""

    status: Any = "200"


_RESPONSE = msgspec.json.Decoder(Response)


class Classified(msgspec.Struct, frozen=True, gc=False):
    """The data of a key, and what was not used of it (reason to count)."""

    data: KeyData
    dropped: Mapping[str, int] | None = None


_NOT_TRIED = Classified(KeyData(DataState.NOT_TRIED))
_JUNK = Classified(KeyData(DataState.NOT_TRIED), {"junk-value": 1})
_EMPTY = Classified(KeyData(DataState.EMPTY))
_FAILED = Classified(KeyData(DataState.FAILED))


def classify(value: PrefetchValue | None, need: DataNeed) -> Classified:
    """State and resources of one prefetch value.

    Args:
        value: As received, or decoded already where it is plain; None when the key was not sent.
        need: The query the key stands for.
    """
    if value is None:
        return _NOT_TRIED
    if isinstance(value, PlainBundle):
        return _plain(value, need)
    if bytes(value) == shapes.NULL:
        # A patient without a Patient resource is not plausible: nobody looked.
        return _NOT_TRIED if need.is_read else _EMPTY
    return _resource(value, need)


def next_page(value: PrefetchValue) -> object:
    """Where a Bundle says its next page is, as written there; None without one."""
    links = value.link if isinstance(value, PlainBundle) else (shapes.bundle(value) or shapes.Bundle()).link
    return next((link.url for link in links or () if link.relation == "next"), None)


def first_page(value: PrefetchValue, need: DataNeed) -> Classified:
    """A Bundle as if it had no further page; whether it is whole is seen when the others have come."""
    need = structs.replace(need, page_size=None)
    if isinstance(value, PlainBundle):
        return classify(msgspec.structs.replace(value, link=[], total=None), need)
    return classify(shapes.without(value, "link", "total"), need)


def _plain(bundle: Plain, need: DataNeed) -> Classified:
    state = _whole_or_cut(bundle, len(bundle.entry), need)
    return Classified(KeyData(state, tuple([entry.resource for entry in bundle.entry])))


def _resource(raw: msgspec.Raw, need: DataNeed) -> Classified:
    if need.is_read:
        if whole := _whole(raw, need):
            return whole
    elif plain := plain_bundle(raw, need):
        return _plain(plain, need)
    kind = shapes.header(raw).resource_type
    if kind == OUTCOME:
        return _FAILED if shapes.is_failure(raw) else _EMPTY
    if kind == "Bundle" and not need.is_read:
        return _bundle(raw, need)
    if kind == need.resource_type:
        return _single(raw, need)
    if kind is None and "resource" in (parts := shapes.members(raw)) and "response" in parts:
        return _answered(parts["response"], parts["resource"], need)
    return _JUNK


def _answered(response: msgspec.Raw, resource: msgspec.Raw, need: DataNeed) -> Classified:
    """The shape before version 1.0: a resource, and how the request for it ended."""
    status = shapes.decoded(_RESPONSE, response)
    if status is None or not str(status.status).startswith("2"):
        return _FAILED
    return classify(resource, need)


def _whole_or_cut(bundle: shapes.Bundle | Plain, matches: int, need: DataNeed) -> DataState:
    """State of a set without errors in it."""
    if _has_next(bundle.link) or matches == need.page_size:
        return DataState.PARTIAL
    if matches:
        return DataState.OK
    # A count without the resources is an answer to another question.
    return DataState.PARTIAL if bundle.total else DataState.EMPTY


def _has_next(links: list[shapes.Link] | None) -> bool:
    return any(link.relation == "next" for link in links or ())


def _whole(raw: msgspec.Raw, need: DataNeed) -> Classified | None:
    """The resource of a read as it usually is: of the right type, and readable."""
    decoded = decode(raw, STRUCTS[need.resource_type])
    resource = decoded.resource
    if resource is None or decoded.unreadable or resource.resource_type != need.resource_type:
        return None
    return Classified(KeyData(DataState.OK, (resource,)))


def _single(raw: msgspec.Raw, need: DataNeed) -> Classified:
    """The resource of a read; for a search one bare resource, which says nothing about others."""
    found = Sorted()
    _keep(raw, need.resource_type, found.matches, found)
    state = DataState.OK if need.is_read else DataState.PARTIAL
    if not found.matches:
        state = DataState.FAILED
    return Classified(_key_data(state, found), found.dropped)


def _bundle(raw: msgspec.Raw, need: DataNeed) -> Classified:
    bundle = shapes.bundle(raw)
    if bundle is None:
        return Classified(KeyData(DataState.FAILED), {"junk-value": 1})
    found = Sorted()
    for entry in bundle.entry or ():
        _sort(entry, need, found)
    return Classified(_key_data(_bundle_state(bundle, found, need), found), found.dropped)


def _bundle_state(bundle: shapes.Bundle, found: Sorted, need: DataNeed) -> DataState:
    if found.has_failed:
        return DataState.PARTIAL if found.seen else DataState.FAILED
    state = _whole_or_cut(bundle, found.seen, need)
    if found.dropped and not found.seen and state is not DataState.PARTIAL:
        return DataState.NOT_TRIED  # something else than we asked for
    return state


def _sort(entry: shapes.Entry, need: DataNeed, found: Sorted) -> None:
    raw = entry.resource
    if not shapes.is_object(raw):
        found.seen += 1
        found.unreadable.append(Unreadable(f"{need.resource_type}/?", ()))
    elif shapes.is_kind(raw, need.resource_type) and _mode(entry) not in ("include", "outcome"):
        found.seen += 1
        _keep(raw, need.resource_type, found.matches, found)
    else:
        _sort_other(raw, entry, need, found)


def _sort_other(raw: msgspec.Raw, entry: shapes.Entry, need: DataNeed, found: Sorted) -> None:
    kind = shapes.header(raw).resource_type or ""
    if kind == OUTCOME:
        found.has_failed = found.has_failed or shapes.is_failure(raw)
    elif kind == "Medication" or (_mode(entry) == "include" and kind in COMPANIONS):
        _keep(raw, kind, found.included, found)
    elif _mode(entry) in ("include", "outcome"):
        return
    elif not _TYPE.fullmatch(kind) or kind == "Bundle":
        # Nobody can tell what it is: it may be just what was asked for.
        found.seen += 1
        found.unreadable.append(Unreadable(f"{need.resource_type}/{shapes.header(raw).id or '?'}", ()))
    else:
        found.dropped["old-version" if kind in OLD_TYPES else "unexpected-type"] += 1


def _mode(entry: shapes.Entry) -> str | None:
    return entry.search.mode if entry.search else None


def _keep(raw: msgspec.Raw, kind: str, kept: list[Any], found: Sorted) -> None:
    """Decode one resource on its own, so that a strange one costs only itself."""
    decoded = decode(raw, STRUCTS[kind])
    if decoded.resource is not None:
        kept.append(decoded.resource)
    if decoded.resource is None and _has_old_status(raw):
        found.dropped["old-status"] += 1
    if decoded.resource is None or decoded.unreadable:
        ref = f"{kind}/{shapes.header(raw).id or '?'}"
        found.unreadable.append(Unreadable(ref, decoded.unreadable))


def _has_old_status(raw: msgspec.Raw) -> bool:
    """A plain code where R4 has a CodeableConcept: how DSTU2 and STU3 write a clinical status."""
    return bytes(shapes.members(raw).get("clinicalStatus", shapes.NOTHING))[:1] == b'"'


def _key_data(state: DataState, found: Sorted) -> KeyData:
    return KeyData(state, tuple(found.matches), tuple(found.included), tuple(found.unreadable))
