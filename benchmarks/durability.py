"""Does an acknowledged feedback survive ``kill -9`` of every process: ``python -m benchmarks.durability``.

In each round four clients send feedback without pause, all processes are killed at a moment by chance, the
service is started again on the same store, and every report that got its 200 has to be there, once.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.deployed import SERVICE, Deployed, deployed, exchange, feedback_body

CLIENTS = 4
PATIENCE_SECONDS = 20


def round_of(service: Deployed, seconds: float, at_least: int = 0) -> set[str]:
    """Send feedback until all processes are killed; what was acknowledged.

    Args:
        service: What is killed.
        seconds: When.
        at_least: Not before so many were acknowledged, on a machine that is busy with something else.
    """
    acknowledged: set[str] = set()
    ended = threading.Event()

    def send() -> None:
        with closing(HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection:
            while not ended.is_set():
                card, body = feedback_body()
                try:
                    status, _ = exchange(connection, "POST", f"{SERVICE}/feedback", body)
                except (OSError, HTTPException):
                    return
                if status == 200:
                    acknowledged.add(card)

    clients = [threading.Thread(target=send) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(seconds)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(acknowledged) < at_least and time.monotonic() < deadline:
        time.sleep(0.01)
    service.kill_all()
    ended.set()
    for client in clients:
        client.join()
    return acknowledged


def kept_cards(url: str) -> list[str]:
    """Cards the store has feedback about, one entry a row."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            return [row[0] for row in connection.execute(text("SELECT card_uuid FROM feedback"))]
    finally:
        engine.dispose()


def lost(url: str, acknowledged: set[str]) -> int:
    """How many acknowledged reports are not in the store, or more than once."""
    kept = kept_cards(url)
    return sum(kept.count(card) != 1 for card in acknowledged) if acknowledged else 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--database", help="PostgreSQL URL; an SQLite file without it")
    arguments = parser.parse_args()
    chance = random.Random(7)  # noqa: S311 - the same moments in every run
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = arguments.database or f"sqlite:///{folder / 'store.sqlite3'}"
        everything: set[str] = set()
        with deployed(folder, CDS_DATABASE_URL=url) as service:
            for number in range(1, arguments.rounds + 1):
                everything |= round_of(service, chance.uniform(0.3, 2))
                service.start()
                print(f"round {number}: {len(everything)} acknowledged so far", flush=True)
        print(f"{arguments.rounds} rounds, {len(everything)} acknowledged, {lost(url, everything)} lost")


if __name__ == "__main__":
    main()
