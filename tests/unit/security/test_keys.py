from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from cds_service.security import keys as module
from cds_service.security.keys import KeyCache, KeysUnavailable, fetch_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.security.keys import Keys

URL = "https://ehr.example.org/jwks"
OLD, NEW = {"kid": "old", "kty": "EC"}, {"kid": "new", "kty": "EC"}


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Publisher:
    """A client's URL: the keys it has now, or none when it does not answer."""

    def __init__(self) -> None:
        self.keys: Keys | None = (OLD,)
        self.asked = 0

    def __call__(self, _url: str) -> Keys:
        self.asked += 1
        if self.keys is None:
            raise KeysUnavailable
        return self.keys


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def cache(publisher: Publisher, clock: Clock) -> KeyCache:
    return KeyCache(publisher, clock)


def test_keys_are_fetched_once_and_kept_for_an_hour(
    cache: KeyCache, publisher: Publisher, clock: Clock
) -> None:
    for _ in range(3):
        assert cache.keys(URL, "old") == (OLD,)
    assert publisher.asked == 1
    clock.now += module.KEPT_SECONDS
    cache.keys(URL, "old")
    assert publisher.asked == 2


def test_a_new_key_is_found_with_one_more_fetch(cache: KeyCache, publisher: Publisher, clock: Clock) -> None:
    cache.keys(URL, "old")
    publisher.keys = (OLD, NEW)
    clock.now += module.COOLDOWN_SECONDS
    assert cache.keys(URL, "new") == (NEW,)
    assert publisher.asked == 2


def test_a_hundred_made_up_ids_cause_one_fetch_in_the_cooldown(
    cache: KeyCache, publisher: Publisher, clock: Clock
) -> None:
    cache.keys(URL, "old")
    clock.now += module.COOLDOWN_SECONDS
    for number in range(100):
        assert cache.keys(URL, f"made-up-{number}") == ()
    assert publisher.asked == 2


def test_keys_are_used_on_while_their_url_does_not_answer(
    cache: KeyCache, publisher: Publisher, clock: Clock
) -> None:
    cache.keys(URL, "old")
    publisher.keys = None
    clock.now += module.KEPT_SECONDS * 24
    assert cache.keys(URL, "old") == (OLD,)
    assert cache.keys(URL, "old") == (OLD,)
    assert publisher.asked == 2


def test_a_url_that_comes_back_is_asked_again_soon(
    cache: KeyCache, publisher: Publisher, clock: Clock
) -> None:
    publisher.keys = None
    assert cache.keys(URL, "old") == ()
    publisher.keys = (OLD,)
    assert cache.keys(URL, "old") == ()
    clock.now += module.RETRY_SECONDS
    assert cache.keys(URL, "old") == (OLD,)


def test_a_key_that_was_withdrawn_is_gone_after_the_next_fetch(
    cache: KeyCache, publisher: Publisher, clock: Clock
) -> None:
    cache.keys(URL, "old")
    publisher.keys = (NEW,)
    clock.now += module.KEPT_SECONDS
    assert cache.keys(URL, "old") == ()


def test_two_keys_with_one_id_are_both_said(cache: KeyCache, publisher: Publisher) -> None:
    publisher.keys = (OLD, OLD)
    assert cache.keys(URL, "old") == (OLD, OLD)


