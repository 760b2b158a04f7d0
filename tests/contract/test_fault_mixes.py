"""Random mixes of faults; the whole thousand is ``python -m benchmarks.fault_mixes``."""

from __future__ import annotations

from benchmarks.fault_mixes import run


def test_no_mix_of_faults_costs_the_answer_or_is_read_as_a_clean_chart() -> None:
    report = run(60)
    assert report.problems == []
    assert report.statuses[200] > 20
    assert report.reassured > 0
    assert len(report.outcomes) > 8
