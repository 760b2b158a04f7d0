"""The reassessment window, weeks 4 to 6 (R32)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import Advice, Indicator, Line, Section
from cds_service.pathway.rules.initial_care import relaxant_lines
from cds_service.pathway.rules.phase import Phase, episode_evidence, episode_lines, fitting, phase_of
from cds_service.pathway.vocabulary import Course

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment


def judge_reassessment(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """R32: ask for the course; warn when it is recorded as progressing; silent when resolving or stable."""
    is_window = phase_of(assessment.episode.day, thresholds) is Phase.REASSESS
    if not is_window or not assessment.trial.is_documented:
        return None
    course = assessment.trajectory.course if _is_of_window(assessment, thresholds) else None
    if course in (Course.RESOLVING, Course.STABLE):
        return None
    is_worse = course is Course.PROGRESSING
    evidence = (*(assessment.trajectory.evidence if is_worse else ()), *episode_evidence(assessment, "R32"))
    return Advice(
        rule="R32",
        wording=fitting("R32-progressing" if is_worse else "R32", assessment),
        indicator=Indicator.WARNING if is_worse else Indicator.INFO,
        rules=("R32",),
        slots={"day": assessment.episode.day or 0},
        evidence=evidence,
        lines=(
            *episode_lines(assessment, thresholds),
            Line(Section.STEP, "recheck" if is_worse else "reassess", rule="R32"),
            Line(
                Section.STEP,
                "therapy-so-far",
                {"days": assessment.trial.days},
                evidence=assessment.trial.evidence,
            ),
            *relaxant_lines(assessment, thresholds),
        ),
        newest_on=assessment.trajectory.on if is_worse else evidence[-1].on,
    )


def _is_of_window(assessment: Assessment, thresholds: Thresholds) -> bool:
    """Whether the course was recorded within this window."""
    on, onset = assessment.trajectory.on, assessment.episode.onset
    if on is None or onset is None:
        return False
    return (on - onset.on).days >= thresholds.phase_reassess_from_day
