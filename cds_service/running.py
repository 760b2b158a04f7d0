"""A server while it runs: what it says when it listens, and what works beside it."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

from cds_service import telemetry
from cds_service.cards import preload
from cds_service.fhir_access import fetcher
from cds_service.server import log_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from cds_service.config import Settings
    from cds_service.errors import ServiceError
    from cds_service.server import Server
    from cds_service.wsgi import Service

# Requests make many short-lived objects and almost no cycles: collect seldom.
GC_THRESHOLDS = (50_000, 20, 50)
# The library that checks suggestions is large; load it once the first callers have been answered.
PRELOAD_AFTER_SECONDS = 1.0
PRELOAD_SECONDS = 20.0


def freeze() -> None:
    """Keep what is loaded out of every later garbage collection, and collect what comes."""
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()


def announce(settings: Settings, port: int, greet: Callable[[str], None]) -> None:
    """Say that the service listens, where, and to whom."""
    greet(f"http://{settings.host}:{port}")
    telemetry.emit(
        telemetry.SERVICE_STARTED,
        host=settings.host,
        port=port,
        as_of_fixed=settings.as_of is not None or None,
        callers="verified" if settings.clients else "anyone",
        workers=settings.workers,
    )


def answer(service: Service, server: Server, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Run a server until it stops; what works beside it starts a moment later and is brought to its end."""

    def on_refusal(error: ServiceError) -> None:
        log_refusal(error)
        service.metrics.refused(error.code, int(error.status))

    server.on_refusal = on_refusal
    timer = threading.Timer(PRELOAD_AFTER_SECONDS, _preload, [service])
    timer.daemon = True
    timer.start()
    server.run(goes_on)
    timer.cancel()
    # First what waits to be written: who runs the processes may not wait for the rest.
    service.stop()
    # A library that is still being loaded when the process ends would abort it.
    timer.join(PRELOAD_SECONDS)


def _preload(service: Service) -> None:
    preload()
    if service.reads_servers:
        fetcher.preload()
    service.metrics.start()
    service.self_test()
    gc.collect()
    freeze()
