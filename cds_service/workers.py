"""Several worker processes on one socket: gunicorn looks after the processes, waitress reads and answers.

gunicorn starts workers, replaces one that dies or hangs, and exchanges them one set after the other (SIGHUP).
Its own ways of reading let a few stalled clients stop everyone (ADR 1), so each worker runs our server.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import tempfile
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from cds_service.parts import open_store
from cds_service.reception import Reception
from cds_service.running import announce, answer, freeze
from cds_service.server import DRAIN_SECONDS, listen, server_on
from cds_service.wsgi import assemble

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from cds_service.config import Settings

# A worker that has not said for so long that it lives is replaced.
HEARTBEAT_SECONDS = 30
# Longer than the server takes to finish what it has begun.
GRACEFUL_SECONDS = int(DRAIN_SECONDS) + 5


class Lines(Logger):
    """gunicorn's messages go where all others go, as who spoke and where."""

    def setup(self, cfg: Any) -> None:
        """Leave the handlers to the root logger."""
        self.loglevel = logging.WARNING
        for log in (self.error_log, self.access_log):
            log.handlers = []
            log.propagate = True
            log.setLevel(logging.WARNING)
        self.cfg = cfg


class WaitressWorker(Worker):
    """A process that runs our server on the shared socket."""

    def run(self) -> None:
        """Answer until told to stop, or until nobody looks after this process any more."""
        settings: Settings = self.app.settings
        service = self.wsgi
        service.start()
        server = server_on(self.sockets[0].sock, service.app, Reception.of(settings), service.threads)
        freeze()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, lambda _number, _frame: server.stop())

        def goes_on() -> bool:
            self.notify()
            # Told to stop before the handlers above were in place, or left alone.
            return bool(self.alive and os.getppid() == self.ppid)

        answer(service, server, goes_on)


class Workers(BaseApplication):
    """The service as gunicorn loads it, in each worker anew."""

    def __init__(self, settings: Settings, listening: socket.socket, greet: Callable[[str], None]) -> None:
        self.settings = settings
        self._port = int(listening.getsockname()[1])
        # gunicorn takes the socket over: nothing here may close it.
        self._fd = listening.detach()
        self._greet = greet
        super().__init__()

    def load_config(self) -> None:
        """Fixed here: files and variables of gunicorn's own are not read."""
        settings = {
            "bind": f"fd://{self._fd}",
            "workers": self.settings.workers,
            "worker_class": WaitressWorker,
            "logger_class": Lines,
            "timeout": HEARTBEAT_SECONDS,
            "graceful_timeout": GRACEFUL_SECONDS,
            "when_ready": self._ready,
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The service of one worker."""
        return assemble(self.settings)

    def _ready(self, _arbiter: Any) -> None:
        announce(self.settings, self._port, self._greet)


def serve_with_workers(settings: Settings, greet: Callable[[str], None]) -> None:
    """Listen and answer in several processes until SIGTERM or SIGINT.

    Raises:
        StartError: Says what is wrong and what to do.
    """
    # What would stop every worker stops the start, with a sentence; the store is upgraded once.
    if assemble(settings).needs_store:
        open_store(settings).close()
    listening = listen(settings.host, settings.port)
    parent = os.getpid()
    folder = tempfile.mkdtemp(prefix="cds-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    try:
        Workers(settings, listening, greet).run()
    finally:
        # A worker that ends comes by here too.
        if os.getpid() == parent:
            shutil.rmtree(folder, ignore_errors=True)
