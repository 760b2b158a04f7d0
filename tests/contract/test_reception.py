"""What is kept of requests that arrive: nothing without a token, and all together no more than agreed."""

from __future__ import annotations

import json
import socket
import threading
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from cds_service.app import create_app
from cds_service.errors import Unauthorized
from cds_service.hooks.endpoints import Endpoints
from cds_service.reception import Bodies, MemoryBuffer, Reception
from tests.contract.serving import BODY, POST, exchange, serving, until
from tests.contract.support import LIMIT, PATH, StandIn, patient_view

if TYPE_CHECKING:
    from cds_service.caller import Caller
    from cds_service.server import Server

TOKEN = b"Authorization: Bearer x\r\n"
LARGE = json.dumps(patient_view(rest="x" * 30_000)).encode()


def whole(body: bytes, headers: bytes = TOKEN) -> bytes:
    return POST + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


def begun(server: Server, request: bytes) -> socket.socket:
    """A connection over which all but the last byte of a request has come."""
    connection = socket.create_connection(("127.0.0.1", int(server.effective_port)), timeout=10)
    connection.sendall(request[:-1])
    return connection


NO_TOKEN = {
    "no header": b"",
    "another scheme": b"Authorization: Basic eDp5\r\n",
    "a scheme without a token": b"Authorization: Bearer\r\n",
    "a token elsewhere": b"X-Authorization: Bearer x\r\n",
}


@pytest.mark.parametrize("path", [PATH, f"/{PATH}/", f"{PATH}/feedback"])
@pytest.mark.parametrize("headers", NO_TOKEN.values(), ids=NO_TOKEN)
def test_nothing_is_kept_of_a_body_without_a_token(headers: bytes, path: str) -> None:
    with serving(reception=Reception(LIMIT, needs_token=True)) as server:
        request = whole(LARGE, headers).replace(PATH.encode(), path.encode(), 1)
        with begun(server, request), begun(server, whole(LARGE)):
            until(lambda: server.bodies.held >= len(LARGE) - 1)
            time.sleep(0.1)
            assert server.bodies.held == len(LARGE) - 1
        until(lambda: server.bodies.held == 0)


def test_who_shows_no_token_gets_the_answer_of_the_application_and_may_go_on() -> None:
    def authenticate(authorization: str | None, service_id: str, *, is_feedback: bool = False) -> Caller:
        del service_id, is_feedback
        raise Unauthorized("no-token" if authorization is None else "malformed")

    app = create_app(Endpoints(StandIn(), LIMIT, {}, authenticate=authenticate))
    alone = app.test_client().post(PATH, data=LARGE, content_type="application/json")
    with serving(app=app, reception=Reception(LIMIT, needs_token=True)) as server:
        status, headers, body = exchange(server, whole(LARGE, b""))
        assert (status, body) == (401, alone.get_json())
        assert "connection" not in headers
        expected = {name.lower() for name in dict(alone.headers)} | {"date"}
        assert set(headers) == expected


def test_where_no_token_is_needed_bodies_are_kept_and_so_are_those_of_pages() -> None:
    for needs_token, path in ((False, PATH), (True, "/pages/playground")):
        with serving(reception=Reception(LIMIT, needs_token=needs_token)) as server:
            request = whole(LARGE, b"").replace(PATH.encode(), path.encode(), 1)
            with begun(server, request):
                until(lambda: server.bodies.held == len(LARGE) - 1)


def test_over_the_budget_what_has_been_arriving_longest_gets_503_and_the_others_go_on() -> None:
    with serving(reception=Reception(LIMIT, max_bodies_bytes=100_000)) as server:
        stalled = []
        for number in range(4):
            stalled.append(begun(server, whole(LARGE)))
            until(lambda: server.bodies.held == min(number + 1, 3) * (len(LARGE) - 1))  # noqa: B023 - asked at once
        for _ in range(5):
            assert exchange(server, whole(BODY))[0] == 200
        answers = []
        for connection in stalled:
            connection.sendall(LARGE[-1:])
            answers.append(connection.recv(65_536))
            connection.close()
        assert [answer.split()[1] for answer in answers] == [b"503", b"200", b"200", b"200"]
        assert b"Retry-After: 1\r\n" in answers[0]
        until(lambda: server.bodies.held == 0)


