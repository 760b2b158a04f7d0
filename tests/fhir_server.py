"""A FHIR server of the tests' own: it answers as told, badly too, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    import ssl

FHIR_JSON = "application/fhir+json"
TOKEN = "token-of-this-call"  # noqa: S105 - of a server that knows no other


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    params: Mapping[str, list[str]]
    headers: Mapping[str, str]

    @property
    def kind(self) -> str:
        """First part of the path below the base: a resource type, or ``metadata``."""
        return self.path.removeprefix("/fhir").strip("/").partition("/")[0]


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        wait: Seconds before the first byte.
        cut: Bytes of the body that are sent before the connection is closed; None sends all.
        drip: Seconds between one byte of the body and the next.
        reset: Break the connection in place of an answer.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": FHIR_JSON})
    wait: float = 0.0
    cut: int | None = None
    drip: float = 0.0
    reset: bool = False


Answers = Callable[[Asked], Reply]


def as_json(body: object, **changes: Any) -> Reply:
    """An answer of JSON."""
    return Reply(json.dumps(body).encode(), **changes)


def outcome(severity: str = "error", **changes: Any) -> Reply:
    """An OperationOutcome."""
    body = {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "processing"}]}
    return as_json(body, **changes)


def searchset(*resources: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """A Bundle of matches."""
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in resources]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": len(resources)}
    return bundle | ({"entry": entries} if entries else {}) | members


def serving(prefetch: Mapping[str, Any]) -> Answers:
    """Answers with what a client with full prefetch would have sent, by resource type."""
    by_kind: dict[str, Any] = {}
    for value in filter(None, prefetch.values()):
        entries = value.get("entry", [])
        kind = entries[0]["resource"]["resourceType"] if entries else value["resourceType"]
        by_kind[kind] = {name: item for name, item in value.items() if name != "link"}

    def answer(asked: Asked) -> Reply:
        if asked.kind == "metadata":
            return as_json({"resourceType": "CapabilityStatement"})
        return as_json(by_kind.get(asked.kind, searchset()))

    return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    fake: FakeFhir

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Read or search."""
        self._answer("")

    def do_POST(self) -> None:
        """Search by form."""
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

    def _answer(self, form: str) -> None:
        parts = urlsplit(self.path)
        params = parse_qs(form or parts.query, keep_blank_values=True)
        path = parts.path.removesuffix("/_search")
        asked = Asked(self.command, path, params, dict(self.headers))
        self.server.fake.asked.append(asked)
        reply = self.server.fake.answers(asked)
        time.sleep(reply.wait)
        if reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        if reply.cut is not None:
            self.close_connection = True
        if not reply.drip:
            self.wfile.write(body)
            return
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            time.sleep(reply.drip)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class FakeFhir:
    """The server: ``answers`` may be exchanged at any time."""

    answers: Answers
    asked: list[Asked] = field(default_factory=list)
    base: str = ""

    def kinds(self) -> list[str]:
        """What was asked for, in order of arrival."""
        return [asked.kind for asked in self.asked]


@contextmanager
def fhir_server(answers: Answers, tls: ssl.SSLContext | None = None) -> Iterator[FakeFhir]:
    """A server that listens on a free port of 127.0.0.1, over TLS where a context is given."""
    fake = FakeFhir(answers)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.fake = fake
    fake.base = f"http://127.0.0.1:{server.server_address[1]}/fhir"
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        fake.base = fake.base.replace("http:", "https:")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent_listener(host: str = "127.0.0.1") -> Iterator[tuple[int, Callable[[], int]]]:
    """A port nobody may connect to, and how many connections arrived."""
    arrived: list[object] = []
    listening = socket.create_server((host, 0))
    listening.settimeout(0.02)
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.is_set():
            try:
                connection, address = listening.accept()
            except TimeoutError:
                continue
            arrived.append(address)
            connection.close()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()

    def count() -> int:
        time.sleep(0.06)  # whoever knocked has been let in by then
        return len(arrived)

    try:
        yield listening.getsockname()[1], count
    finally:
        is_over.set()
        thread.join()
        listening.close()
