"""The usual case in one go: a request whose prefetch is Bundles of nothing but readable matches.

Decoding envelope, Bundles and resources together reads the body once instead of three times, which is a third
of what a request costs. Whatever is not usual goes the careful way, piece by piece, from the same bytes.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cds_service.fhir_access.shapes import ENTRY_LIMIT, NULL, UNDECODABLE, Link
from cds_service.fhir_access.templates import NEEDS, DataNeed
from cds_service.fhir_r4 import STRUCTS, is_readable
from cds_service.fhir_r4.resources import Resource
from cds_service.protocol.request import HookRequest, parse_request

R = TypeVar("R", bound=Resource)

# Decoded one by one, since the decoder keeps the bytes of each.
KEPT_AS_RECEIVED = frozenset({"ServiceRequest"})


class Match(msgspec.Struct, gc=False, frozen=True):
    """Why an entry is in the Bundle: it is what was searched for."""

    mode: Literal["match"] | None = None


class PlainEntry(msgspec.Struct, Generic[R], gc=False, frozen=True):
    """An entry whose resource is decoded at once."""

    resource: R
    search: Match | None = None


class PlainBundle(msgspec.Struct, Generic[R], rename="camel", gc=False, frozen=True):
    """A searchset with nothing in it but matches of one type; the decoder refuses every other."""

    resource_type: Literal["Bundle"]
    entry: Annotated[list[PlainEntry[R]], Meta(max_length=ENTRY_LIMIT)] = []
    link: list[Link] = []
    total: float | None = None


Plain = PlainBundle[Resource]
PrefetchValue = msgspec.Raw | Plain


@cache
def _bundle_type(kind: str) -> Any:
    """``PlainBundle`` of the type with this name: which types there are is data, so no checker can know."""
    said = msgspec.defstruct(
        kind, [("resource_type", Literal[kind])], bases=(STRUCTS[kind],), gc=False, frozen=True, kw_only=True
    )
    bundle: Any = PlainBundle
    return bundle[said]


@cache
def _decoder(kind: str) -> msgspec.json.Decoder[PlainBundle[Resource]]:
    return msgspec.json.Decoder(_bundle_type(kind))


def plain_bundle(raw: msgspec.Raw, need: DataNeed) -> PlainBundle[Resource] | None:
    """The Bundle when it is plain and every element of it can be read, else None."""
    if not _can_be_plain(need):
        return None
    try:
        bundle = _decoder(need.resource_type).decode(raw)
    except UNDECODABLE:
        return None
    read: set[tuple[str, bytes]] = set()
    return bundle if all(is_readable(entry.resource, read) for entry in bundle.entry) else None


def _can_be_plain(need: DataNeed) -> bool:
    return not need.is_read and need.resource_type not in KEPT_AS_RECEIVED


def _field(need: DataNeed) -> tuple[str, object, UnsetType]:
    if not _can_be_plain(need):
        return need.key, msgspec.Raw | UnsetType, UNSET
    return need.key, _bundle_type(need.resource_type) | None | UnsetType, UNSET


def _request_decoder() -> msgspec.json.Decoder[HookRequest]:
    """A decoder of requests whose prefetch is plain."""
    prefetch = msgspec.defstruct("PlainPrefetch", map(_field, NEEDS), gc=False, frozen=True)
    members = [("prefetch", prefetch | None, None)]
    request = msgspec.defstruct("PlainRequest", members, bases=(HookRequest,), rename="camel", frozen=True)
    return msgspec.json.Decoder(request)


_DECODER = _request_decoder()


def read_plain_request(body: bytes) -> HookRequest | None:
    """The request with its prefetch decoded, except for elements kept as bytes; None when it is not plain.

    Raises:
        ServiceError: What ``parse_request`` raises.
    """
    request = parse_request(body, _DECODER)
    if type(request) is HookRequest:
        return None
    return msgspec.structs.replace(request, prefetch=_values(request.prefetch))


def _values(prefetch: object) -> dict[str, PrefetchValue]:
    """Key to value, for the keys that were sent."""
    values: dict[str, PrefetchValue] = {}
    for need in NEEDS if prefetch else ():
        value = getattr(prefetch, need.key)
        if value is not UNSET:
            values[need.key] = msgspec.Raw(NULL) if value is None else value
    return values
