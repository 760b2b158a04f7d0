"""A small helping of what ``python -m benchmarks.fuzz`` sends in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import fuzz
from benchmarks.deployed import deployed

if TYPE_CHECKING:
    from pathlib import Path


def test_no_request_however_odd_is_a_failure_of_ours(tmp_path: Path) -> None:
    with deployed(tmp_path, workers=1) as service:
        answers = fuzz.run(service, 120)
        log = service.log.read_text()
    assert answers.broken == []
    assert sum(answers.statuses.values()) >= 100
    assert answers.statuses[200] > 10
    assert {400, 404} <= set(answers.statuses)
    assert "request_failed" not in log
