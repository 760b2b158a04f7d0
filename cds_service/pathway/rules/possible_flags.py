"""A flag that is merely possible (R26), and surgery for pain once an MRI has settled its flag (R40)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import newest_date
from cds_service.pathway.facts import Measurement
from cds_service.pathway.finding import Advice, Finding, FlagState, Indicator, Line, Section, SlotValue
from cds_service.pathway.rules.extra_risk import extra_risk_lines
from cds_service.pathway.rules.red_flag_outcome import FlagStatus, RedFlagOutcome
from cds_service.pathway.rules.red_flag_parts import rules_of
from cds_service.pathway.rules.red_flags.groups import present_evidence
from cds_service.pathway.rules.surgeon import counselling, is_surgery_for_pain, surgical_referral

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment


def judge_possible_flag(
    assessment: Assessment, outcome: RedFlagOutcome, thresholds: Thresholds
) -> Advice | None:
    """R26: no flag is open, but something hints at one; never an imaging suggestion."""
    possible = assessment.flags(FlagState.POSSIBLE)
    if not possible or outcome.status.suppresses:
        return None
    evidence = tuple(e for finding in sorted(possible, key=_newest_first) for e in finding.evidence)
    return Advice(
        rule="R26",
        wording="R26",
        indicator=Indicator.WARNING,
        rules=("R26", *rules_of(evidence)),
        slots={"more": _number(possible) - 1},
        evidence=evidence,
        lines=(
            Line(Section.STEP, "possible-step", rule="R26"),
            Line(Section.OTHER_GUIDANCE, "screening-prompt"),
            *extra_risk_lines(assessment.case, thresholds),
        ),
        newest_on=newest_date(evidence),
    )


def _number(possible: tuple[Finding, ...]) -> int:
    """How many there are: what one graded muscle makes possible, progression and severity, is one."""
    results = [
        finding for finding in possible if all(isinstance(e.fact, Measurement) for e in finding.evidence)
    ]
    same = {frozenset(e.source.ref for e in finding.evidence) for finding in results}
    return len(possible) - len(results) + len(same)


def _newest_first(finding: Finding) -> int:
    newest = newest_date(finding.evidence)
    return -newest.toordinal() if newest else 0


def judge_surgery_for_pain(
    assessment: Assessment, outcome: RedFlagOutcome, thresholds: Thresholds
) -> Advice | None:
    """R40 as a card of its own, once an MRI has settled the flag and until a surgeon is asked.

    Before that R23 carries it.
    """
    is_due = outcome.status is FlagStatus.SATISFIED_OVER and is_surgery_for_pain(assessment, thresholds)
    proposals = surgical_referral(assessment, thresholds) if is_due else ()
    if not proposals:
        return None
    evidence = tuple(e for e in present_evidence(assessment) if e.rule == "R21")
    days: SlotValue = assessment.trial.days
    return Advice(
        rule="R40",
        wording="R40",
        indicator=Indicator.INFO,
        rules=("R40", "R21"),
        slots={"days": days},
        evidence=evidence,
        lines=(
            Line(Section.STEP, "surgery-pain", {"days": days}, "R40"),
            *counselling(assessment),
            *outcome.lines,
        ),
        proposals=proposals,
        newest_on=newest_date(evidence),
    )
