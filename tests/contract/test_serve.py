"""The service as a person starts it: a process that says where it listens, answers and stops."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from cds_service import running

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURE = Path("fixtures/hook_requests/red-flag-crp.json").resolve()
COMMAND = [sys.executable, "-m", "cds_service", "serve", "--demo", str(FIXTURE)]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    started = subprocess.Popen(
        COMMAND,
        cwd=tmp_path,
        env=environ | {"CDS_PORT": "0", "PYTHONPATH": str(FIXTURE.parents[2]), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield started
    started.kill()
    started.communicate(timeout=20)


def test_the_printed_curl_line_shows_a_red_flag_card_and_the_process_stops_in_order(
    process: subprocess.Popen[str],
) -> None:
    assert process.stdout
    curl = next(line for line in process.stdout if line.startswith("curl "))
    words = shlex.split(curl)
    body = Path(words[words.index("-d") + 1].removeprefix("@")).read_bytes()
    call = urllib.request.Request(words[2], body, {"Content-Type": "application/json"})  # noqa: S310 - our own
    with urllib.request.urlopen(call, timeout=30) as answer:  # noqa: S310 - our own server
        cards = json.load(answer)["cards"]
    assert cards[0]["source"]["topic"]["code"] == "R23"
    assert cards[0]["indicator"] == "critical"

    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=20)
    assert process.returncode == 0
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events[0] == "service_started"
    assert "advice_given" in events
    assert events[-1] == "service_stopped"


def test_what_is_still_being_loaded_at_the_stop_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, done = threading.Event(), []

    def load() -> None:
        begun.set()
        time.sleep(0.3)
        done.append("loaded")

    service, server = Mock(reads_servers=False), Mock()
    server.run = lambda _goes_on: begun.wait(10)
    monkeypatch.setattr(running, "PRELOAD_AFTER_SECONDS", 0)
    monkeypatch.setattr(running, "preload", load)
    monkeypatch.setattr(running, "freeze", lambda: None)
    service.stop = lambda: done.append("stopped")
    running.answer(service, server)
    # What waits is written first: whoever runs the processes may end this one while a library is loading.
    assert done == ["stopped", "loaded"]


def test_a_setting_that_is_wrong_stops_the_start_with_a_sentence() -> None:
    done = subprocess.run(
        COMMAND, env=os.environ | {"CDS_PROT": "1"}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "cds-service cannot start: CDS_PROT: there is no such setting. Did you mean CDS_PORT?"
    )
