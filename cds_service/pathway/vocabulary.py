"""Small words every fact is made of: dates, sources, sides, sites, courses."""

from __future__ import annotations

from datetime import date
from enum import Enum

import msgspec


class Value(msgspec.Struct, frozen=True, gc=False):
    """Base of everything that is said once and never changed; equal values are the same value.

    A chart makes hundreds of them, and a Struct is made in a fraction of a dataclass's time. They hold no
    cycles, so the collector need not look at them (``gc=False``).
    """


class Precision(Enum):
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


class Presence(Enum):
    """What a statement says about the thing it names."""

    PRESENT = "present"
    SUSPECTED = "suspected"  # unconfirmed, provisional, differential
    ABSENT = "absent"  # refuted, or a negative finding


class Side(Enum):
    """Side of the body."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "bilateral"


class Site(Enum):
    """Body region, as coarse as the rules need it."""

    NECK = "neck"
    OCCIPUT = "occiput"
    ARM = "arm"
    LEG = "leg"
    OTHER = "other"


class Course(Enum):
    """Recorded direction of a symptom."""

    RESOLVING = "resolving"
    STABLE = "stable"
    PROGRESSING = "progressing"


class Flagging(Enum):
    """The laboratory's own judgement (Observation.interpretation)."""

    RAISED = "raised"  # H, HH, HU
    NORMAL = "normal"
    LOW = "low"
    ABNORMAL = "abnormal"  # A, AA: a direction is not stated


class Intake(Enum):
    """How sure the record is that the drug was taken."""

    TAKEN = "taken"  # MedicationStatement active/completed/stopped, MedicationAdministration
    PRESCRIBED = "prescribed"  # MedicationRequest: "prescribed, intake not confirmed"


class Criticality(Enum):
    """What the reactions of an allergy entry say, as the NSAID rules need it."""

    ONLY_GASTROINTESTINAL = "gastrointestinal"
    OTHER = "other"  # any other reaction, or none recorded


class MrLabel(Enum):
    """MR safety label of a device."""

    SAFE = "safe"
    CONDITIONAL = "conditional"
    UNSAFE = "unsafe"


class AgeRange(Value, frozen=True):
    """Completed years at ``as_of``; a partial birth date gives a range."""

    at_least: int
    at_most: int


class Sex(Enum):
    """Administrative gender as the laboratory limits use it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class User(Enum):
    """Who is looking."""

    CLINICIAN = "clinician"
    PATIENT = "patient"  # Patient or RelatedPerson
