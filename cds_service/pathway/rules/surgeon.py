"""Surgical evaluation of a red flag (R39, R40): when it is due, whether it is asked for, its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import Evidence, Line, Proposal, ProposalKind, Section
from cds_service.pathway.open_orders import (
    ORDERED,
    ROUTINE,
    URGENT,
    is_as_urgent,
    open_orders,
)
from cds_service.pathway.record import day
from cds_service.pathway.rules.red_flag_parts import flag_names, order_slots, reasons_for
from cds_service.pathway.rules.red_flags.groups import CORD_RULES, is_myelopathy_likely

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.facts import Service

_SURGEON = "referral/spine-surgery"


def is_surgery_for_pain(assessment: Assessment, thresholds: Thresholds) -> bool:
    """R40: intractable pain after an adequate length of care, late enough."""
    day_count = assessment.episode.day
    return (
        assessment.has_present("R21")
        and assessment.trial.days >= thresholds.surgery_pain_therapy_days
        and day_count is not None
        and day_count >= thresholds.surgery_pain_from_day
    )


def surgical_referrals(
    assessment: Assessment, thresholds: Thresholds, statuses: frozenset[str] = ORDERED
) -> tuple[Service, ...]:
    """Referrals to spine surgery that stand and may be for this pain, the most urgent first."""
    orders = open_orders(assessment.case, (_SURGEON,), thresholds.order_open_days, statuses=statuses)
    return tuple(order for order in orders if assessment.is_of_episode(order))


def surgical_referral(assessment: Assessment, thresholds: Thresholds) -> tuple[Proposal, ...]:
    """Spine surgery, unless it is asked for as urgently as the flags need."""
    needed = _needed(assessment, thresholds)
    if needed is None or any(
        is_as_urgent(o.priority, needed) for o in surgical_referrals(assessment, thresholds)
    ):
        return ()
    return (
        Proposal(
            ProposalKind.SPINE_SURGERY,
            priority=needed,
            reasons=reasons_for(assessment),
            note_keys=("red-flag",),
            slots={"flags": flag_names(assessment)},
        ),
    )


def _needed(assessment: Assessment, thresholds: Thresholds) -> str | None:
    """Urgent for flags of cord or root; for pain alone (R40) it can wait its turn; else none is due."""
    if assessment.has_present(*CORD_RULES):
        return URGENT
    return ROUTINE if is_surgery_for_pain(assessment, thresholds) else None


def referral_lines(assessment: Assessment, thresholds: Thresholds) -> tuple[Line, ...]:
    """Why a surgical opinion is asked for (R39, R40), who is asked, and what to expect of surgery (R42)."""
    needed = _needed(assessment, thresholds)
    if needed is None:
        return ()
    lines = [_deficit_line(assessment)] if assessment.has_present("R14", "R15") else []
    if is_surgery_for_pain(assessment, thresholds):
        lines.append(Line(Section.STEP, "surgery-pain", {"days": assessment.trial.days}, "R40"))
    asked = surgical_referrals(assessment, thresholds)[:1]
    lines += [_asked_line(referral, needed) for referral in asked]
    return (*lines, *counselling(assessment))


def _deficit_line(assessment: Assessment) -> Line:
    """The article's criterion needs care that was tried; without any, the referral is our addition."""
    if assessment.trial.days >= 1:
        return Line(Section.STEP, "surgery-deficit", {"days": assessment.trial.days}, "R39")
    return Line(Section.BEYOND_ARTICLE, "surgery-deficit-early", {}, "R39")


def _asked_line(referral: Service, needed: str) -> Line:
    """A referral that stands; one less urgent than needed is named beside the one that is offered."""
    key = "surgeon-asked" if is_as_urgent(referral.priority, needed) else "surgeon-asked-slow"
    evidence = (Evidence("R39", referral, day(referral.authored)),)
    return Line(Section.STEP, key, order_slots(referral, needed), "R39", evidence)


def counselling(assessment: Assessment) -> tuple[Line, ...]:
    """R42, for radiculopathy alone: in myelopathy other guidance asks for prompt surgery."""
    if is_myelopathy_likely(assessment):
        return ()
    return (Line(Section.STEP, "surgery-counselling", rule="R42"),)
