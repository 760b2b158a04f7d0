"""Workers against gunicorn's own: ``python -m benchmarks.stalled``.

Both run the service in two processes. Measured: requests a second over 16 connections, and the time of a
normal request behind clients that announce a body, send a byte and wait.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import create_connection
from typing import TYPE_CHECKING

from benchmarks import load
from benchmarks.bodies import request_body
from benchmarks.deployed import SERVICE, SOURCE, Deployed, deployed, exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

STALLED = (0, 1, 8, 32)
GIVEN_UP_SECONDS = 4.0
SECONDS = 8.0
HALF = (
    f"POST {SERVICE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{{"
)


@contextmanager
def gunicorn_threads(folder: Path) -> Iterator[Deployed]:
    """The same application under gunicorn's thread worker."""
    service = Deployed(folder)
    command = ["gunicorn", "--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{service.port}"]
    started = subprocess.Popen(
        [Path(sys.executable).parent / command[0], *command[1:], "cds_service.wsgi:from_environment()"],
        cwd=folder,
        env={"PYTHONPATH": str(SOURCE)},
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            try:
                if service.ask("GET", "/healthz")[0] == 200:
                    break
            except (OSError, HTTPException):
                time.sleep(0.1)
        yield service
    finally:
        started.terminate()
        started.wait(timeout=60)


def behind(service: Deployed, stalled: int) -> str:
    """Milliseconds of a normal request behind so many stalled ones."""
    body = request_body(50, with_neck_pain=False, as_of=datetime.now(UTC).date())
    with ExitStack() as open_connections:
        for _ in range(stalled):
            client = open_connections.enter_context(create_connection(("127.0.0.1", service.port)))
            client.sendall(HALF.encode())
        time.sleep(0.3)
        worst = 0.0
        for _ in range(10):
            connection = HTTPConnection("127.0.0.1", service.port, timeout=GIVEN_UP_SECONDS)
            began = time.perf_counter()
            try:
                exchange(connection, "POST", SERVICE, body)
            except OSError:
                return f"over {GIVEN_UP_SECONDS:.0f} s"
            finally:
                connection.close()
            worst = max(worst, time.perf_counter() - began)
    return f"{worst * 1000:.0f} ms"


def main() -> None:
    """Measure and print."""
    print(f"{'':<34}{'requests/s':>12}" + "".join(f"{f'{number} stalled':>14}" for number in STALLED))
    for name, start in (
        ("waitress in gunicorn's processes", deployed),
        ("gunicorn gthread", gunicorn_threads),
    ):
        with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as service:
            load.run(service, 16, 3)
            seen = load.run(service, 16, SECONDS)
            cells = "".join(f"{behind(service, number):>14}" for number in STALLED)
            print(
                f"{name:<34}{len(seen.seconds) / SECONDS:>12.0f}{cells}  errors {len(seen.errors)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
