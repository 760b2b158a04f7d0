"""Asking one red flag about a few facts."""

from __future__ import annotations

from typing import Any

from cds_service.pathway.assessment import Trial
from cds_service.pathway.finding import Finding, FlagState
from cds_service.pathway.rules.red_flags import screen
from tests.builders import LIMITS, case, episode

PRESENT, POSSIBLE, ABSENT = FlagState.PRESENT, FlagState.POSSIBLE, FlagState.ABSENT
NOTHING, UNREADABLE = FlagState.NOT_DOCUMENTED, FlagState.NOT_READABLE


def flag(
    rule: str, *facts: object, pain_days: int | None = 10, therapy_days: int = 0, **fields: Any
) -> Finding:
    """The finding of one rule for pain of so many days."""
    patient = case(*facts, **fields)
    found = screen(patient, episode(pain_days), Trial(days=therapy_days), LIMITS)
    return next(f for f in found if f.rule == rule)


def state(rule: str, *facts: object, **fields: Any) -> FlagState:
    """The state of one rule."""
    return flag(rule, *facts, **fields).state


def notes(finding: Finding) -> set[str]:
    """All remarks on a finding's evidence."""
    return {note for evidence in finding.evidence for note in evidence.notes}
