"""A server in a process of its own: start it, call it, read the CPU time it has used."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/cds-services/neck-pain-{hook}"
HEADERS = {"Content-Type": "application/json"}
START_SECONDS = 30
# How Linux numbers the CPU clock of another process (clock_getcpuclockid): its id inverted, and the kind.
_PROCESS_CLOCK = 2


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    pid: int
    connection: HTTPConnection

    def cpu_seconds(self) -> float:
        """CPU time of all threads so far, those that have ended too."""
        return time.clock_gettime(~self.pid << 3 | _PROCESS_CLOCK)

    def post(self, body: bytes, hook: str = "patient-view") -> bytes:
        """One call; the answer's body.

        Raises:
            RuntimeError: The answer is not 200.
        """
        self.connection.request("POST", PATH.format(hook=hook), body, HEADERS)
        response = self.connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"HTTP {response.status}: {answer.decode()}")
        return answer


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(module: str, *arguments: str, environment: dict[str, str] | None = None) -> Iterator[Running]:
    """Run ``python -m module``, ``{port}`` standing for a free port, until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", module, *(argument.format(port=port) for argument in arguments)]
    settings = {name: value.format(port=port) for name, value in (environment or {}).items()}
    process = subprocess.Popen(
        command, env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield Running(process.pid, _connected(port))
    finally:
        process.terminate()
        process.wait(timeout=20)


def _connected(port: int) -> HTTPConnection:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.connect()
        except OSError:
            time.sleep(0.01)
        else:
            return connection
    raise RuntimeError(f"no server on port {port} after {START_SECONDS} s")