def test_of_concurrent_callers_one_fetches(publisher: Publisher) -> None:
    def slow(url: str) -> Keys:
        time.sleep(0.05)
        return publisher(url)

    cache = KeyCache(slow)
    found: list[Keys] = []
    threads = [threading.Thread(target=lambda: found.append(cache.keys(URL, "old"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(OLD,)] * 8
    assert publisher.asked == 1


def test_once_a_url_was_asked_nobody_waits_for_it(publisher: Publisher, clock: Clock) -> None:
    started, may_end = threading.Event(), threading.Event()

    def fetch(url: str) -> Keys:
        if publisher.asked:
            started.set()
            may_end.wait(timeout=10)
        return publisher(url)

    cache = KeyCache(fetch, clock)
    assert cache.keys(URL, "old") == (OLD,)
    clock.now += module.COOLDOWN_SECONDS
    forged = threading.Thread(target=cache.keys, args=[URL, "nobody"])
    forged.start()
    assert started.wait(timeout=5)
    began = time.monotonic()
    assert cache.keys(URL, "nobody") == ()
    assert cache.keys(URL, "old") == (OLD,)
    assert time.monotonic() - began < module.TIMEOUT_SECONDS / 2
    may_end.set()
    forged.join()


def test_while_the_first_fetch_hangs_callers_wait_two_seconds_in_all_and_then_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.4)
    started, may_end = threading.Event(), threading.Event()

    def hangs(_url: str) -> Keys:
        started.set()
        may_end.wait(timeout=10)  # a name that is being resolved knows no deadline
        raise KeysUnavailable

    cache = KeyCache(hangs)
    cache.prefetch([URL])
    assert started.wait(timeout=5)
    for least, most in ((0.1, 0.9), (0.0, 0.1), (0.0, 0.1)):
        began = time.monotonic()
        assert cache.keys(URL, "old") == ()
        assert least <= time.monotonic() - began < most
    may_end.set()


def test_keys_are_fetched_before_anybody_asks_and_whoever_comes_meanwhile_gets_them(
    publisher: Publisher,
) -> None:
    started, may_end = threading.Event(), threading.Event()

    def slow(url: str) -> Keys:
        started.set()
        may_end.wait(timeout=10)
        return publisher(url)

    cache = KeyCache(slow)
    cache.prefetch([URL])
    assert started.wait(timeout=5)
    found: list[Keys] = []
    burst = [threading.Thread(target=lambda: found.append(cache.keys(URL, "old"))) for _ in range(4)]
    for caller in burst:
        caller.start()
    may_end.set()
    for caller in burst:
        caller.join(timeout=5)
    assert found == [(OLD,)] * 4
    cache.prefetch([URL])
    assert cache.keys(URL, "old") == (OLD,)
    assert publisher.asked == 1


GOOD = json.dumps({"keys": [OLD, "no object"]}).encode()
ANSWERS: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "/good": (200, GOOD, {}),
    "/moved": (302, b"", {"Location": "/good"}),
    "/error": (500, GOOD, {}),
    "/html": (200, b"<html>", {}),
    "/list": (200, b"[]", {}),
    "/other": (200, b'{"keys": {}}', {}),
    "/large": (200, b" " * (module.MAX_BYTES + 1), {}),
    "/deep": (200, b"[" * 100_000, {}),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(module.TIMEOUT_SECONDS + 0.5)
        if self.path == "/drips":
            self._drip()
            return
        status, body, headers = ANSWERS.get(self.path, ANSWERS["/good"])
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        """A byte now and then: no single receive takes long."""
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(60):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    def log_message(self, format: str, *_args: Any) -> None:  # noqa: A002 - the library's name
        pass


@pytest.fixture(scope="module")
def publishing() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_the_keys_at_a_url(publishing: str) -> None:
    assert fetch_keys(f"{publishing}/good") == (OLD,)


@pytest.mark.parametrize("path", [path for path in ANSWERS if path != "/good"])
def test_anything_else_is_no_answer(path: str, publishing: str) -> None:
    with pytest.raises(KeysUnavailable):
        fetch_keys(publishing + path)


@pytest.mark.parametrize("path", ["/slow", "/drips"])
def test_a_url_that_answers_late_is_not_waited_for(
    path: str, publishing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.2)
    began = time.monotonic()
    with pytest.raises(KeysUnavailable):
        fetch_keys(publishing + path)
    assert time.monotonic() - began < 1.5


def test_nobody_there() -> None:
    with pytest.raises(KeysUnavailable):
        fetch_keys("http://127.0.0.1:9/jwks")


def test_proxies_of_the_environment_are_not_asked(publishing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert fetch_keys(f"{publishing}/good") == (OLD,)
