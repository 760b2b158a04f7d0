"""What cards tell of the trial of therapy: how long it went on, and what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import Line, Section

if TYPE_CHECKING:
    from cds_service.pathway.assessment import Assessment, Trial


def missing_parts(trial: Trial) -> tuple[str, ...]:
    """What keeps the trial from being adequate; therapy that is only planned is told apart from none."""
    planned = {"physical-therapy": "sessions"} if trial.is_referred else {}
    return tuple(f"@term.missing-{planned.get(part, part)}" for part in trial.missing)


def trial_lines(assessment: Assessment) -> tuple[Line, ...]:
    """How long therapy went on; what is missing, as far as it could be read."""
    trial = assessment.trial
    so_far = Line(Section.STEP, "therapy-so-far", {"days": trial.days}, evidence=trial.evidence)
    if trial.is_adequate:
        return (so_far,)
    key = "trial-missing-unread" if trial.is_unread else "trial-missing"
    return (so_far, Line(Section.STEP, key, {"missing": missing_parts(trial)}, "R33b"))
