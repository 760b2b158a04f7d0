"""Run the service until it is told to stop."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from cds_service import telemetry
from cds_service.reception import Reception
from cds_service.running import announce, answer, freeze
from cds_service.server import make_server
from cds_service.wsgi import assemble

if TYPE_CHECKING:
    from collections.abc import Callable

    from cds_service.config import Settings


def serve(settings: Settings, greet: Callable[[str], None]) -> None:
    """Listen and answer until SIGTERM or SIGINT, in this process or in several workers.

    Args:
        settings: Of this process.
        greet: Told the base URL once the socket listens.

    Raises:
        StartError: Says what is wrong and what to do.
    """
    telemetry.set_up()
    if settings.workers > 1:
        from cds_service.workers import serve_with_workers

        serve_with_workers(settings, greet)
        return
    service = assemble(settings)
    service.start()
    server = make_server(service.app, settings.host, settings.port, Reception.of(settings), service.threads)
    freeze()
    announce(settings, int(server.effective_port), greet)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: server.stop())
    answer(service, server)
    telemetry.emit(telemetry.SERVICE_STOPPED)
