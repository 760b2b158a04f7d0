"""Red flags with an MRI that cannot be done (R24), and CT myelography that may answer them already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import Evidence, Line, Proposal, ProposalKind, Section
from cds_service.pathway.imaging import done_on, is_done_since
from cds_service.pathway.open_orders import is_as_urgent
from cds_service.pathway.record import day
from cds_service.pathway.rules.modality import (
    is_anticoagulated,
    myelography_cautions,
    newest_myelography,
    ordered_myelography,
)
from cds_service.pathway.rules.red_flag_open import open_card
from cds_service.pathway.rules.red_flag_parts import flag_names, order_slots, reasons_for
from cds_service.pathway.rules.red_flags.groups import is_infection_only, needed_priority, newest_flag_on

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.facts import Service
    from cds_service.pathway.finding import Advice, SlotValue


def without_mri(assessment: Assessment, thresholds: Thresholds) -> Advice:
    """R24: CT myelography instead; for infection alone the modality is for radiology to agree (C6)."""
    is_infection = is_infection_only(assessment)
    reasons: SlotValue = tuple(f"@{reason}" for reason in assessment.mri.reasons)
    myelography = Proposal(
        ProposalKind.CT_MYELOGRAPHY,
        is_recommended=not is_infection and not is_anticoagulated(assessment),
        priority=needed_priority(assessment),
        reasons=reasons_for(assessment),
        note_keys=("red-flag", "mri-contraindicated"),
        slots={"flags": flag_names(assessment), "reasons": reasons},
    )
    lines = (
        Line(Section.STEP, "ct-myelography-instead", {"reasons": reasons}, "R24", assessment.mri.evidence),
        *in_hand_lines(assessment, thresholds),
        *_mri_ordered(assessment),
        *((Line(Section.OTHER_GUIDANCE, "modality-infection", rule="R24"),) if is_infection else ()),
        *myelography_cautions(assessment),
    )
    tests = () if answers_flags(assessment, thresholds) else (myelography,)
    return open_card(assessment, thresholds, "R24-infection" if is_infection else "R24", lines, tests)


def _mri_ordered(assessment: Assessment) -> tuple[Line, ...]:
    """An open order does not help here: the MRI it asks for cannot be done."""
    order = assessment.imaging.open_mri_order
    if order is None:
        return ()
    evidence = (Evidence("R24", order, day(order.authored)),)
    return (Line(Section.STEP, "mri-ordered-anyway", rule="R24", evidence=evidence),)


def answers_flags(assessment: Assessment, thresholds: Thresholds) -> bool:
    """Whether CT myelography was done since the newest flag, or is ordered as urgently as flags ask."""
    if _is_done(assessment):
        return True
    order = ordered_myelography(assessment, thresholds)
    return order is not None and _is_enough(assessment, order)


def _is_enough(assessment: Assessment, order: Service) -> bool:
    """Written for this pain, and as urgent as its flags ask."""
    return assessment.is_of_episode(order) and is_as_urgent(order.priority, needed_priority(assessment))


def in_hand_lines(assessment: Assessment, thresholds: Thresholds) -> tuple[Line, ...]:
    """CT myelography done since the newest flag, or on order; one less urgent than needed is no answer."""
    study = newest_myelography(assessment)
    if study is not None and _is_done(assessment):
        evidence = (Evidence("R24", study, done_on(study)),)
        return (Line(Section.STEP, "myelography-done", {"date": done_on(study) or ""}, "R24", evidence),)
    order = ordered_myelography(assessment, thresholds)
    if order is None:
        return ()
    key = "myelography-ordered" if _is_enough(assessment, order) else "myelography-ordered-slow"
    evidence = (Evidence("R24", order, day(order.authored)),)
    return (Line(Section.STEP, key, order_slots(order, needed_priority(assessment)), "R24", evidence),)


def _is_done(assessment: Assessment) -> bool:
    """An equivocal or non-diagnostic study answers nothing."""
    study = newest_myelography(assessment)
    is_answer = study is not None and not study.is_equivocal
    return study is not None and is_answer and is_done_since(study, newest_flag_on(assessment))
