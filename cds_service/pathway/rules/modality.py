"""Lines that go with a proposed test: why MRI (R37), and what the record says about its safety (S8, S11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.assessment import MriState
from cds_service.pathway.evidence import evidence_of
from cds_service.pathway.finding import Evidence, Line, Section
from cds_service.pathway.imaging import done_on
from cds_service.pathway.open_orders import ORDERED, ORDERED_OR_DRAFTED, open_orders
from cds_service.pathway.qualifying import is_active_pain
from cds_service.pathway.record import day
from cds_service.pathway.rules.red_flags.concepts import INFECTION_TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment, MriSafety
    from cds_service.pathway.facts import ImagingReport, Service, Statement

_MYELOGRAPHY = "imaging/ct-myelography-cervical"
_ANTICOAGULANT, _CONTRAST_ALLERGY = "drug/anticoagulant", "imaging/contrast-allergy"
_RAISED_PRESSURE = "context/raised-intracranial-pressure"
_SAFETY_KEYS = {MriState.CONDITIONAL: "mri-conditional", MriState.NOTE: "mri-note"}


def modality_lines(mri: MriSafety) -> tuple[Line, ...]:
    """R37, with what is to be checked before an MRI."""
    return (Line(Section.STEP, "modality", rule="R37"), *mri_safety_lines(mri))


def mri_safety_lines(mri: MriSafety) -> tuple[Line, ...]:
    """S8: a device check or remark where one is due, and where implants could not be looked for."""
    lines = []
    key = _SAFETY_KEYS.get(mri.state)
    if key is not None:
        reasons = tuple(f"@{reason}" for reason in mri.reasons)
        lines.append(Line(Section.BEYOND_ARTICLE, key, {"reasons": reasons}, "S8", mri.evidence))
    if mri.unread:
        data = tuple(f"@data.{key}" for key in sorted(mri.unread))
        lines.append(Line(Section.BEYOND_ARTICLE, "mri-unread", {"data": data}, "S8"))
    return tuple(lines)


def is_anticoagulated(assessment: Assessment) -> bool:
    """Whether an anticoagulant is in use."""
    return bool(_anticoagulants(assessment))


def _anticoagulants(assessment: Assessment) -> tuple[Evidence, ...]:
    drugs = (d for d in assessment.case.drugs if _ANTICOAGULANT in d.concepts and d.is_current)
    return tuple(Evidence("S11", drug, day(drug.start)) for drug in drugs)


def myelography_cautions(assessment: Assessment) -> tuple[Line, ...]:
    """S11: what to check before a puncture with contrast, wherever CT myelography is proposed."""
    found = cautions_found(assessment)
    if not found:
        return ()
    evidence = tuple(item for items in found.values() for item in items)
    return (Line(Section.BEYOND_ARTICLE, "myelography-caution", {"reasons": tuple(found)}, "S11", evidence),)


def cautions_found(assessment: Assessment) -> dict[str, tuple[Evidence, ...]]:
    """S11 by the name of the caution, as a slot value; none that nothing on record calls for."""
    case = assessment.case
    active = [s for s in case.statements if is_active_pain(s)]
    named = {
        "@term.anticoagulant": _anticoagulants(assessment),
        "@term.contrast-allergy": _allergies(assessment),
        "@term.spine-infection": _said(s for s in active if s.concepts & INFECTION_TARGETS),
        "@term.raised-pressure": _said(s for s in active if _RAISED_PRESSURE in s.concepts),
    }
    return {name: evidence for name, evidence in named.items() if evidence}


def _allergies(assessment: Assessment) -> tuple[Evidence, ...]:
    entries = (a for a in assessment.case.allergies if _CONTRAST_ALLERGY in a.concepts)
    return tuple(Evidence("S11", entry, day(entry.recorded)) for entry in entries)


def _said(facts: Iterable[Statement]) -> tuple[Evidence, ...]:
    return tuple(evidence_of("S11", fact) for fact in facts)


def newest_myelography(assessment: Assessment) -> ImagingReport | None:
    """The newest CT myelography on file."""
    return next((r for r in assessment.imaging.reports if _MYELOGRAPHY in r.concepts), None)


def ordered_myelography(
    assessment: Assessment, thresholds: Thresholds, statuses: frozenset[str] = ORDERED
) -> Service | None:
    """The most urgent order of CT myelography that stands and that none has answered since."""
    newest = newest_myelography(assessment)
    done = done_on(newest) if newest else None
    days = thresholds.order_open_days
    orders = open_orders(assessment.case, (_MYELOGRAPHY,), days, done=done, statuses=statuses)
    return next(iter(orders), None)


def has_myelography(assessment: Assessment, since: date | None, thresholds: Thresholds) -> bool:
    """CT myelography done since a day, or in hand where no flag is open; without a day none done answers."""
    newest = newest_myelography(assessment)
    done = done_on(newest) if newest else None
    is_done = done is not None and since is not None and done >= since
    return is_done or ordered_myelography(assessment, thresholds, ORDERED_OR_DRAFTED) is not None
