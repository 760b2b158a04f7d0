"""An orderly stop: what has arrived is answered, and nothing is written into what was closed."""

from __future__ import annotations

import os
import socket
import threading
import time
from http.client import HTTPConnection
from typing import Any

import pytest

from cds_service.reception import Reception
from cds_service.server import QUIET_SECONDS, make_server
from tests.contract.serving import BODY, POST, exchange, serving
from tests.contract.support import LIMIT, PATH, StandIn, client_of


def test_what_is_being_answered_is_finished_before_the_stop() -> None:
    begun, may_end = threading.Event(), threading.Event()
    stand_in = StandIn()

    def slow(question: Any) -> Any:
        begun.set()
        may_end.wait(10)
        return stand_in(question)

    answers: list[int] = []
    with serving(slow) as server:
        request = POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
        caller = threading.Thread(target=lambda: answers.append(exchange(server, request)[0]))
        caller.start()
        assert begun.wait(10)
        server.stop()
        may_end.set()
        caller.join(timeout=10)
    assert answers == [200]


def test_a_request_that_comes_over_an_open_connection_at_the_stop_is_answered() -> None:
    with serving() as server:
        connection = HTTPConnection("127.0.0.1", int(server.effective_port), timeout=10)
        headers = {"Content-Type": "application/json"}
        connection.request("POST", PATH, BODY, headers)
        assert connection.getresponse().read() == b'{"cards":[]}'
        server.stop()
        connection.request("POST", PATH, BODY, headers)
        last = connection.getresponse()
        assert (last.status, last.headers["Connection"]) == (200, "close")
        last.read()
        connection.close()


def test_a_server_that_has_ended_is_woken_no_more_lest_it_write_into_another_file() -> None:
    with serving() as server:
        pass
    reader, writer = os.pipe()  # takes the numbers of what the server has closed
    os.set_blocking(reader, False)
    try:
        server.is_stopping = False  # as for a thread that asked for the stop just before the end
        server.stop()
        server.pull_trigger()  # as of a thread that answers still
        with pytest.raises(BlockingIOError):
            os.read(reader, 1)
    finally:
        os.close(reader)
        os.close(writer)


def test_a_request_that_has_arrived_is_answered_though_the_process_stood_still_at_the_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = make_server(client_of(StandIn()).application, "127.0.0.1", 0, Reception(LIMIT))
    leave = server.del_channel

    def stalled() -> None:  # what waits is accepted by now, and no more will be
        time.sleep(QUIET_SECONDS + 0.1)
        leave()

    monkeypatch.setattr(server, "del_channel", stalled)
    with socket.socket() as client:

        def goes_on() -> bool:
            client.connect(("127.0.0.1", int(server.effective_port)))
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            return False

        server.run(goes_on)
        client.settimeout(5)
        assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
