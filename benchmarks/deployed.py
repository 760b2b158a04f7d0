"""The service as it is deployed: worker processes and a store, to be loaded, restarted and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from benchmarks.process import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICE = "/cds-services/neck-pain-patient-view"
START_SECONDS = 60
END_SECONDS = 20
SOURCE = Path(__file__).resolve().parents[1]
HEADERS = {"Content-Type": "application/json"}


@dataclass
class Deployed:
    """A service that can be started again on the same store.

    Attributes:
        folder: Where its log and its SQLite file are.
        workers: Number of processes that answer.
        environment: Further settings.
        port: Where it listens.
    """

    folder: Path
    workers: int = 2
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers.

        Raises:
            RuntimeError: It does not.
        """
        settings = {
            "CDS_PORT": str(self.port),
            "CDS_WORKERS": str(self.workers),
            "CDS_DATABASE_URL": f"sqlite:///{self.folder / 'store.sqlite3'}",
            "PYTHONPATH": str(SOURCE),
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cds_service", "serve"],
                cwd=self.folder,
                env=kept | settings | self.environment,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return
            except (OSError, HTTPException):
                time.sleep(0.05)
        raise RuntimeError(f"the service does not answer; see {self.log}")

    @property
    def log(self) -> Path:
        """What it writes."""
        return self.folder / "log.jsonl"

    @property
    def pid(self) -> int:
        """Of the process that looks after the workers."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    def pids(self) -> list[int]:
        """Every process of it that lives."""
        numbers = (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit())
        return sorted(number for number in numbers if _group(number) == self.pid)

    def kill_all(self) -> None:
        """End every process at once, as a power cut would (kill -9)."""
        os.killpg(self.pid, signal.SIGKILL)
        self._wait()
        # The workers are nobody's children now: they may still be ending.
        deadline = time.monotonic() + END_SECONDS
        while self.pids() and time.monotonic() < deadline:
            time.sleep(0.01)

    def stop(self) -> None:
        """Ask it to end in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._wait()

    def restart_workers(self) -> None:
        """Exchange the workers, one set after the other."""
        os.kill(self.pid, signal.SIGHUP)

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """One request over a connection of its own: status and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            return exchange(connection, method, path, body)
        finally:
            connection.close()

    def resident_kilobytes(self) -> int:
        """Memory of all processes together."""
        total = 0
        for pid in self.pids():
            status = Path(f"/proc/{pid}/status").read_text()
            total += int(status.partition("VmRSS:")[2].split()[0])
        return total

    def _wait(self) -> None:
        if self._process is not None:
            self._process.wait(timeout=60)


def exchange(
    connection: HTTPConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    """One request over a connection that stays open: status and body."""
    connection.request(method, path, body, HEADERS | (headers or {}))
    answer = connection.getresponse()
    return answer.status, answer.read()


def _group(pid: int) -> int:
    """Process group of a process that lives; 0 of one that has ended, collected or not."""
    try:
        is_zombie = ") Z " in Path(f"/proc/{pid}/stat").read_text()
        return 0 if is_zombie else os.getpgid(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0


@contextmanager
def deployed(folder: Path, workers: int = 2, **environment: str) -> Iterator[Deployed]:
    """A service that runs until the block ends."""
    service = Deployed(folder, workers, environment)
    try:
        service.start()
        yield service
    finally:
        service.stop()


def feedback_body(card: str | None = None) -> tuple[str, bytes]:
    """Feedback about a card nobody has reported on yet: its id and the body."""
    uuid = card or str(uuid4())
    item: dict[str, Any] = {
        "card": uuid,
        "outcome": "overridden",
        "overrideReason": {"reason": {"code": "specialist-request"}},
        "outcomeTimestamp": "2026-11-22T10:05:31Z",
    }
    return uuid, json.dumps({"feedback": [item]}).encode()
