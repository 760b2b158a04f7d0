"""The server itself: refusals before the application, bodies in memory, stalled clients."""

from __future__ import annotations

import json
import re
import socket
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from cds_service import server as module
from cds_service.errors import ServerError
from cds_service.reception import Bodies, MemoryBuffer, PiecewiseReceiver, Reception
from cds_service.refusals import as_service_error
from cds_service.server import Server, make_server
from tests.contract.serving import BODY, POST, exchange, serving, until
from tests.contract.support import LIMIT, StandIn, client_of, patient_view

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with serving() as server:
        yield server


REFUSED: dict[str, tuple[list[bytes], int, str]] = {
    "no HTTP": ([b"HELLO\r\n\r\n"], 400, "not-http"),
    "headers over the limit": (
        [b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"],
        431,
        "headers-too-large",
    ),
    "a transfer coding nobody uses": (
        [POST + b"Transfer-Encoding: gzip\r\n\r\n"],
        501,
        "transfer-coding-unknown",
    ),
    "a length that is no number": ([POST + b"Content-Length: many\r\n\r\n"], 400, "not-http"),
    "chunks that are none": ([POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"], 400, "not-http"),
    "a chunk whose length does not end": (
        [POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 6_000],
        400,
        "not-http",
    ),
    "chunks whose trailer does not end": (
        [POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 3_000],
        400,
        "not-http",
    ),
    "chunks that end in nonsense and a request behind them": (
        [POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + b" " * 5_000 + POST + b"\r\n"],
        400,
        "not-http",
    ),
    "a body over the limit, sent in full": (
        [POST + b"Content-Length: %d\r\n\r\n" % (40 * LIMIT), *[b"x" * LIMIT] * 40],
        413,
        "body-too-large",
    ),
    "chunks over the limit, sent in full": (
        [
            POST + b"Transfer-Encoding: chunked\r\n\r\n",
            *[b"%x\r\n" % LIMIT + b"x" * LIMIT + b"\r\n"] * 3,
            b"0\r\n\r\n",
        ],
        413,
        "body-too-large",
    ),
    "a body nobody will read": ([POST + b"Content-Length: 99999999999\r\n\r\n"], 413, "body-too-large"),
    "no length": ([POST + b"\r\n"], 411, "length-required"),
}


@pytest.mark.parametrize(("parts", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_an_operation_outcome(
    parts: list[bytes], status: int, code: str, running: Server
) -> None:
    found, headers, body = exchange(running, *parts)
    assert (found, body["resourceType"]) == (status, "OperationOutcome")
    assert body["issue"][0]["details"]["coding"][0]["code"] == code
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["referrer-policy"] == "no-referrer"
    assert re.fullmatch("[0-9a-f]{16}", headers["x-request-id"])
    assert not {"server", "vary", "access-control-allow-origin", "strict-transport-security"} & set(headers)


def test_a_chunked_body_is_read(running: Server) -> None:
    chunks = [BODY[:100], BODY[100:]]
    parts = [b"%x\r\n" % len(chunk) + chunk + b"\r\n" for chunk in chunks]
    status, _, body = exchange(running, POST + b"Transfer-Encoding: chunked\r\n\r\n", *parts, b"0\r\n\r\n")
    assert (status, body) == (200, {"cards": []})


def test_a_body_in_tiny_chunks_is_read_and_the_next_request_too(running: Server) -> None:
    padded = BODY + b" " * (LIMIT // 2)
    tiny = b"".join(b"1\r\n%c\r\n" % byte for byte in padded) + b"0\r\n\r\n"
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert exchange(running, head + tiny)[0] == 200
    receiver = PiecewiseReceiver(MemoryBuffer(LIMIT, Bodies(LIMIT)))
    assert receiver.received(tiny + b"GET / HTTP/1.1") == len(tiny)
    assert receiver.completed
    assert receiver.getfile().read() == padded


def test_a_request_that_never_arrives_whole_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REQUEST_SECONDS", 1)
    with serving() as server:
        # waitress looks through its connections when one comes, this often.
        server.adj.cleanup_interval = 1
        server.next_channel_cleanup = 0
        with socket.create_connection(("127.0.0.1", int(server.effective_port)), timeout=1) as slow:
            slow.sendall(b"GET /healthz HTTP/1.1\r\n")
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                try:
                    slow.sendall(b"X-A: b\r\n")
                    if slow.recv(1) == b"":
                        break
                except TimeoutError:
                    continue
                except OSError:
                    break
            assert time.monotonic() < deadline, "still open"
        assert exchange(server, POST + b"Content-Length: %d\r\n\r\n" % len(BODY), BODY)[0] == 200


def test_no_body_touches_the_disk(running: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def spool(*_args: Any, **_kwargs: Any) -> Any:
        raise AssertionError("a temporary file was asked for")

    # waitress itself asks tempfile for its overflow files; there is no seam to pass another in.
    monkeypatch.setattr(tempfile, "TemporaryFile", spool)
    padded = patient_view(rest="x" * (LIMIT - 1000))
    body = json.dumps(padded).encode()
    status, _, answer = exchange(running, POST + b"Content-Length: %d\r\n\r\n" % len(body), body)
    assert (status, answer) == (200, {"cards": []})


def test_stalled_clients_do_not_keep_others_waiting(running: Server) -> None:
    stalled = [socket.create_connection(("127.0.0.1", int(running.effective_port))) for _ in range(64)]
    try:
        for client in stalled:
            client.sendall(POST + b"Content-Length: 1000\r\n\r\n{")
        began = time.monotonic()
        status, _, _ = exchange(running, POST + b"Content-Length: %d\r\n\r\n" % len(BODY), BODY)
        assert status == 200
        assert time.monotonic() - began < 2
    finally:
        for client in stalled:
            client.close()


def test_more_requests_than_can_be_answered_in_time_are_refused_at_once_but_health_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "WAITING_LIMIT", 2)
    may_end = threading.Event()
    stand_in = StandIn()

    def slow(question: Any) -> Any:
        may_end.wait(20)
        return stand_in(question)

    request = POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    answers: list[tuple[int, dict[str, str], Any]] = []
    with serving(slow) as server:
        refused: list[str] = []
        server.on_refusal = lambda error: refused.append(error.code)
        callers = [
            threading.Thread(target=lambda: answers.append(exchange(server, request))) for _ in range(12)
        ]
        for caller in callers:
            caller.start()
            time.sleep(0.02)
        # While every thread is busy; the exchange gives up after ten seconds.
        for path in (b"/healthz", b"/readyz"):
            assert exchange(server, b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path)[0] == 200
        assert exchange(server, request)[0] == 503
        until(lambda: len(answers) == 6)
        may_end.set()
        for caller in callers:
            caller.join(timeout=20)
    statuses = sorted(status for status, _, _ in answers)
    # Four threads and two that wait are answered.
    assert statuses == [200] * 6 + [503] * 6
    assert refused == ["overloaded"] * 7
    overloaded = next(headers for status, headers, _ in answers if status == 503)
    assert overloaded["retry-after"] == "1"


DUPLICATES = {
    "two lengths": b"Content-Length: %d\r\nContent-Length: 5\r\n" % len(BODY),
    "a length and chunks": b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % len(BODY),
    "a folded length": b"Content-Length: %d\r\n 5\r\n" % len(BODY),
    "a length with a sign": b"Content-Length: +%d\r\n" % len(BODY),
    "a blank before the colon": b"Content-Length : %d\r\n" % len(BODY),
}


@pytest.mark.parametrize("headers", DUPLICATES.values(), ids=DUPLICATES)
def test_a_request_that_two_servers_could_read_in_two_ways_is_refused(
    headers: bytes, running: Server
) -> None:
    status, _, body = exchange(running, POST + headers + b"\r\n" + BODY)
    assert (status, body["resourceType"]) == (400, "OperationOutcome")


def test_a_taken_port_says_what_to_do(running: Server) -> None:
    port = int(running.effective_port)
    with pytest.raises(
        ServerError, match=rf"Cannot listen on 127\.0\.0\.1:{port}: Address already in use.*CDS_PORT"
    ):
        make_server(client_of(StandIn()).application, "127.0.0.1", port, Reception(LIMIT))


def test_an_address_of_another_machine_says_what_to_do() -> None:
    with pytest.raises(ServerError, match="CDS_HOST"):
        make_server(client_of(StandIn()).application, "192.0.2.1", 8080, Reception(LIMIT))


def test_a_name_that_is_no_address_says_what_to_do() -> None:
    with pytest.raises(ServerError, match=r"Cannot listen on 256\.1\.1\.1:8080"):
        make_server(client_of(StandIn()).application, "256.1.1.1", 8080, Reception(LIMIT))


def test_a_buffer_keeps_what_fits_and_counts_what_does_not() -> None:
    fits, over = (MemoryBuffer(4, Bodies(100)) for _ in range(2))
    for buffer, parts in ((fits, (b"ab", b"cd")), (over, (b"abc", b"de", b"f"))):
        for part in parts:
            buffer.append(part)
    assert (len(fits), fits.getfile().read()) == (4, b"abcd")
    assert (len(over), over.getfile().read()) == (6, b"")
    fits.close()
    assert fits.getfile().read() == b""


def test_an_error_of_the_server_library_we_do_not_know_is_a_500() -> None:
    assert as_service_error(type("Odd", (), {"code": 599})()).status == 500
