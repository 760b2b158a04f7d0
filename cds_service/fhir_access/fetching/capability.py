"""What a server declares it can search for, read once and kept for an hour."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

import msgspec

from cds_service.fhir_access import shapes
from cds_service.fhir_access.fetching.query import Request
from cds_service.fhir_access.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from cds_service.fhir_access.fetching.client import Answer

KEPT_SECONDS = 3600.0
# After a server that did not say.
RETRY_SECONDS = 60.0


class _Param(msgspec.Struct, gc=False, frozen=True):
    name: str = ""


class _Type(msgspec.Struct, rename="camel", gc=False, frozen=True):
    type: str = ""
    search_param: list[_Param] = []


class _Rest(msgspec.Struct, gc=False, frozen=True):
    resource: list[_Type] = []


class _Statement(msgspec.Struct, rename="camel", gc=False, frozen=True):
    resource_type: str = ""
    rest: list[_Rest] = []


_DECODER = msgspec.json.Decoder(_Statement)


class Asker(Protocol):
    """Whoever may send a request to the server now."""

    def ask(self, request: Request) -> Answer:
        """The answer to one request."""
        ...


class Capabilities:
    """The CapabilityStatement of one server.

    It is read when something depends on it: a search that was refused, or one that was too much. The plain
    query every server takes needs no permission.
    """

    def __init__(self, base: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._request = Request("GET", f"{base}/metadata")
        self._clock = clock
        self._params: dict[str, frozenset[str]] = {}
        self._good_until = 0.0
        self._lock = threading.Lock()

    def search_params(self, kind: str, asker: Asker) -> frozenset[str] | None:
        """Names of the search parameters of a type; None when the server does not say.

        Of calls at the same time one asks the server, the others wait for it.
        """
        with self._lock:
            if self._clock() >= self._good_until:
                self._read(asker)
            return self._params.get(kind)

    def _read(self, asker: Asker) -> None:
        answer = asker.ask(self._request)
        found = shapes.decoded(_DECODER, answer.body) if answer.outcome is Outcome.OK else None
        if found is None or found.resource_type != "CapabilityStatement":
            self._good_until = self._clock() + RETRY_SECONDS
            return
        self._params = {
            kind.type: frozenset(param.name for param in kind.search_param)
            for rest in found.rest
            for kind in rest.resource
            if kind.search_param
        }
        self._good_until = self._clock() + KEPT_SECONDS