def test_a_body_is_kept_until_it_is_answered_and_no_longer() -> None:
    seen: list[int] = []
    stand_in = StandIn()

    def advise(question: Any) -> Any:
        seen.append(server.bodies.held)
        return stand_in(question)

    with serving(advise) as server:
        for _ in range(3):
            assert exchange(server, whole(BODY))[0] == 200
            # The caller may have its answer a moment before the server has tidied up.
            until(lambda: server.bodies.held == 0)
        assert seen == [len(BODY)] * 3
        assert exchange(server, POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n")[0] == 400
        assert exchange(server, whole(b"x" * (LIMIT + 1)))[0] == 413
        until(lambda: server.bodies.held == 0)


def test_a_request_that_waits_for_its_turn_keeps_its_body() -> None:
    may_end = threading.Event()
    stand_in = StandIn()

    def slow(question: Any) -> Any:
        may_end.wait(10)
        return stand_in(question)

    answers: list[int] = []
    with serving(slow, Reception(LIMIT, max_bodies_bytes=7 * len(LARGE))) as server:
        # One more than there are threads.
        callers = [
            threading.Thread(target=lambda: answers.append(exchange(server, whole(LARGE))[0]))
            for _ in range(5)
        ]
        for caller in callers:
            caller.start()
        until(lambda: server.bodies.held == 5 * len(LARGE))
        stalled = [begun(server, whole(LARGE)) for _ in range(10)]
        until(lambda: server.bodies.held > 6 * len(LARGE))
        time.sleep(0.2)
        may_end.set()
        for caller in callers:
            caller.join(timeout=10)
        for connection in stalled:
            connection.close()
    assert answers == [200] * 5


@pytest.mark.parametrize(
    ("path", "is_kept"),
    [("/playground", True), ("//playground/vignette.yaml", True), ("/playgrounds", False), (PATH, False)],
)
def test_of_a_form_three_times_as_much_is_kept(path: str, is_kept: bool) -> None:
    with serving(reception=Reception(LIMIT, max_form_bytes=3 * LIMIT)) as server:
        request = whole(b"x" * (2 * LIMIT)).replace(PATH.encode(), path.encode(), 1)
        with begun(server, request):
            until(lambda: server.bodies.held == 2 * LIMIT - 1 or not is_kept)
            time.sleep(0.1)
            assert server.bodies.held == (2 * LIMIT - 1 if is_kept else 0)
        until(lambda: server.bodies.held == 0)


def test_a_body_in_pieces_takes_the_memory_of_its_bytes() -> None:
    pieces = [b"%02d" % (number % 100) for number in range(50_000)]
    buffer = MemoryBuffer(200_000, Bodies(200_000))
    tracemalloc.start()
    for piece in pieces:
        buffer.append(piece)
    buffer.append(b"x" * 50_000)
    buffer.append(b"end")
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 250_000
    assert buffer.getfile().read() == b"".join(pieces) + b"x" * 50_000 + b"end"


def test_a_body_that_is_whole_keeps_its_place() -> None:
    bodies = Bodies(10)
    kept, late = MemoryBuffer(10, bodies), MemoryBuffer(10, bodies)
    kept.append(b"12345678")
    bodies.arrived(kept)
    late.append(b"123")
    late.append(b"456")
    assert (kept.is_closed, late.is_closed, len(late)) == (False, True, 6)
    assert kept.getfile().read() == b"12345678"
    assert bodies.held == 8
    kept.close()
    kept.close()
    assert bodies.held == 0
