"""Run the service in this process until it is told to stop."""

from __future__ import annotations

import gc
import signal
import threading
from typing import TYPE_CHECKING

from cds_service import telemetry
from cds_service.cards import preload
from cds_service.fhir_access import fetcher
from cds_service.server import THREADS, WAITING_THREADS, make_server
from cds_service.wsgi import application

if TYPE_CHECKING:
    from collections.abc import Callable

    from cds_service.config import Settings

# Requests make many short-lived objects and almost no cycles: collect seldom.
GC_THRESHOLDS = (50_000, 20, 50)
# The library that checks suggestions is large; load it once the first callers have been answered.
PRELOAD_AFTER_SECONDS = 1.0


def freeze() -> None:
    """Keep what is loaded out of every later garbage collection, and collect what comes."""
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()


def serve(settings: Settings, greet: Callable[[str], None]) -> None:
    """Listen and answer until SIGTERM or SIGINT.

    Args:
        settings: Of this process.
        greet: Told the base URL once the socket listens.

    Raises:
        StartError: Says what is wrong and what to do.
    """
    telemetry.set_up()
    threads = WAITING_THREADS if settings.fhir_servers else THREADS
    server = make_server(
        application(settings), settings.host, settings.port, settings.max_body_bytes, threads
    )
    freeze()
    port = int(server.effective_port)
    greet(f"http://{settings.host}:{port}")
    telemetry.emit(
        telemetry.SERVICE_STARTED,
        host=settings.host,
        port=port,
        as_of_fixed=settings.as_of is not None or None,
    )
    timer = threading.Timer(PRELOAD_AFTER_SECONDS, _preload, [bool(settings.fhir_servers)])
    timer.daemon = True
    timer.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: server.stop())
    server.run()
    timer.cancel()
    telemetry.emit(telemetry.SERVICE_STOPPED)


def _preload(may_read: bool) -> None:
    preload()
    if may_read:
        fetcher.preload()
    gc.collect()
    freeze()
