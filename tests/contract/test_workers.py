"""The service as it is deployed: two workers on one socket, killed, restarted, stopped, loaded."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

import pytest

from benchmarks import durability, load
from benchmarks.deployed import SERVICE, deployed, exchange, feedback_body
from cds_service.records.database import open_engine
from cds_service.records.upgrade import upgrade
from tests.contract.signing import BASE, token, write_registry
from tests.contract.support import patient_view
from tests.databases import DATABASES, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.deployed import Deployed

BODY = json.dumps(patient_view()).encode()


def workers_of(service: Deployed) -> set[int]:
    return set(service.pids()) - {service.pid}


def two_workers(service: Deployed, besides: frozenset[int] = frozenset()) -> frozenset[int]:
    """The workers once there are two and none of some others: one answers before two are there."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        now = workers_of(service)
        if len(now) == 2 and not now & besides:
            return frozenset(now)
        time.sleep(0.1)
    pytest.fail(f"no two new workers in 40 s: {len(now)} of them, {len(now & besides)} old")


def test_acknowledged_feedback_survives_the_sudden_end_of_every_process(tmp_path: Path) -> None:
    with deployed(tmp_path) as service:
        acknowledged = durability.round_of(service, 0.5, at_least=11)
        assert service.pids() == []
        service.start()
        assert len(acknowledged) > 10
        assert durability.lost(f"sqlite:///{tmp_path / 'store.sqlite3'}", acknowledged) == 0
        status, _ = service.ask("POST", f"{SERVICE}/feedback", feedback_body()[1])
        assert status == 200


def with_tables(database: str, folder: Path) -> Iterator[str]:
    """URL of a store that is ready; SQLite makes its tables when it is opened."""
    for url in url_of(database, folder):
        if database == "postgresql":
            engine = open_engine(url)
            upgrade(engine)
            engine.dispose()
        yield url


@pytest.mark.parametrize("database", DATABASES)
def test_under_load_nothing_fails_and_nothing_is_lost(database: str, tmp_path: Path) -> None:
    for url in with_tables(database, tmp_path):
        with deployed(tmp_path, CDS_DATABASE_URL=url) as service:
            seen = load.run(service, connections=8, seconds=3, at_least=6)
            service.stop()
        assert seen.errors == []
        assert len(seen.acknowledged) > 5
        assert load.missing(url, seen) == (0, 0)


@pytest.mark.parametrize("database", DATABASES)
def test_a_token_gets_in_once_whichever_worker_it_meets(database: str, tmp_path: Path) -> None:
    for url in with_tables(database, tmp_path):
        assert statuses_of_one_token(url, tmp_path) == {200: 1, 401: 19}


def statuses_of_one_token(url: str, folder: Path) -> Counter[int]:
    """What twenty calls with the same token get at the same moment."""
    registry = str(write_registry(folder))
    statuses: Counter[int] = Counter()
    lock = threading.Lock()
    with deployed(folder, CDS_CLIENTS=registry, CDS_BASE_URL=BASE, CDS_DATABASE_URL=url) as service:
        headers = {"Authorization": f"Bearer {token()}"}

        def call() -> None:
            connection = HTTPConnection("127.0.0.1", service.port, timeout=30)
            status, _ = exchange(connection, "POST", SERVICE, BODY, headers)
            connection.close()
            with lock:
                statuses[status] += 1

        threads = [threading.Thread(target=call) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return statuses


def test_workers_are_exchanged_and_the_service_stopped_without_losing_a_request(tmp_path: Path) -> None:
    statuses: Counter[str] = Counter()
    ended = threading.Event()
    with deployed(tmp_path) as service:
        before = two_workers(service)

        def call() -> None:
            while not ended.is_set():
                try:
                    statuses[str(service.ask("POST", SERVICE, BODY)[0])] += 1
                except (OSError, HTTPException) as error:
                    statuses[type(error).__name__] += 1

        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            service.restart_workers()
            two_workers(service, besides=before)
        finally:
            ended.set()
            for thread in threads:
                thread.join()
    assert set(statuses) == {"200"}
    events = [json.loads(line)["event"] for line in service.log.read_text().splitlines()]
    assert events.count("service_started") == 1
    assert "request_failed" not in events


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    with deployed(tmp_path) as service:
        victim = min(two_workers(service))
        os.kill(victim, signal.SIGKILL)
        assert victim not in two_workers(service, besides=frozenset({victim}))
        assert service.ask("POST", SERVICE, BODY)[0] == 200
