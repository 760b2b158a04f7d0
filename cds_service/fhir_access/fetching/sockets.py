"""Sockets that know when the call they serve has to end, and connections that only go where they may.

A timeout for each receive is not enough: a server that sends a byte now and then would never meet it. So
every receive gets what is left of the call. And the address is judged where it is used: the name is resolved
here, the judged address is connected to, and nobody resolves it again.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import certifi
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

from cds_service.fhir_access.addresses import is_allowed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.fhir_access.allow_list import Network

# As ``socket.getaddrinfo``: host, port -> addresses.
Resolve = Callable[..., "list[Any]"]

_call = threading.local()


class AddressRefused(Exception):
    """The name leads to no address that may be connected to."""


@contextmanager
def ending_at(deadline: float) -> Iterator[None]:
    """Let everything this thread receives inside end at that moment of ``time.monotonic()``."""
    _call.deadline = deadline
    try:
        yield
    finally:
        del _call.deadline


def seconds_left() -> float:
    """What is left of this thread's call.

    Raises:
        TimeoutError: Nothing.
    """
    left: float = getattr(_call, "deadline", 0.0) - time.monotonic()
    if left <= 0:
        raise TimeoutError("the call has to end")
    return left


class TimedSocket(socket.socket):
    """Receives and sends no longer than the call lasts."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """As in ``socket``."""
        self.settimeout(seconds_left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        """As in ``socket``."""
        self.settimeout(seconds_left())
        super().sendall(*args, **kwargs)


class TimedTlsSocket(ssl.SSLSocket):
    """The same over TLS."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """As in ``ssl``."""
        self.settimeout(seconds_left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        """As in ``ssl``."""
        self.settimeout(seconds_left())
        super().sendall(*args, **kwargs)


def connect(host: str, port: int, networks: Iterable[Network], resolve: Resolve) -> TimedSocket:
    """A connection to the first address that may be connected to and answers.

    Raises:
        AddressRefused: There is none that may.
        OSError: None answers in what is left of the call.
    """
    found = resolve(host, port, type=socket.SOCK_STREAM)
    allowed = [entry for entry in found if is_allowed(entry[4][0], networks)]
    if not allowed:
        raise AddressRefused
    for place, (family, kind, protocol, _, address) in enumerate(allowed):
        made = TimedSocket(family, kind, protocol)
        try:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # One address that swallows everything must not cost the others their turn.
            made.settimeout(seconds_left() / (len(allowed) - place))
            made.connect(address)
        except OSError as error:
            made.close()
            failure = error
        else:
            return made
    raise failure


class GuardedAdapter(HTTPAdapter):
    """Connections of ``requests`` to one server: judged addresses, timed sockets, no retries of their own."""

    def __init__(
        self, networks: Iterable[Network], resolve: Resolve, size: int, ca_file: str | None = None
    ) -> None:
        self._pools = _pools(tuple(networks), resolve)
        self._ca_file = ca_file or certifi.where()
        super().__init__(pool_connections=1, pool_maxsize=size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool, of our connections."""
        super().init_poolmanager(*args, ssl_context=_trusting(self._ca_file), **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002 - as in the base
        """Every certificate is verified, by the authorities that are loaded already."""
        conn.cert_reqs = "CERT_REQUIRED"
        conn.ca_certs = conn.ca_cert_dir = None


@cache
def _trusting(ca_file: str) -> ssl.SSLContext:
    """TLS that trusts the authorities of a file, the same for all servers.

    Reading them takes longer than many an answer.
    """
    context = create_urllib3_context()
    context.load_verify_locations(ca_file)
    context.sslsocket_class = TimedTlsSocket
    return context


def _pools(networks: tuple[Network, ...], resolve: Resolve) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self._dns_host, self.port, networks, resolve)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self._dns_host, self.port or 443, networks, resolve)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
