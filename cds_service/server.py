"""waitress, set up so that no request body touches a disk and every error is an OperationOutcome.

More requests than can be answered in time are refused at once (503), and an orderly stop loses none that has
arrived.

waitress reads requests in one thread without blocking: some clients that stall cost it nothing. A thousand
would fill its connections until they have had their time. In front of anyone who is not trusted belongs a
proxy that takes requests in whole.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from cds_service import errors, telemetry
from cds_service.reception import Bodies, Parser, Reception
from cds_service.refusals import OutcomeTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication

# A body over the limit is read and thrown away up to here, so that its sender gets to see the 413 instead of
# a broken connection; beyond, the connection is closed.
DRAIN_LIMIT_BYTES = 64 * 1024 * 1024
HEADER_LIMIT_BYTES = 64 * 1024
BACKLOG = 1024
THREADS = 4
# Where answers may wait for FHIR servers: a slow one must not keep those that wait for nothing.
WAITING_THREADS = 32
# For refusals, and for those who ask how we are: neither has to wait until an answer is done.
BESIDE_THREADS = 2
CONNECTIONS = 1000
IDLE_SECONDS = 60
# A request that has not arrived whole by then is given up, however often a byte of it comes.
REQUEST_SECONDS = 30
LOOP_SECONDS = 1.0
DRAIN_SECONDS = 10.0
# A connection on which nothing has happened for so long may be closed at a stop.
QUIET_SECONDS = 0.3
# Requests that wait for a thread; at a few milliseconds each, one more would wait too long to be of use.
WAITING_LIMIT = 100
RECEIVE_BYTES = 256 * 1024
OPERATORS = ("/healthz", "/readyz", "/metrics")


class Channel(HTTPChannel):
    """A connection with our parser and our refusals."""

    error_task_class = OutcomeTask
    began = 0.0

    def parser_class(self, adj: Adjustments) -> Parser:
        """What reads the next request; waitress calls it as the class it has here."""
        return Parser(adj, self.server.reception, self.server.bodies)

    def received(self, data: bytes) -> bool:
        """Take what was received; from the first byte of a request its time runs."""
        before = self.request
        arrived: bool = super().received(data)
        if self.request is not before:
            self.began = time.time()
        return arrived

    def handle_close(self) -> None:
        """Forget what has arrived of a request nobody will answer."""
        super().handle_close()
        if self.request is not None:
            self.request.close()

    def service(self) -> None:
        """Answer one request; while the server stops, it is the connection's last."""
        if self.server.is_stopping:
            self.requests[0].headers["CONNECTION"] = "close"
        super().service()


def log_refusal(error: errors.ServiceError) -> None:
    """What the application never saw leaves a line too."""
    telemetry.emit(telemetry.REQUEST_REFUSED, error_code=error.code, status=int(error.status))


