"""Surgical referrals (R57) and injections (R60)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import FlagState, Indicator, Line, ProposalKind, Section, Selection
from cds_service.pathway.rules.initial_care import physical_therapy
from cds_service.pathway.rules.occipital_neuralgia import neuralgia_pattern
from cds_service.pathway.rules.orders import changes, offers
from cds_service.pathway.rules.orders.cards import card
from cds_service.pathway.rules.radicular import compressing_mri, has_surgical_compression
from cds_service.pathway.rules.red_flag_parts import rules_of
from cds_service.pathway.rules.red_flags.groups import present_evidence
from cds_service.pathway.rules.surgeon import is_surgery_for_pain

if TYPE_CHECKING:
    from cds_service.pathway.assessment import Trajectory
    from cds_service.pathway.finding import Advice, Proposal
    from cds_service.pathway.rules.orders.question import OrderQuestion

_PAIN = "R21"
# Where the character of the pain is told.
_DESCRIBED_IN = frozenset({"conditions", "observations", "questionnaireResponses"})


def judge_surgical_referral(question: OrderQuestion) -> Advice | None:
    """R57: one of the article's criteria, or a flag that asks for a surgeon's eye, or the closest of them."""
    assessment = question.assessment
    present = {f.rule for f in assessment.flags(FlagState.PRESENT)}
    if present - {_PAIN} or has_surgical_compression(assessment, question.thresholds):
        return None
    if is_surgery_for_pain(assessment, question.thresholds):
        return None
    is_pain = _PAIN in present
    flags = present_evidence(assessment)
    next_step = _next_step(question)
    is_imaging = any(step.kind is not ProposalKind.PHYSICAL_THERAPY for step in next_step)
    return card(
        question,
        "R57",
        "R57-pain" if is_pain else _wording(question),
        Indicator.INFO if is_pain else Indicator.WARNING,
        rules=rules_of(flags),
        slots=question.slots(closest=f"@term.closest-{_closest(question)}"),
        evidence=(*flags, *question.evidence("R57")),
        lines=(
            *question.lines(),
            Line(Section.STEP, "surgery-criteria", {"closest": f"@term.closest-{_closest(question)}"}, "R57"),
            Line(Section.STEP, "surgery-counselling", rule="R42"),
            *(offers.test_lines(question) if is_imaging else ()),
        ),
        proposals=(*next_step, *changes.delete(question)),
        selection=Selection.ANY,
    )


def _wording(question: OrderQuestion) -> str:
    """After adequate care the summary does not say that it is missing, nor that it failed unless it did."""
    wording = question.fitting("R57")
    if wording == "R57" and _closest(question) == "compression":
        return "R57-compression"
    if wording != "R57" or not question.assessment.trial.is_adequate:
        return wording
    if question.is_resolving:
        return "R57-resolving"
    return "R57-care" if question.assessment.trajectory.is_not_improving else "R57-course"


def _closest(question: OrderQuestion) -> str:
    """Which of the three criteria the chart is nearest to."""
    if compressing_mri(question.assessment, question.thresholds) is not None:
        return "compression"
    if question.assessment.trial.is_adequate:
        return _after_care(question.assessment.trajectory)
    if question.assessment.trial.is_documented:
        return "care"
    hints = {f.rule for f in question.assessment.flags(FlagState.POSSIBLE)}
    return "deficit" if hints & {"R14", "R15"} else "care"


def _after_care(trajectory: Trajectory) -> str:
    """Adequate care is on record: whether it failed, as far as that could be read."""
    if trajectory.is_not_improving:
        return "care-done"
    return "care-unread" if trajectory.is_unread else "care-course"


def _next_step(question: OrderQuestion) -> tuple[Proposal, ...]:
    """MRI where imaging is due and none was made; else physical therapy."""
    if question.is_due and question.assessment.imaging.mri_in_episode is None:
        return offers.best_imaging(question)
    return offers.not_drafted(question, (physical_therapy(question.assessment, question.thresholds),))


def judge_injection(question: OrderQuestion) -> Advice | None:
    """R60: options for occipital neuralgia; without its pattern say so."""
    if neuralgia_pattern(question.assessment, question.thresholds):
        return None
    is_lost = bool(_DESCRIBED_IN & question.assessment.case.readability.incomplete)
    return card(
        question,
        "R60",
        "R60-unread" if is_lost else "R60",
        Indicator.INFO,
        rules=("R44",),
        lines=(*question.lines(), Line(Section.STEP, "injection-when", rule="R60")),
    )
