"""Judging findings of red flags, for the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cds_service.pathway.assessment import ImagingHistory
from cds_service.pathway.finding import Advice, Evidence
from cds_service.pathway.rules.red_flag_cards import judge_red_flag_card
from tests.builders import (
    LIMITS,
    ago,
    assessment,
    finding,
    report,
    statement,
)

if TYPE_CHECKING:
    from cds_service.pathway.rules.red_flag_outcome import FlagStatus

TARGET = "target-diagnosis"


def target(*concepts: str) -> Any:
    """One recorded serious cause; its code may stand in several sets."""
    evidence = (Evidence("R23", statement(concepts, 3), ago(3)),)
    return finding(TARGET, evidence=evidence, days=3)


def judged(*findings: Any, **parts: Any) -> tuple[FlagStatus, Advice | None]:
    """What comes of these findings, and the card."""
    outcome = judge_red_flag_card(assessment(*findings, **parts), LIMITS)
    return outcome.status, outcome.advice


def card(*findings: Any, **parts: Any) -> Advice:
    """The card there must be."""
    advice = judged(*findings, **parts)[1]
    assert advice is not None
    return advice


def keys(advice: Advice | None) -> list[str]:
    """The wordings of its lines."""
    return [line.key for line in advice.lines] if advice else []


def mri_history(report_days: int | None = None, order: Any = None, **fields: Any) -> ImagingHistory:
    """An MRI reported so many days ago, and an open order."""
    mri = None if report_days is None else report(report_days, **fields)
    return ImagingHistory(open_mri_order=order, newest_mri=mri)
