"""Small words every fact is made of: dates, sources, sides, sites, courses."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from cds_service.value import Value


class Precision(StrEnum):
    """How exactly a date is recorded."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class When(Value, frozen=True):
    """A recorded date: ``on`` is the latest day it allows, never after the case's ``as_of``.

    ``earliest`` is the first day it allows. A date that lies wholly in the future is a data error and
    never becomes a ``When``.
    """

    on: date
    precision: Precision = Precision.DAY
    earliest: date | None = None


class Source(Value, frozen=True):
    """Where a fact stands in the record.

    Attributes:
        ref: ``Type/id``; ``Type/?`` when the resource carries no id.
        text: The record's own words for it (display or text). Patient data: escape before showing,
            never log, never put into a summary.
        duplicates: Refs of further resources that say the very same thing.
    """

    ref: str
    text: str = ""
    duplicates: tuple[str, ...] = ()


class Presence(StrEnum):
    """What a statement says about the thing it names."""

    PRESENT = "present"
    SUSPECTED = "suspected"  # unconfirmed, provisional, differential
    ABSENT = "absent"  # refuted, or a negative finding


class Side(StrEnum):
    """Side of the body."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "bilateral"


class Site(StrEnum):
    """Body region, as coarse as the rules need it."""

    NECK = "neck"
    OCCIPUT = "occiput"
    ARM = "arm"
    LEG = "leg"
    OTHER = "other"


class Course(StrEnum):
    """Recorded direction of a symptom."""

    RESOLVING = "resolving"
    STABLE = "stable"
    PROGRESSING = "progressing"


class Flagging(StrEnum):
    """The laboratory's own judgement (Observation.interpretation)."""

    RAISED = "raised"  # H, HH, HU
    NORMAL = "normal"
    LOW = "low"
    ABNORMAL = "abnormal"  # A, AA: a direction is not stated


class Intake(StrEnum):
    """How sure the record is that the drug was taken."""

    TAKEN = "taken"  # MedicationStatement active/completed/stopped, MedicationAdministration
    PRESCRIBED = "prescribed"  # MedicationRequest: "prescribed, intake not confirmed"


class Criticality(StrEnum):
    """What the reactions of an allergy entry say, as the NSAID rules need it."""

    ONLY_GASTROINTESTINAL = "gastrointestinal"
    OTHER = "other"  # any other reaction, or none recorded


class MrLabel(StrEnum):
    """MR safety label of a device."""

    SAFE = "safe"
    CONDITIONAL = "conditional"
    UNSAFE = "unsafe"


class AgeRange(Value, frozen=True):
    """Completed years at ``as_of``; a partial birth date gives a range."""

    at_least: int
    at_most: int


class Sex(StrEnum):
    """Administrative gender as the laboratory limits use it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class User(StrEnum):
    """Who is looking."""

    CLINICIAN = "clinician"
    PATIENT = "patient"  # Patient or RelatedPerson
