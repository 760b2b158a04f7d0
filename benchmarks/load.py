"""Load with feedback mixed in: ``python -m benchmarks.load --seconds 60 --connections 16``.

Each connection asks for advice on a chart with neck pain and reports on one card in four. At the end the
store has to hold every card that was sent and every acknowledged report. With ``--verified`` every request
carries a signed token of its own, and the service takes no other.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import create_engine, text

from benchmarks.bodies import request_body
from benchmarks.deployed import SERVICE, Deployed, deployed, exchange, feedback_body
from benchmarks.durability import kept_cards
from tests.contract.signing import BASE, REGISTRY, claims, token, write_registry

if TYPE_CHECKING:
    from collections.abc import Callable

    # Headers that go with a request to a path.
    Authorize = Callable[[str], dict[str, str]]

FEEDBACK = f"{SERVICE}/feedback"
FEEDBACK_EVERY = 4
ENTRIES = 50
PARTS = 4
PATIENCE_SECONDS = 60


@dataclass
class Seen:
    """What the clients saw."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cards: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)


# The load is to be served, not refused.
BUSY_REGISTRY = REGISTRY.replace("[[client]]", "[[client]]\nrequests_per_minute = 1000000")


def nobody(_path: str) -> dict[str, str]:
    """No token: the service asks for none."""
    return {}


def signed(path: str) -> dict[str, str]:
    """A new token for a path, as a registered client sends it."""
    return {"Authorization": f"Bearer {token(claims(aud=BASE + path))}"}


def client(service: Deployed, seen: Seen, goes_on: Callable[[], bool], authorize: Authorize) -> None:
    """One connection, kept open."""
    usual = json.loads(request_body(ENTRIES, with_neck_pain=True, as_of=datetime.now(UTC).date()))
    connection = HTTPConnection("127.0.0.1", service.port, timeout=30)
    number = 0
    while goes_on():
        body = json.dumps(usual | {"hookInstance": str(uuid4())}).encode()
        began = time.perf_counter()
        try:
            status, answer = exchange(connection, "POST", SERVICE, body, authorize(SERVICE))
            if status != 200:
                seen.errors.append(str(status))
                continue
            seen.seconds.append(time.perf_counter() - began)
            cards = [card["uuid"] for card in json.loads(answer)["cards"]]
            seen.cards.update(cards)
            number += 1
            if number % FEEDBACK_EVERY == 0:
                card, report = feedback_body(cards[0])
                status, _ = exchange(connection, "POST", FEEDBACK, report, authorize(FEEDBACK))
                if status == 200:
                    seen.acknowledged.add(card)
                else:
                    seen.errors.append(f"feedback {status}")
        except (OSError, HTTPException) as error:
            seen.errors.append(type(error).__name__)
            connection.close()
    connection.close()


def run(
    service: Deployed,
    connections: int,
    seconds: float,
    seen: Seen | None = None,
    authorize: Authorize = nobody,
    at_least: int = 0,
) -> Seen:
    """Load a service for so long; what the clients saw, added to what they had seen.

    Args:
        service: What is loaded.
        connections: How many clients.
        seconds: How long.
        seen: What the clients had seen.
        authorize: Headers of a request.
        at_least: Not shorter than until so many reports were acknowledged, on a machine that is busy with
            something else.
    """
    seen = seen or Seen()
    began = time.monotonic()

    def goes_on() -> bool:
        passed = time.monotonic() - began
        is_short = len(seen.acknowledged) < at_least and not seen.errors
        return passed < seconds or (is_short and passed < PATIENCE_SECONDS)

    threads = [
        threading.Thread(target=client, args=[service, seen, goes_on, authorize]) for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def missing(url: str, seen: Seen) -> tuple[int, int]:
    """Cards that were sent and reports that were acknowledged, but are not in the store."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        shown = {row[0] for row in connection.execute(text("SELECT card_uuid FROM shown_card"))}
    engine.dispose()
    return len(seen.cards - shown), len(seen.acknowledged - set(kept_cards(url)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", help="PostgreSQL URL; an SQLite file without it")
    parser.add_argument("--verified", action="store_true", help="every request has a token of its own")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = arguments.database or f"sqlite:///{folder / 'store.sqlite3'}"
        settings = {"CDS_DATABASE_URL": url}
        if arguments.verified:
            registry = write_registry(folder, BUSY_REGISTRY)
            settings |= {"CDS_CLIENTS": str(registry), "CDS_BASE_URL": BASE}
        authorize: Authorize = signed if arguments.verified else nobody
        with deployed(folder, arguments.workers, **settings) as service:
            run(service, arguments.connections, min(5, arguments.seconds), authorize=authorize)
            seen, memory = Seen(), [service.resident_kilobytes()]
            for _ in range(PARTS):
                run(service, arguments.connections, arguments.seconds / PARTS, seen, authorize)
                memory.append(service.resident_kilobytes())
        cards, reports = missing(url, seen)
        times = sorted(seen.seconds)
        print(
            f"{len(times)} calls, {len(seen.acknowledged)} reports in {arguments.seconds:.0f} s over "
            f"{arguments.connections} connections; errors {len(seen.errors)} {sorted(set(seen.errors))}"
        )
        p99 = times[len(times) * 99 // 100]
        print(f"median {statistics.median(times) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms")
        print(f"not in the store: {cards} of {len(seen.cards)} cards, {reports} of the acknowledged reports")
        said = ", ".join(f"{kilobytes / 1024:.0f}" for kilobytes in memory)
        print(f"memory of all processes after 5 s and after each quarter: {said} MB")


if __name__ == "__main__":
    main()
