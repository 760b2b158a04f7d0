"""What the cards on orders offer: the parts of care that are missing, and the pathway's own test.

Nothing that is drafted already is proposed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import Line, Proposal, ProposalKind, Section
from cds_service.pathway.imaging import CERVICAL_MRI, done_on
from cds_service.pathway.open_orders import ROUTINE
from cds_service.pathway.rules.initial_care import follow_up, ibuprofen, nsaid_lines, physical_therapy
from cds_service.pathway.rules.modality import (
    has_myelography,
    is_anticoagulated,
    modality_lines,
    myelography_cautions,
)
from cds_service.pathway.rules.orders.question import NextTest
from cds_service.pathway.rules.phase import reasons
from cds_service.pathway.rules.red_flag_myelography import answers_flags, in_hand_lines
from cds_service.pathway.rules.red_flag_parts import flag_names, reasons_for
from cds_service.pathway.rules.red_flags.groups import (
    is_infection_only,
    needed_priority,
)
from cds_service.pathway.therapy import THERAPY_ORDERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.pathway.finding import SlotValue
    from cds_service.pathway.rules.orders.question import OrderQuestion

Proposals = tuple[Proposal, ...]
_MYELOGRAPHY = "imaging/ct-myelography-cervical"
_DRAFTS_OF = {
    ProposalKind.PHYSICAL_THERAPY: THERAPY_ORDERS,
    ProposalKind.IBUPROFEN: frozenset({"drug/nsaid"}),
    ProposalKind.MRI: CERVICAL_MRI,
    ProposalKind.CT_MYELOGRAPHY: frozenset({_MYELOGRAPHY}),
    ProposalKind.CT_CERVICAL: frozenset({"imaging/ct-cervical-wo"}),
}


def not_drafted(question: OrderQuestion, offers: Iterable[Proposal | None]) -> Proposals:
    """The offers without what stands among the drafts already."""
    none: frozenset[str] = frozenset()
    found = (offer for offer in offers if offer is not None)
    return tuple(o for o in found if not question.drafted & _DRAFTS_OF.get(o.kind, none))


def initial_care(question: OrderQuestion) -> Proposals:
    """Physical therapy, ibuprofen and a follow-up, each unless it is in place or unsafe."""
    assessment, thresholds = question.assessment, question.thresholds
    found = (
        physical_therapy(assessment, thresholds),
        ibuprofen(assessment),
        follow_up(assessment, thresholds),
    )
    return not_drafted(question, found)


def missing_care(question: OrderQuestion) -> Proposals:
    """The parts of the trial that are missing."""
    missing = question.assessment.trial.missing
    found = (
        physical_therapy(question.assessment, question.thresholds) if "physical-therapy" in missing else None,
        ibuprofen(question.assessment) if "nsaid" in missing else None,
    )
    return not_drafted(question, found)


def missing_care_lines(question: OrderQuestion) -> tuple[Line, ...]:
    """What is to be read with ibuprofen, or why it is not offered, where an NSAID is missing."""
    return nsaid_lines(question.assessment) if "nsaid" in question.assessment.trial.missing else ()


def mri(question: OrderQuestion) -> Proposals:
    """The pathway's MRI, unless it is drafted or on order."""
    if question.assessment.imaging.open_mri_order is not None:
        return ()
    return not_drafted(question, (_imaging(question, ProposalKind.MRI, ()),))


def myelography(question: OrderQuestion) -> Proposals:
    """CT myelography where an MRI cannot be done or left a radiculopathy open, unless it is in hand."""
    if _has_myelography(question):
        return ()
    why = "mri-contraindicated" if question.is_impossible else "mri-equivocal"
    return not_drafted(question, (_imaging(question, ProposalKind.CT_MYELOGRAPHY, (why,)),))


def _has_myelography(question: OrderQuestion) -> bool:
    """Done or ordered for the flags, or in this episode."""
    assessment, thresholds = question.assessment, question.thresholds
    if question.has_flag:
        return answers_flags(assessment, thresholds)
    if question.is_left_open:
        return question.is_followed_up
    onset = assessment.episode.onset
    return has_myelography(assessment, onset.on if onset else None, thresholds)


def _imaging(question: OrderQuestion, kind: ProposalKind, notes: tuple[str, ...]) -> Proposal:
    """Imaging for a flag, with its priority; for failed care, routine."""
    assessment = question.assessment
    mri = assessment.imaging.mri_in_episode
    on = done_on(mri) if mri else None
    slots: dict[str, SlotValue] = question.slots(flags=flag_names(assessment), **({"date": on} if on else {}))
    if question.has_flag:
        priority, why, because = needed_priority(assessment), "red-flag", reasons_for(assessment)
    else:
        known = "no-improvement" if assessment.trajectory.is_not_improving else "course-unknown"
        priority, why, because = ROUTINE, known, reasons(assessment)
    return Proposal(kind, priority=priority, reasons=because, note_keys=(why, *notes), slots=slots)


def next_imaging(question: OrderQuestion) -> Proposals:
    """What the pathway images with after day 42: nothing for resolving pain or after a clear MRI."""
    following = question.next_test
    if following.is_none:
        return ()
    return mri(question) if following is NextTest.MRI else myelography(question)


def next_imaging_lines(question: OrderQuestion) -> tuple[Line, ...]:
    """What is said with it."""
    following = question.next_test
    if following.is_none:
        return ()
    if following is NextTest.MYELOGRAPHY_AFTER_MRI:
        step = Line(Section.STEP, "myelography-step", rule="R38b")
        return (step, *_in_hand_lines(question), *myelography_cautions(question.assessment))
    return test_lines(question)


def best_imaging(question: OrderQuestion) -> Proposals:
    """MRI, or CT myelography where it cannot be done."""
    return myelography(question) if question.is_impossible else mri(question)


def is_agreed_with_radiology(question: OrderQuestion) -> bool:
    """Flags of infection alone and no MRI: radiology agrees the test, so none is recommended (C6)."""
    return question.is_impossible and question.has_flag and is_infection_only(question.assessment)


def may_recommend(question: OrderQuestion) -> bool:
    """Whether the better test is recommended: none to be agreed, no puncture on an anticoagulant."""
    is_risky = question.is_impossible and is_anticoagulated(question.assessment)
    return not is_risky and not is_agreed_with_radiology(question)


def test_lines(question: OrderQuestion) -> tuple[Line, ...]:
    """What is said with the better test: why an MRI, or what to check before CT myelography."""
    if not question.is_impossible:
        return modality_lines(question.assessment.mri)
    cautions = myelography_cautions(question.assessment)
    return (device_line(question), *_in_hand_lines(question), *cautions)


def device_line(question: OrderQuestion) -> Line:
    """S8: what makes an MRI impossible until it is checked."""
    slots = {"reasons": question.slots()["reasons"]}
    return Line(Section.BEYOND_ARTICLE, "mri-device", slots, "S8", question.assessment.mri.evidence)


def _in_hand_lines(question: OrderQuestion) -> tuple[Line, ...]:
    if question.has_flag:
        return in_hand_lines(question.assessment, question.thresholds)
    rule = "R38b" if question.is_left_open else "R38a"
    return (Line(Section.STEP, "myelography-in-hand", rule=rule),) if _has_myelography(question) else ()
