"""Whether a cancer is being treated: what R11 and the opioid rule (R56) read alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.record import day
from cds_service.pathway.rules.red_flags.concepts import (
    ANTINEOPLASTIC,
    CANCER_DIAGNOSES,
    CANCER_DRUGS,
    CANCER_TREATMENT,
)
from cds_service.pathway.vocabulary import Presence

if TYPE_CHECKING:
    from cds_service.pathway.facts import DrugUse
    from cds_service.pathway.record import Record

_CANCER = ("red-flag/malignancy-current", "red-flag/cancer-pain")


def drugs_for_cancer(record: Record) -> list[DrugUse]:
    """Drugs in use whose recorded reason is a cancer."""
    return [d for d in record.used(CANCER_DRUGS) if d.is_current and d.reasons & CANCER_DIAGNOSES]


def is_under_treatment(record: Record, days: int) -> bool:
    """Whether a cancer is being treated: said so, or treated or given its drug in the last days."""
    is_said = _is_affirmed(record, (CANCER_TREATMENT,))
    is_recent = any(record.is_within(day(s.performed), days) for s in record.done((CANCER_TREATMENT,)))
    return is_said or is_recent or _is_on_cancer_drug(record, days) or _is_on_tumour_drug(record, days)


def _is_on_cancer_drug(record: Record, days: int) -> bool:
    drugs = record.used(CANCER_DRUGS)
    return any(d.reasons & CANCER_DIAGNOSES and _is_recent(record, d, days) for d in drugs)


def _is_on_tumour_drug(record: Record, days: int) -> bool:
    """A drug without a recorded reason, when it is mostly for tumours and an active cancer is recorded."""
    is_taken = any(_is_recent(record, d, days) for d in record.used((ANTINEOPLASTIC,)))
    return is_taken and _is_affirmed(record, _CANCER)


def _is_recent(record: Record, drug: DrugUse, days: int) -> bool:
    """In use, or given so recently that the next cycle may be ahead."""
    return drug.is_current or record.is_within(day(drug.end), days)


def _is_affirmed(record: Record, concepts: tuple[str, ...]) -> bool:
    return any(s.is_active and s.presence is Presence.PRESENT for s in record.affirmed(concepts))
