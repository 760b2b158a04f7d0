"""Run the service in this process until it is told to stop."""

from __future__ import annotations

import gc
import signal
import threading
from typing import TYPE_CHECKING

from cds_service import telemetry
from cds_service.cards import preload
from cds_service.server import make_server
from cds_service.wsgi import assemble

if TYPE_CHECKING:
    from collections.abc import Callable

    from cds_service.config import Settings
    from cds_service.wsgi import Service

# Requests make many short-lived objects and almost no cycles: collect seldom.
GC_THRESHOLDS = (50_000, 20, 50)
# The library that checks suggestions is large; load it once the first callers have been answered.
PRELOAD_AFTER_SECONDS = 1.0


def freeze() -> None:
    """Keep what is loaded out of every later garbage collection."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def serve(settings: Settings, greet: Callable[[str], None]) -> None:
    """Listen and answer until SIGTERM or SIGINT.

    Args:
        settings: Of this process.
        greet: Told the base URL once the socket listens.

    Raises:
        StartError: Says what is wrong and what to do.
    """
    telemetry.set_up()
    service = assemble(settings)
    service.start()
    server = make_server(service.app, settings.host, settings.port, settings.max_body_bytes)
    freeze()
    port = int(server.effective_port)
    greet(f"http://{settings.host}:{port}")
    telemetry.emit(
        telemetry.SERVICE_STARTED,
        host=settings.host,
        port=port,
        as_of_fixed=settings.as_of is not None or None,
        callers="verified" if settings.clients else "anyone",
    )
    timer = threading.Timer(PRELOAD_AFTER_SECONDS, _preload, [service])
    timer.daemon = True
    timer.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: server.stop())
    server.run()
    timer.cancel()
    service.stop()
    telemetry.emit(telemetry.SERVICE_STOPPED)


def _preload(service: Service) -> None:
    preload()
    service.metrics.start()
    freeze()
