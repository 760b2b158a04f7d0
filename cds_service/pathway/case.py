"""The guideline inputs of one patient on one day.

The mapping fills the case, the rules read it. What could not be read is kept apart, in ``Readability``:
missing is not absent, and unreadable is neither.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.pathway.draft_order import DraftOrder
    from cds_service.pathway.facts import (
        Allergy,
        CourseStatement,
        DrugRefusal,
        DrugUse,
        ImagingReport,
        Implant,
        Measurement,
        NotInterpretable,
        Service,
        Statement,
        Visit,
    )
    from cds_service.pathway.vocabulary import AgeRange, Sex, User


class Readability(Value, frozen=True):
    """Which data could be read: names are prefetch keys (``conditions``, ``observations``, ...).

    Attributes:
        complete: Keys whose data is whole (OK or EMPTY).
        incomplete: Keys that are PARTIAL, FAILED or NOT_TRIED (a required key aside).
        not_interpretable: Single resources or values that could not be understood.
        wrong_patient: How many resources were dropped because they belong to someone else.
        unmapped: How many codes of each code system none of our sets knows; of systems we have no codes of,
            and of none, under "other".
    """

    complete: frozenset[str] = frozenset()
    incomplete: frozenset[str] = frozenset()
    not_interpretable: tuple[NotInterpretable, ...] = ()
    wrong_patient: int = 0
    unmapped: tuple[tuple[str, int], ...] = ()


class Subject(Value, frozen=True):
    """References every proposed resource needs: ``Patient/1``, ``Encounter/2``, ``Practitioner/3``."""

    patient_ref: str
    encounter_ref: str | None
    user_ref: str


class NeckPainCase(Value, frozen=True, gc=True, dict=True):
    """Everything the pathway knows about one patient on one day, duplicates merged, newest first.

    ``orders`` are the drafts of an order hook, in their order; None when no order is in hand (patient-view).
    """

    as_of: date
    subject: Subject
    user: User
    age_years: AgeRange | None
    sex: Sex | None
    is_deceased: bool = False
    statements: tuple[Statement, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    drugs: tuple[DrugUse, ...] = ()
    refusals: tuple[DrugRefusal, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    services: tuple[Service, ...] = ()
    imaging: tuple[ImagingReport, ...] = ()
    implants: tuple[Implant, ...] = ()
    visits: tuple[Visit, ...] = ()
    courses: tuple[CourseStatement, ...] = ()
    readability: Readability = Readability()
    orders: tuple[DraftOrder, ...] | None = None

    @cached_property
    def worked_out(self) -> dict[str, object]:
        """What follows from the case alone and several rules ask for, so that it is made once."""
        return {}
