"""A server of ours on a port of its own, and requests sent to it byte for byte."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

from cds_service.reception import Reception
from cds_service.server import Server, make_server
from tests.contract.support import LIMIT, PATH, StandIn, client_of, patient_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed.wsgi import WSGIApplication

POST = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
BODY = json.dumps(patient_view()).encode()


@contextmanager
def serving(
    advise: Any = None, reception: Reception | None = None, app: WSGIApplication | None = None
) -> Iterator[Server]:
    app = app or client_of(advise or StandIn()).application
    server = make_server(app, "127.0.0.1", 0, reception or Reception(LIMIT))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(timeout=15)
        assert not thread.is_alive()


def exchange(server: Server, *parts: bytes) -> tuple[int, dict[str, str], Any]:
    """Send the parts over one connection; status, headers and JSON body of the answer."""
    connection = HTTPConnection("127.0.0.1", int(server.effective_port), timeout=10)
    connection.connect()
    for part in parts:
        connection.sock.sendall(part)
    response = connection.response_class(connection.sock)
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    body = json.loads(response.read())
    connection.close()
    return response.status, headers, body


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
