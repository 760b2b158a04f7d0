"""One FHIR server of the list: its connections, its threads, what it can do, and whether it lives."""

from __future__ import annotations

import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING

import msgspec
from circuitbreaker import CircuitBreaker

from cds_service import telemetry
from cds_service.clinical_data import DataState, KeyData
from cds_service.fhir_access.classify import Classified
from cds_service.fhir_access.fetching.capability import Capabilities
from cds_service.fhir_access.fetching.client import CONNECTIONS, Client
from cds_service.fhir_access.fetching.search import KeyReading, Reader, counted
from cds_service.fhir_access.outcomes import Outcome
from cds_service.fhir_access.source import Fetched, Order

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable

    from cds_service.fhir_access.allow_list import ListedServer
    from cds_service.fhir_access.fetching.sockets import Resolve
    from cds_service.fhir_access.limits import FetchLimits

# Hook calls in a row in which the server answered nothing; after these it is left alone for a while.
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 30
# Calls end by themselves at the deadline; so much later those are left that cannot (a name being resolved).
GRACE_SECONDS = 0.03
_FAILED = Classified(KeyData(DataState.FAILED))


class _NotAnswered(Exception):
    """In one hook call the server answered nothing."""


class Server:
    """Reads from one server, for any number of hook calls at a time."""

    def __init__(
        self,
        listed: ListedServer,
        limits: FetchLimits,
        codes: Callable[[], Iterable[str]],
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        self._limits = limits
        self._codes = codes
        self._client = Client(listed, limits, resolve)
        self._capabilities = Capabilities(listed.base)
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="fhir")
        self._breaker = CircuitBreaker(
            failure_threshold=FAILURES_TO_OPEN,
            recovery_timeout=OPEN_SECONDS,
            expected_exception=_NotAnswered,
            name=listed.name,
        )

    def read(self, order: Order) -> Fetched:
        """Everything of the order that can be had before the deadline."""
        name = self._client.server.name
        if self._breaker.opened:
            keys = {need.key: _FAILED for need in order.needs}
            return Fetched(keys, {Outcome.CIRCUIT_OPEN.value: len(order.needs) + len(order.begun)}, name)
        began = time.monotonic()
        reader = Reader(
            self._client,
            self._capabilities,
            self._limits,
            order.grant.token,
            began + self._limits.total_seconds,
            self._codes(),
        )
        readings = self._readings(order, reader)
        late = self._run(readings, reader.until)
        keys = {r.need.key: _cut_off(r) if r in late else r.pages.classified() for r in readings}
        outcomes = counted(readings)
        outcomes[Outcome.TIMEOUT.value] += len(late)
        self._judge(outcomes)
        milliseconds = round((time.monotonic() - began) * 1000, 2)
        return Fetched(keys, +outcomes, name, milliseconds)

    def _readings(self, order: Order, reader: Reader) -> list[KeyReading]:
        missing = [KeyReading(need, order.patient_id, reader) for need in order.needs]
        return missing + [KeyReading(begun.need, order.patient_id, reader, begun) for begun in order.begun]

    def _run(self, readings: list[KeyReading], until: float) -> list[KeyReading]:
        """Run them at the same time; those that have not ended when the time is over."""
        # In the context of this call, so that its lines and queries can be told apart from others.
        running = {
            self._threads.submit(copy_context().run, _guarded, reading): reading for reading in readings
        }
        _, late = wait(running, timeout=max(until - time.monotonic(), 0) + GRACE_SECONDS)
        for future in late:
            future.cancel()
        return [running[future] for future in late]

    def _judge(self, outcomes: Counter[str]) -> None:
        """Tell the breaker how the server did; one answer of any kind shows that it lives."""
        seen = +outcomes
        if not seen:
            return
        is_dead = all(Outcome(name).is_fault_of_server for name in seen)

        def report() -> None:
            if is_dead:
                raise _NotAnswered

        with suppress(_NotAnswered):
            self._breaker.call(report)


def _cut_off(reading: KeyReading) -> Classified:
    """What had come of a key when the time was over."""
    found = reading.so_far
    if found is None or found.data.state is DataState.FAILED:
        return _FAILED
    return msgspec.structs.replace(found, data=msgspec.structs.replace(found.data, state=DataState.PARTIAL))


def _guarded(reading: KeyReading) -> None:
    """A mistake of ours costs its key, is logged, and is never taken for an empty answer."""
    try:
        reading.run()
    except Exception as error:
        reading.pages.is_whole = False
        reading.outcomes.append(Outcome.INTERNAL)
        telemetry.emit(
            telemetry.FETCH_FAILED,
            logging.ERROR,
            error_type=type(error).__name__,
            where=telemetry.frames(error),
        )
