"""The red-flag card: MRI now (R23), or what takes its place (R24, R25a, R25b)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.assessment import Assessment, MriState
from cds_service.pathway.finding import Advice, FlagState, Proposal, ProposalKind
from cds_service.pathway.rules.modality import modality_lines
from cds_service.pathway.rules.red_flag_myelography import without_mri
from cds_service.pathway.rules.red_flag_open import open_card
from cds_service.pathway.rules.red_flag_orders import already_ordered
from cds_service.pathway.rules.red_flag_outcome import FlagStatus, RedFlagOutcome
from cds_service.pathway.rules.red_flag_parts import flag_names, reasons_for
from cds_service.pathway.rules.red_flag_settled import settled, settling_mri, to_be_read
from cds_service.pathway.rules.red_flags.groups import needed_priority

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds


def judge_red_flag_card(assessment: Assessment, thresholds: Thresholds) -> RedFlagOutcome:
    """R23 with its variants; call it first, its status says what else may speak."""
    outcome = red_flag_outcome(assessment, thresholds)
    if outcome.status is FlagStatus.OPEN:
        return structs.replace(outcome, advice=_open(assessment, thresholds))
    mri = assessment.imaging.newest_mri
    if outcome.status is FlagStatus.SATISFIED_SHOWN and mri is not None:
        return structs.replace(outcome, advice=to_be_read(assessment, mri))
    return outcome


def red_flag_outcome(assessment: Assessment, thresholds: Thresholds) -> RedFlagOutcome:
    """Where the case stands with its flags, without the card: all that orders in hand ask for."""
    if not assessment.flags(FlagState.PRESENT):
        return RedFlagOutcome(FlagStatus.NONE)
    mri = settling_mri(assessment)
    return RedFlagOutcome(FlagStatus.OPEN) if mri is None else settled(assessment, mri, thresholds)


def _open(assessment: Assessment, thresholds: Thresholds) -> Advice:
    """The card on flags that no MRI has answered."""
    if assessment.mri.state is MriState.CONTRAINDICATED:
        return without_mri(assessment, thresholds)
    if assessment.imaging.open_mri_order is not None:
        return already_ordered(assessment, assessment.imaging.open_mri_order, thresholds)
    return _image_now(assessment, thresholds)


def _image_now(assessment: Assessment, thresholds: Thresholds) -> Advice:
    """R23: MRI now."""
    mri = Proposal(
        ProposalKind.MRI,
        is_recommended=True,
        priority=needed_priority(assessment),
        reasons=reasons_for(assessment),
        note_keys=("red-flag",),
        slots={"flags": flag_names(assessment)},
    )
    return open_card(assessment, thresholds, "R23", modality_lines(assessment.mri), (mri,))
