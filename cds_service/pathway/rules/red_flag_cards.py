"""The red-flag card: MRI now (R23), or what takes its place (R24, R25a, R25b)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.assessment import Assessment, MriState
from cds_service.pathway.evidence import newest_date
from cds_service.pathway.finding import (
    Advice,
    Evidence,
    FlagState,
    Indicator,
    Line,
    Proposal,
    ProposalKind,
    Section,
    SlotValue,
)
from cds_service.pathway.record import day
from cds_service.pathway.rules.extra_risk import extra_risk_lines
from cds_service.pathway.rules.modality import (
    has_myelography,
    is_anticoagulated,
    modality_lines,
    myelography_cautions,
)
from cds_service.pathway.rules.red_flag_lines import common_lines
from cds_service.pathway.rules.red_flag_orders import already_ordered
from cds_service.pathway.rules.red_flag_outcome import FlagStatus, RedFlagOutcome
from cds_service.pathway.rules.red_flag_parts import flag_names, reasons_for, rules_of, surgical_referral
from cds_service.pathway.rules.red_flag_settled import settled, settling_mri, to_be_read
from cds_service.pathway.rules.red_flags.groups import is_infection_only, needed_priority, present_evidence

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
        # An open order does not help here: the MRI it asks for cannot be done.
        return _without_mri(assessment, thresholds)
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
    lines = modality_lines(assessment.mri)
    return _card(assessment, thresholds, "R23", lines, (mri, *surgical_referral(assessment, thresholds)))


def _card(
    assessment: Assessment,
    thresholds: Thresholds,
    wording: str,
    lines: tuple[Line, ...],
    proposals: tuple[Proposal, ...],
) -> Advice:
    """The red-flag card around what its variant adds."""
    evidence = present_evidence(assessment)
    variant = ("R24",) if wording.startswith("R24") else ()
    return Advice(
        rule="R23",
        wording=wording,
        indicator=Indicator.CRITICAL,
        rules=("R23", *variant, *rules_of(evidence)),
        slots={"more": len(assessment.flags(FlagState.PRESENT)) - 1},
        evidence=evidence,
        lines=(*common_lines(assessment, thresholds), *lines, *extra_risk_lines(assessment.case, thresholds)),
        proposals=proposals,
        override="imaging",
        newest_on=newest_date(evidence),
    )


def _without_mri(assessment: Assessment, thresholds: Thresholds) -> Advice:
    """R24: CT myelography instead; for infection alone the modality is for radiology to agree (C6)."""
    is_infection = is_infection_only(assessment)
    is_in_hand = has_myelography(assessment, newest_date(present_evidence(assessment)), thresholds)
    reasons: SlotValue = tuple(f"@{reason}" for reason in assessment.mri.reasons)
    myelography = Proposal(
        ProposalKind.CT_MYELOGRAPHY,
        is_recommended=not is_infection and not is_anticoagulated(assessment),
        priority=needed_priority(assessment),
        reasons=reasons_for(assessment),
        note_keys=("red-flag", "mri-contraindicated"),
        slots={"flags": flag_names(assessment), "reasons": reasons},
    )
    lines = [
        Line(Section.STEP, "ct-myelography-instead", {"reasons": reasons}, "R24", assessment.mri.evidence)
    ]
    if is_in_hand:
        lines.append(Line(Section.STEP, "myelography-in-hand", rule="R24"))
    ordered = assessment.imaging.open_mri_order
    if ordered is not None:
        evidence = (Evidence("R24", ordered, day(ordered.authored)),)
        lines.append(Line(Section.STEP, "mri-ordered-anyway", rule="R24", evidence=evidence))
    if is_infection:
        lines.append(Line(Section.OTHER_GUIDANCE, "modality-infection", rule="R24"))
    lines += myelography_cautions(assessment)
    wording = "R24-infection" if is_infection else "R24"
    tests = () if is_in_hand else (myelography,)
    return _card(
        assessment, thresholds, wording, tuple(lines), (*tests, *surgical_referral(assessment, thresholds))
    )
