"""Lines that go with a proposed test: why MRI (R37), and what the record says about its safety (S8, S11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.assessment import MriState
from cds_service.pathway.finding import Evidence, Line, Section
from cds_service.pathway.imaging import done_on
from cds_service.pathway.record import day

if TYPE_CHECKING:
    from datetime import date

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment, MriSafety
    from cds_service.pathway.facts import Service

_MYELOGRAPHY = "imaging/ct-myelography-cervical"
_ANTICOAGULANT, _CONTRAST_ALLERGY = "drug/anticoagulant", "imaging/contrast-allergy"
_IN_HAND = frozenset({"ordered", "draft"})
_SAFETY_KEYS = {MriState.CONDITIONAL: "mri-conditional", MriState.NOTE: "mri-note"}


def modality_lines(mri: MriSafety) -> tuple[Line, ...]:
    """R37, and a device check or remark where one is due."""
    line = Line(Section.STEP, "modality", rule="R37")
    key = _SAFETY_KEYS.get(mri.state)
    if key is None:
        return (line,)
    reasons = tuple(f"@{reason}" for reason in mri.reasons)
    return (line, Line(Section.BEYOND_ARTICLE, key, {"reasons": reasons}, "S8", mri.evidence))


def is_anticoagulated(assessment: Assessment) -> bool:
    """Whether an anticoagulant is in use."""
    return bool(_anticoagulants(assessment))


def _anticoagulants(assessment: Assessment) -> tuple[Evidence, ...]:
    drugs = (d for d in assessment.case.drugs if _ANTICOAGULANT in d.concepts and d.is_current)
    return tuple(Evidence("S11", drug) for drug in drugs)


def myelography_cautions(assessment: Assessment) -> tuple[Line, ...]:
    """S11: what to check before a puncture with contrast, wherever CT myelography is proposed."""
    drugs = _anticoagulants(assessment)
    allergies = (a for a in assessment.case.allergies if _CONTRAST_ALLERGY in a.concepts)
    contrast = tuple(Evidence("S11", allergy) for allergy in allergies)
    named = {"@term.anticoagulant": drugs, "@term.contrast-allergy": contrast}
    reasons = tuple(name for name, evidence in named.items() if evidence)
    if not reasons:
        return ()
    slots = {"reasons": reasons}
    return (Line(Section.BEYOND_ARTICLE, "myelography-caution", slots, "S11", (*drugs, *contrast)),)


def has_myelography(assessment: Assessment, since: date | None, thresholds: Thresholds) -> bool:
    """CT myelography done since a day, or on order; without a day one that was done answers nothing."""
    done = [done_on(r) for r in assessment.imaging.reports if _MYELOGRAPHY in r.concepts]
    is_done = any(on is not None and since is not None and on >= since for on in done)
    orders = [s for s in assessment.case.services if _MYELOGRAPHY in s.concepts and s.status in _IN_HAND]
    return is_done or any(_still_stands(assessment, order, thresholds) for order in orders)


def _still_stands(assessment: Assessment, order: Service, thresholds: Thresholds) -> bool:
    """An open order, unless it is too old to be waited for; an undated one is waited for."""
    written = day(order.authored)
    return written is None or (assessment.case.as_of - written).days <= thresholds.mri_order_open_days
