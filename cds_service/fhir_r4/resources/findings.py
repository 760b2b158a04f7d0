"""What is found, said and warned of."""

from __future__ import annotations

import msgspec

from cds_service.fhir_r4.elements import (
    CodeableConcept,
    Coding,
    Element,
    Meta,
    Period,
    Quantity,
    Range,
    Reference,
    ReferenceRange,
    Timing,
)
from cds_service.fhir_r4.late import Late, as_sent
from cds_service.fhir_r4.resources.resource import Resource

Raw = msgspec.Raw


class Condition(Resource, frozen=True):
    """A problem or diagnosis."""

    meta: Meta | None = None
    clinical_status_as_sent: Raw = as_sent("clinicalStatus")
    verification_status_as_sent: Raw = as_sent("verificationStatus")
    code_as_sent: Raw = as_sent("code")
    severity: CodeableConcept | None = None
    body_site: tuple[CodeableConcept, ...] | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    onset_date_time: str | None = None
    onset_age: Quantity | None = None
    onset_period: Period | None = None
    onset_range: Range | None = None
    onset_string: str | None = None
    abatement_date_time: str | None = None
    abatement_age: Quantity | None = None
    abatement_period: Period | None = None
    abatement_range: Range | None = None
    abatement_string: str | None = None
    recorded_date: str | None = None

    clinical_status = Late[CodeableConcept]("clinical_status_as_sent", CodeableConcept)
    verification_status = Late[CodeableConcept]("verification_status_as_sent", CodeableConcept)
    code = Late[CodeableConcept]("code_as_sent", CodeableConcept)


class Finding(Element, frozen=True):
    """A part of an observation: a code and a value of its own."""

    code_as_sent: Raw = as_sent("code")
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: int | None = None
    value_date_time: str | None = None
    data_absent_reason: CodeableConcept | None = None
    interpretation_as_sent: Raw = as_sent("interpretation")
    reference_range_as_sent: Raw = as_sent("referenceRange")

    code = Late[CodeableConcept]("code_as_sent", CodeableConcept)
    interpretation = Late[tuple[CodeableConcept, ...]]("interpretation_as_sent", tuple[CodeableConcept, ...])
    reference_range = Late[tuple[ReferenceRange, ...]]("reference_range_as_sent", tuple[ReferenceRange, ...])


class Observation(Resource, frozen=True):
    """A result, sign, symptom or score."""

    status: str | None = None
    code_as_sent: Raw = as_sent("code")
    subject: Reference | None = None
    focus: tuple[Reference, ...] | None = None
    encounter: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    effective_instant: str | None = None
    effective_timing: Timing | None = None
    issued: str | None = None
    value_quantity_as_sent: Raw = as_sent("valueQuantity")
    value_codeable_concept_as_sent: Raw = as_sent("valueCodeableConcept")
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: int | None = None
    value_date_time: str | None = None
    data_absent_reason: CodeableConcept | None = None
    interpretation_as_sent: Raw = as_sent("interpretation")
    body_site: CodeableConcept | None = None
    reference_range_as_sent: Raw = as_sent("referenceRange")
    component_as_sent: Raw = as_sent("component")

    code = Late[CodeableConcept]("code_as_sent", CodeableConcept)
    value_quantity = Late[Quantity]("value_quantity_as_sent", Quantity)
    value_codeable_concept = Late[CodeableConcept]("value_codeable_concept_as_sent", CodeableConcept)
    interpretation = Late[tuple[CodeableConcept, ...]]("interpretation_as_sent", tuple[CodeableConcept, ...])
    reference_range = Late[tuple[ReferenceRange, ...]]("reference_range_as_sent", tuple[ReferenceRange, ...])
    component = Late[tuple[Finding, ...]]("component_as_sent", tuple[Finding, ...])


class Reaction(Element, frozen=True):
    """What an allergy did."""

    substance: CodeableConcept | None = None
    manifestation: tuple[CodeableConcept, ...] | None = None


class AllergyIntolerance(Resource, frozen=True):
    """An allergy or intolerance."""

    clinical_status: CodeableConcept | None = None
    verification_status: CodeableConcept | None = None
    code: CodeableConcept | None = None
    patient: Reference | None = None
    recorded_date: str | None = None
    reaction: tuple[Reaction, ...] | None = None


class Answer(Element, frozen=True):
    """An answer of a questionnaire."""

    value_boolean: bool | None = None
    value_integer: int | None = None
    value_decimal: float | None = None
    value_string: str | None = None
    value_coding: Coding | None = None
    value_quantity: Quantity | None = None
    item: tuple[ResponseItem, ...] | None = None


class ResponseItem(Element, frozen=True):
    """A question with its answers; groups, and answers, hold further questions."""

    text: str | None = None
    answer: tuple[Answer, ...] | None = None
    item: tuple[ResponseItem, ...] | None = None


class QuestionnaireResponse(Resource, frozen=True):
    """A filled questionnaire."""

    status: str | None = None
    subject: Reference | None = None
    authored: str | None = None
    item: tuple[ResponseItem, ...] | None = None


class Flag(Resource, frozen=True):
    """A warning on the chart."""

    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    period: Period | None = None
