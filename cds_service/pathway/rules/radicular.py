"""Radicular pain and what an MRI shows: CT myelography after an equivocal MRI (R38b), surgery (R41)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_service.pathway.finding import Advice, Evidence, Indicator, Line, Proposal, ProposalKind, Section
from cds_service.pathway.imaging import done_on
from cds_service.pathway.open_orders import ORDERED_OR_DRAFTED
from cds_service.pathway.qualifying import RADICULOPATHY, is_active_pain
from cds_service.pathway.rules.modality import has_myelography, is_anticoagulated, myelography_cautions
from cds_service.pathway.rules.phase import episode_evidence, episode_lines, reasons
from cds_service.pathway.rules.surgeon import counselling, surgical_referrals
from cds_service.pathway.vocabulary import Side, Site

if TYPE_CHECKING:
    from datetime import date

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.facts import ImagingReport, Statement
    from cds_service.pathway.finding import SlotValue

COMPRESSION = "imaging/finding-nerve-root-compression"
_ROOT_SIGNS = frozenset({"red-flag/sensory-deficit", "red-flag/motor-weakness", "red-flag/reflex-loss"})
_DISC_LEVEL = re.compile(r"C(\d)-(?:\d|T1)")


def radiculopathies(assessment: Assessment) -> tuple[Statement, ...]:
    """Active radiculopathy, also where the code is of disc disease or spondylosis with radiculopathy."""
    return tuple(s for s in assessment.case.statements if RADICULOPATHY in s.concepts and is_active_pain(s))


def is_radicular(assessment: Assessment) -> bool:
    """Active radiculopathy, or root signs in the arm."""
    signs = (s for s in assessment.case.statements if s.concepts & _ROOT_SIGNS and is_active_pain(s))
    return bool(radiculopathies(assessment)) or any(Site.ARM in s.sites for s in signs)


def judge_equivocal_mri(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """R38b: an equivocal MRI of this episode with radiculopathy, unless myelography is done or ordered."""
    mri = assessment.imaging.mri_in_episode
    if (
        mri is None
        or not mri.is_equivocal
        or not is_radicular(assessment)
        or has_myelography(assessment, done_on(mri), thresholds)
    ):
        return None
    on = done_on(mri)
    slots: dict[str, SlotValue] = {"date": on} if on else {}
    myelography = Proposal(
        ProposalKind.CT_MYELOGRAPHY,
        is_recommended=not is_anticoagulated(assessment),
        priority="routine",
        reasons=(*reasons(assessment), mri.source),
        note_keys=("mri-equivocal",),
        slots=slots,
    )
    return Advice(
        rule="R38b",
        wording="R38b",
        indicator=Indicator.INFO,
        rules=("R38b",),
        slots=slots,
        evidence=(Evidence("R38b", mri, on), *episode_evidence(assessment, "R38b")),
        lines=(
            *episode_lines(assessment, thresholds),
            Line(Section.STEP, "myelography-step", rule="R38b"),
            *myelography_cautions(assessment),
        ),
        proposals=(myelography,),
        override="imaging",
        newest_on=on,
    )


def judge_surgery(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """R41: root compression that matches the symptoms, after failed care."""
    mri = compressing_mri(assessment, thresholds)
    if mri is None or not has_surgical_compression(assessment, thresholds):
        return None
    if surgical_referrals(assessment, thresholds, ORDERED_OR_DRAFTED):
        return None
    on = done_on(mri)
    evidence = (
        Evidence("R41", mri, on),
        *(Evidence("R41", s, s.newest_on) for s in radiculopathies(assessment)),
    )
    surgeon = Proposal(
        ProposalKind.SPINE_SURGERY,
        priority="routine",
        reasons=(*reasons(assessment), mri.source),
        note_keys=("compression",),
        slots={"date": on} if on else {},
    )
    return Advice(
        rule="R41",
        wording="R41",
        indicator=Indicator.INFO,
        rules=("R41",),
        slots={"date": on} if on else {},
        evidence=evidence,
        lines=(
            *episode_lines(assessment, thresholds),
            Line(Section.STEP, "surgery-compression", {"days": assessment.trial.days}, "R41"),
            *counselling(assessment),
        ),
        proposals=(surgeon,),
        newest_on=on,
    )


def has_surgical_compression(assessment: Assessment, thresholds: Thresholds) -> bool:
    """Root compression on the newest MRI, symptoms that match it, and care that failed."""
    mri = compressing_mri(assessment, thresholds)
    is_failed = assessment.trial.is_adequate and assessment.trajectory.is_not_improving
    return mri is not None and is_failed and _matches(assessment, mri)


def compressing_mri(assessment: Assessment, thresholds: Thresholds) -> ImagingReport | None:
    """The newest MRI, if it is recent enough and reports root compression."""
    mri = assessment.imaging.newest_mri
    on: date | None = done_on(mri) if mri else None
    if mri is None or on is None or COMPRESSION not in mri.findings:
        return None
    return mri if (assessment.case.as_of - on).days <= thresholds.compression_mri_lookback_days else None


def _matches(assessment: Assessment, mri: ImagingReport) -> bool:
    """Some active radiculopathy on the same side and level, where both are recorded."""
    return any(is_same_place(s, mri) for s in radiculopathies(assessment))


def is_same_place(symptom: Statement, mri: ImagingReport) -> bool:
    """Whether side and level agree; what is not recorded is not compared."""
    sides = (symptom.side, mri.side)
    is_side = None in sides or Side.BOTH in sides or symptom.side is mri.side
    shown, felt = roots(mri.levels), roots(symptom.levels)
    return is_side and (not shown or not felt or bool(shown & felt))


def roots(levels: frozenset[str]) -> frozenset[str]:
    """Root levels; the disc between two cervical vertebrae presses on the root below the upper one."""
    found = set()
    for level in levels:
        disc = _DISC_LEVEL.fullmatch(level)
        found.add(f"C{int(disc[1]) + 1}" if disc else level)
    return frozenset(found)
