"""Patient to age and sex."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cds_service.fhir_mapping.dates import is_future
from cds_service.pathway.vocabulary import AgeRange, Sex

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import Patient
    from cds_service.pathway.vocabulary import When

_SEX = {"female": Sex.FEMALE, "male": Sex.MALE, "other": Sex.OTHER}


def age_years(born: When | None, as_of: date) -> AgeRange | None:
    """Completed years on the day of the call; a partial birth date gives a range, not a guess.

    None when no usable birth date is recorded.
    """
    if born is None:
        return None
    return AgeRange(_completed(born.on, as_of), _completed(born.earliest or born.on, as_of))


def _completed(born: date, as_of: date) -> int:
    has_had_birthday = (as_of.month, as_of.day) >= (born.month, born.day)
    return as_of.year - born.year - (0 if has_had_birthday else 1)


def sex(patient: Patient) -> Sex | None:
    """Administrative gender; None when unknown, missing or not a FHIR code."""
    return _SEX.get(patient.gender or "")


def is_deceased(patient: Patient, context: MappingContext) -> bool:
    """Whether a death is recorded; one dated after the day of the call has not happened yet."""
    died = patient.deceased_date_time
    return bool(patient.deceased_boolean or (died and not is_future(died, context)))