class Server(TcpWSGIServer):
    """One process on a listening socket, its own or one it shares with other processes."""

    channel_class = Channel
    is_stopping = False
    on_refusal: Callable[[errors.ServiceError], None] = staticmethod(log_refusal)

    def __init__(self, app: WSGIApplication, reception: Reception, **more: Any) -> None:
        self.reception = reception
        self.bodies = Bodies(reception.max_bodies_bytes)
        self._beside = ThreadedTaskDispatcher()
        self._beside.set_thread_count(BESIDE_THREADS)
        # Reentrant: a signal may ask for the stop in the thread that is just ending.
        self._trigger_lock = threading.RLock()
        self._has_ended = False
        super().__init__(app, **more)

    def add_task(self, task: Channel) -> None:
        """Take a request that has arrived; refuse it when too many wait, unless it asks how we are."""
        request = task.requests[0]
        asks_how_we_are = not request.error and request.path in OPERATORS
        if not request.error:
            request.keep()
            is_full = len(self.task_dispatcher.queue) >= WAITING_LIMIT and not asks_how_we_are
            if request.was_let_go or is_full:
                request.error = errors.Overloaded()
        goes_beside = request.error or asks_how_we_are
        (self._beside if goes_beside else self.task_dispatcher).add_task(task)

    def maintenance(self, now: float) -> None:
        """Close what idles, as waitress does, and what has been sending one request for too long."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            is_arriving = channel.request is not None and not channel.requests
            if is_arriving and channel.began < now - REQUEST_SECONDS:
                channel.will_close = True

    def run(self, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Answer until ``stop`` is called, or ``goes_on`` says no; then finish what has arrived.

        Args:
            goes_on: Asked every second at least.
        """
        while not self.is_stopping and goes_on():
            self._poll(LOOP_SECONDS)
        self.is_stopping = True
        self._accept_waiting()
        self.del_channel()
        self.socket.close()
        deadline = time.monotonic() + DRAIN_SECONDS
        is_quiet = False
        while not is_quiet and time.monotonic() < deadline:
            # As of before the look: what has arrived by then is seen by it, however long we waited.
            now = time.time()
            self._poll(0.05)
            is_quiet = self._is_quiet(now)
        self.task_dispatcher.shutdown()
        self._beside.shutdown()
        with self._trigger_lock:
            self._has_ended = True
        wasyncore.close_all(self._map)

    def _accept_waiting(self) -> None:
        """Connections the system has taken for us would be broken when the socket is closed."""
        for _ in range(BACKLOG):
            if not select.select([self.socket], [], [], 0)[0]:
                return
            self.handle_accept()

    def stop(self) -> None:
        """Ask ``run`` to end; safe in a signal handler, in another thread, and when it has ended."""
        if not self.is_stopping:
            self.is_stopping = True
            self.pull_trigger()

    def pull_trigger(self) -> None:
        """Wake ``run``, unless it has ended: what its pipe was may be another file by then."""
        with self._trigger_lock:
            if not self._has_ended:
                super().pull_trigger()

    def _poll(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _is_quiet(self, now: float) -> bool:
        """Whether nothing is being answered, and no connection was used a moment ago."""
        limit = now - QUIET_SECONDS
        return not any(
            channel.requests or channel.request or channel.total_outbufs_len or channel.last_activity > limit
            for channel in tuple(self.active_channels.values())
        )


def make_server(
    app: WSGIApplication, host: str, port: int, reception: Reception, threads: int = THREADS
) -> Server:
    """A server that listens already.

    Args:
        app: What answers.
        host: To listen on.
        port: To listen on.
        reception: What is received.
        threads: How many requests are answered at the same time.

    Raises:
        ServerError: The address cannot be listened on; says what to do.
    """
    return server_on(listen(host, port), app, reception, threads)


def server_on(
    listening: socket.socket, app: WSGIApplication, reception: Reception, threads: int = THREADS
) -> Server:
    """A server on a socket that listens."""
    sockinfo = (listening.family, listening.type, listening.proto, listening.getsockname())
    return Server(
        app,
        reception,
        _sock=listening,
        bind_socket=False,
        sockinfo=sockinfo,
        adj=_adjustments(listening, threads),
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, bound before anything of a server exists, so that a failure leaves nothing behind.

    Raises:
        ServerError: The address cannot be listened on; says what to do.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise errors.ServerError(_why_not(error, host, port)) from None


def _adjustments(listening: socket.socket, threads: int) -> Adjustments:
    return Adjustments(
        sockets=[listening],
        threads=threads,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=10,
        recv_bytes=RECEIVE_BYTES,
        max_request_body_size=DRAIN_LIMIT_BYTES + 1,
        max_request_header_size=HEADER_LIMIT_BYTES,
        log_socket_errors=False,
        ident=None,
    )


def _why_not(error: OSError, host: str, port: int) -> str:
    return (
        f"Cannot listen on {host}:{port}: {_reason(error)}. Stop the program that uses the port, or choose "
        f"another address with CDS_PORT and CDS_HOST, for example: CDS_PORT={port + 1} make run"
    )


def _reason(error: OSError) -> str:
    """What the system says, without what Python adds to it."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        return str(error.strerror)
    return os.strerror(error.errno)
