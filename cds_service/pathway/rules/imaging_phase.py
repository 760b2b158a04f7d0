"""Imaging after failed care: weeks six to eight (R33), beyond (R34), and without an onset (R36)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.assessment import MriState
from cds_service.pathway.finding import Advice, Evidence, Indicator, Line, Proposal, ProposalKind, Section
from cds_service.pathway.rules.initial_care import (
    care_lines,
    care_proposals,
    care_rules,
    ibuprofen,
    nsaid_lines,
    physical_therapy,
)
from cds_service.pathway.rules.modality import (
    has_myelography,
    is_anticoagulated,
    modality_lines,
    myelography_cautions,
)
from cds_service.pathway.rules.phase import Phase, episode_evidence, episode_lines, fitting, phase_of, reasons
from cds_service.pathway.rules.trial_words import missing_parts, trial_lines

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.finding import SlotValue


def judge_imaging_phase(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """R33 or R34, by phase; silent once an MRI was made in the episode or is on order."""
    phase = phase_of(assessment.episode.day, thresholds)
    if phase not in (Phase.BAND, Phase.BEYOND) or assessment.imaging.mri_in_episode is not None:
        return None
    if phase is Phase.BAND:
        return _band(assessment, thresholds)
    is_known = assessment.trajectory.course is not None
    return _imaging(assessment, thresholds, "R34a" if is_known else "R34b")


def _band(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    if assessment.trajectory.course is None:
        return _without_imaging(assessment, thresholds, "R33c")
    if not assessment.trial.is_adequate:
        return _without_imaging(assessment, thresholds, "R33b")
    return _imaging(assessment, thresholds, "R33a")


def _imaging(assessment: Assessment, thresholds: Thresholds, rule: str) -> Advice | None:
    """A card that proposes imaging; nothing when it is ordered already."""
    is_impossible = assessment.mri.state is MriState.CONTRAINDICATED
    if _is_in_hand(assessment, thresholds, is_impossible=is_impossible):
        return None
    is_recommended = rule != "R34b"
    test = _instead(assessment, is_recommended) if is_impossible else _mri(assessment, is_recommended)
    more = (
        physical_therapy(assessment, thresholds)
        if rule == "R34a" and "physical-therapy" in assessment.trial.missing
        else None
    )
    lines = _instead_lines(assessment) if is_impossible else modality_lines(assessment.mri)
    evidence = _evidence(assessment, rule)
    return Advice(
        rule=rule,
        wording=fitting(
            f"{rule}-myelography" if is_impossible else rule,
            assessment,
            is_lost=assessment.trajectory.is_unread,
        ),
        indicator=Indicator.WARNING if rule == "R34a" else Indicator.INFO,
        rules=(rule, *(("R38a",) if is_impossible else ()), *care_rules((more,) if more else ())),
        slots=_slots(assessment),
        evidence=evidence,
        lines=(
            *episode_lines(assessment, thresholds),
            *trial_lines(assessment),
            *_excused_lines(assessment),
            *lines,
        ),
        proposals=(test, more) if more else (test,),
        override="imaging",
        newest_on=evidence[0].on,
    )


def _is_in_hand(assessment: Assessment, thresholds: Thresholds, *, is_impossible: bool) -> bool:
    """Whether the test is ordered already, or the one that takes its place done in this episode."""
    if not is_impossible:
        return assessment.imaging.open_mri_order is not None
    onset = assessment.episode.onset
    return has_myelography(assessment, onset.on if onset else None, thresholds)


def _mri(assessment: Assessment, is_recommended: bool) -> Proposal:
    return Proposal(
        ProposalKind.MRI,
        is_recommended=is_recommended,
        priority="routine",
        reasons=reasons(assessment),
        note_keys=("no-improvement" if is_recommended else "course-unknown",),
        slots=_slots(assessment),
    )


def _instead(assessment: Assessment, is_recommended: bool) -> Proposal:
    """R38a: CT myelography where an MRI cannot be done."""
    return Proposal(
        ProposalKind.CT_MYELOGRAPHY,
        is_recommended=is_recommended and not is_anticoagulated(assessment),
        priority="routine",
        reasons=reasons(assessment),
        note_keys=("no-improvement" if is_recommended else "course-unknown", "mri-contraindicated"),
        slots=_slots(assessment),
    )


def _instead_lines(assessment: Assessment) -> tuple[Line, ...]:
    slots: dict[str, SlotValue] = {"reasons": _mri_reasons(assessment)}
    instead = Line(Section.STEP, "ct-myelography-instead", slots, "R38a", assessment.mri.evidence)
    return (instead, *myelography_cautions(assessment))


def _mri_reasons(assessment: Assessment) -> tuple[str, ...]:
    return tuple(f"@{reason}" for reason in assessment.mri.reasons)


def _slots(assessment: Assessment) -> dict[str, SlotValue]:
    slots: dict[str, SlotValue] = {"day": assessment.episode.day or 0, "days": assessment.trial.days}
    slots["reasons"] = _mri_reasons(assessment)
    slots["missing"] = missing_parts(assessment.trial)
    return slots


def _evidence(assessment: Assessment, rule: str) -> tuple[Evidence, ...]:
    return (*assessment.trajectory.evidence, *episode_evidence(assessment, rule))


def _excused_lines(assessment: Assessment) -> tuple[Line, ...]:
    """What the trial does without, and why: a reader who misses it on the card must not have to guess."""
    trial, nsaid = assessment.trial, assessment.nsaid
    lines = []
    if "nsaid" in trial.excused and not trial.has_nsaid:
        reasons: SlotValue = tuple(f"@{reason}" for reason in nsaid.reasons)
        lines.append(
            Line(Section.STEP, "nsaid-excused", {"reasons": reasons}, "R33b", nsaid.evidence)
            if reasons
            else Line(Section.STEP, "nsaid-declined", rule="R33b")
        )
    if "physical-therapy" in trial.excused and not trial.has_physical_therapy:
        lines.append(Line(Section.STEP, "therapy-excused", rule="R33b"))
    return tuple(lines)


def _without_imaging(assessment: Assessment, thresholds: Thresholds, rule: str) -> Advice:
    """R33b and R33c: complete the trial or record the course first; missing parts are offered."""
    offers = []
    if "physical-therapy" in assessment.trial.missing:
        offers.append(physical_therapy(assessment, thresholds))
    if "nsaid" in assessment.trial.missing:
        offers.append(ibuprofen(assessment))
    proposals = tuple(offer for offer in offers if offer is not None)
    evidence = _evidence(assessment, rule)
    is_lost = assessment.trial.is_unread if rule == "R33b" else assessment.trajectory.is_unread
    is_impossible = assessment.mri.state is MriState.CONTRAINDICATED
    wording = "R33c-myelography" if rule == "R33c" and is_impossible else rule
    about_nsaid = nsaid_lines(assessment) if "nsaid" in assessment.trial.missing else ()
    return Advice(
        rule=rule,
        wording=fitting(wording, assessment, is_lost=is_lost),
        indicator=Indicator.INFO,
        rules=(rule, *care_rules(proposals)),
        slots=_slots(assessment),
        evidence=evidence,
        lines=(
            *episode_lines(assessment, thresholds),
            *trial_lines(assessment),
            *_excused_lines(assessment),
            *about_nsaid,
        ),
        proposals=proposals,
        newest_on=evidence[0].on,
    )


def judge_unknown_onset(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """R36: without an onset nothing about time is advised; the care of R27 is."""
    if assessment.episode.onset is not None:
        return None
    proposals = care_proposals(assessment, thresholds)
    return Advice(
        rule="R36",
        wording=fitting("R36", assessment),
        indicator=Indicator.INFO,
        rules=("R36", *care_rules(proposals)),
        evidence=episode_evidence(assessment, "R36"),
        lines=(
            Line(Section.STEP, "onset-needed", rule="R36"),
            *episode_lines(assessment, thresholds),
            *care_lines(assessment, thresholds),
        ),
        proposals=proposals,
    )
