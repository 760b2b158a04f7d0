"""The usual case in one go: a request whose prefetch is Bundles of nothing but readable matches.

Decoding envelope, Bundles and resources together reads the body once instead of three times, which is a third
of what a request costs. Whatever is not usual goes the careful way, piece by piece, from the same bytes.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cds_service.fhir_access.shapes import ENTRY_LIMIT, NULL, UNDECODABLE, Link, Search
from cds_service.fhir_access.templates import NEEDS, DataNeed
from cds_service.fhir_r4 import STRUCTS, is_readable
from cds_service.fhir_r4.resources import Resource
from cds_service.protocol.request import HookRequest, parse_request

R = TypeVar("R", bound=Resource)

# Decoded one by one, since the decoder keeps the bytes of each.
KEPT_AS_RECEIVED = frozenset({"ServiceRequest"})


class PlainEntry(msgspec.Struct, Generic[R], gc=False, frozen=True):
    """An entry whose resource is decoded at once."""

    resource: R | None = None
    search: Search | None = None


class PlainBundle(msgspec.Struct, Generic[R], rename="camel", gc=False, frozen=True):
    """A searchset of one type."""

    resource_type: str | None = None
    entry: Annotated[list[PlainEntry[R]], Meta(max_length=ENTRY_LIMIT)] = []
    link: list[Link] = []
    total: float | None = None

    def is_plain(self, kind: str) -> bool:
        """Whether it holds nothing but matches of this type."""
        if self.resource_type != "Bundle":
            return False
        for entry in self.entry:
            if entry.resource is None or entry.resource.resource_type != kind:
                return False
            if entry.search is not None and entry.search.mode not in (None, "match"):
                return False
        return True


Plain = PlainBundle[Resource]
Value = msgspec.Raw | Plain


def _bundle_type(kind: str) -> Any:
    """``PlainBundle`` of the type with this name: which types there are is data, so no checker can know."""
    bundle: Any = PlainBundle
    return bundle[STRUCTS[kind]]


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
    is_whole = bundle.is_plain(need.resource_type) and all(
        is_readable(e.resource, read) for e in bundle.entry
    )
    return bundle if is_whole else None


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
    values = _values(request.prefetch)
    return None if values is None else msgspec.structs.replace(request, prefetch=values)


def _values(prefetch: object) -> dict[str, Value] | None:
    """Key to value, for the keys that were sent; None when one is not plain after all."""
    values: dict[str, Value] = {}
    for need in NEEDS if prefetch else ():
        value = getattr(prefetch, need.key)
        if isinstance(value, PlainBundle) and not value.is_plain(need.resource_type):
            return None
        if value is not UNSET:
            values[need.key] = msgspec.Raw(NULL) if value is None else value
    return values
