"""Data types of FHIR R4, as far as the pathway reads them; every member is optional, as in records."""

from __future__ import annotations

import msgspec


class Element(msgspec.Struct, gc=False, frozen=True, rename="camel", omit_defaults=True):
    """Base of all structures: camelCase on the wire, unknown members skipped; equal ones are the same.

    What was not sent is not written either: an element kept as bytes, and absent, has none to write.
    """


class Coding(Element, frozen=True):
    """A code of a code system."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


class CodeableConcept(Element, frozen=True):
    """Codes for one thing, and its text."""

    coding: tuple[Coding, ...] | None = None
    text: str | None = None


class Reference(Element, frozen=True):
    """A reference; only its target is read."""

    reference: str | None = None


class NamedReference(Reference, frozen=True):
    """A reference whose own words are read too: what it points to need not have come along."""

    display: str | None = None


class Identifier(Element, frozen=True):
    """A business identifier; some systems keep a drug's name there and nowhere else."""

    value: str | None = None


class Period(Element, frozen=True):
    """Start and end, FHIR dateTimes."""

    start: str | None = None
    end: str | None = None


class Quantity(Element, frozen=True):
    """A measured amount."""

    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Range(Element, frozen=True):
    """Low and high of an amount."""

    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(Element, frozen=True):
    """Numerator over denominator: the strength of an ingredient."""

    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Meta(Element, frozen=True):
    """When the resource was last changed."""

    last_updated: str | None = None


class ReferenceRange(Element, frozen=True):
    """A laboratory's range; ``type``, ``appliesTo`` and ``age`` say for whom."""

    low: Quantity | None = None
    high: Quantity | None = None
    type: CodeableConcept | None = None
    applies_to: tuple[CodeableConcept, ...] | None = None
    age: Range | None = None
    text: str | None = None


class Repeat(Element, frozen=True):
    """How often, within which bounds."""

    bounds_period: Period | None = None
    bounds_duration: Quantity | None = None
    count: int | None = None
    frequency: int | None = None
    frequency_max: int | None = None
    period: float | None = None
    period_unit: str | None = None
    time_of_day: tuple[str, ...] | None = None
    when: tuple[str, ...] | None = None


class Timing(Element, frozen=True):
    """When something happens."""

    event: tuple[str, ...] | None = None
    repeat: Repeat | None = None
    code: CodeableConcept | None = None


class DoseAndRate(Element, frozen=True):
    """Amount of one dose."""

    dose_quantity: Quantity | None = None
    dose_range: Range | None = None


class Dosage(Element, frozen=True):
    """How a drug is taken; a MedicationAdministration puts the amount into ``dose``."""

    sequence: int | None = None
    text: str | None = None
    timing: Timing | None = None
    site: CodeableConcept | None = None
    route: CodeableConcept | None = None
    dose_and_rate: tuple[DoseAndRate, ...] | None = None
    dose: Quantity | None = None
