"""Decides whether anything may be read from a client's FHIR server, and has it read.

Light on purpose: the HTTP client and everything behind it is imported when the first call needs it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cds_service import telemetry
from cds_service.fhir_access.allow_list import AllowList
from cds_service.fhir_access.grant import NOT_LISTED
from cds_service.fhir_access.limits import FetchLimits
from cds_service.fhir_access.source import Fetched, Order

if TYPE_CHECKING:
    from cds_service.fhir_access.allow_list import ListedServer
    from cds_service.fhir_access.fetching.server import Server


def preload() -> None:
    """Import the HTTP client now, so that the first call that reads does not wait for it."""
    import cds_service.fhir_access.fetching.server  # noqa: F401


def _nobody(_server: str, _outcomes: Mapping[str, int], _seconds: float) -> None:
    return


def _no_codes() -> Iterable[str]:
    return ()


@dataclass(slots=True)
class Fetcher:
    """Reading from FHIR servers, for one process.

    Attributes:
        allow_list: Servers that may be called for clients nobody verified.
        limits: How long and how much.
        codes: ``system|code`` of every observation the pathway knows by a code.
        resolve: As ``socket.getaddrinfo``; None for that itself.
        told: Told what came of each order, for the metrics: server, outcomes, seconds.
    """

    allow_list: AllowList = field(default_factory=AllowList)
    limits: FetchLimits = field(default_factory=FetchLimits)
    codes: Callable[[], Iterable[str]] = _no_codes
    resolve: Callable[..., list[object]] | None = None
    told: Callable[[str, Mapping[str, int], float], None] = _nobody
    _servers: dict[ListedServer, Server] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fetch(self, order: Order) -> Fetched:
        """What can be had of the order; nothing, with the reason, where nothing may be read."""
        listed = (self.allow_list if order.servers is None else order.servers).find(order.grant.server)
        if listed is None:
            found = Fetched(outcomes={NOT_LISTED: 1})
        elif refusal := order.grant.refusal(order.patient_id, is_open=listed.is_open):
            found = Fetched(outcomes={refusal: 1}, server=listed.name)
        else:
            found = self._server(listed).read(order)
        self.told(found.server, found.outcomes, found.milliseconds / 1000)
        telemetry.emit(
            telemetry.FHIR_READ,
            fhir_server=found.server,
            fhir_outcomes=dict(found.outcomes),
            duration_ms=found.milliseconds,
        )
        return found

    def _server(self, listed: ListedServer) -> Server:
        with self._lock:
            if listed not in self._servers:
                self._servers[listed] = self._made(listed)
            return self._servers[listed]

    def _made(self, listed: ListedServer) -> Server:
        from cds_service.fhir_access.fetching.server import Server

        if self.resolve is None:
            return Server(listed, self.limits, self.codes)
        return Server(listed, self.limits, self.codes, self.resolve)
