"""Resources of FHIR R4, as far as the pathway reads them."""

from __future__ import annotations

import msgspec

from cds_service.fhir_r4.elements import (
    CodeableConcept,
    Coding,
    Dosage,
    Element,
    Identifier,
    Meta,
    NamedReference,
    Period,
    Quantity,
    Range,
    Ratio,
    Reference,
    ReferenceRange,
    Timing,
)
from cds_service.fhir_r4.late import Late, as_sent

Raw = msgspec.Raw


class Resource(Element, frozen=True):
    """What every resource has. A modifierExtension nobody knows may turn the resource's meaning round."""

    resource_type: str | None = None
    id: str | None = None
    modifier_extension: tuple[Raw, ...] | None = None
    contained: tuple[Raw, ...] | None = None


class Patient(Resource, frozen=True):
    """Who."""

    gender: str | None = None
    birth_date: str | None = None
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None


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


class Ingredient(Element, frozen=True):
    """One ingredient of a drug."""

    item_codeable_concept: CodeableConcept | None = None
    item_reference: Reference | None = None
    strength: Ratio | None = None


class Medication(Resource, frozen=True):
    """A drug others refer to."""

    identifier: tuple[Identifier, ...] | None = None
    code: CodeableConcept | None = None
    form: CodeableConcept | None = None
    ingredient: tuple[Ingredient, ...] | None = None


class MedicationStatement(Resource, frozen=True):
    """What is said to be taken."""

    status: str | None = None
    medication_codeable_concept_as_sent: Raw = as_sent("medicationCodeableConcept")
    medication_reference: NamedReference | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    date_asserted: str | None = None
    reason_code: tuple[CodeableConcept, ...] | None = None
    dosage_as_sent: Raw = as_sent("dosage")

    medication_codeable_concept = Late[CodeableConcept](
        "medication_codeable_concept_as_sent", CodeableConcept
    )
    dosage = Late[tuple[Dosage, ...]]("dosage_as_sent", tuple[Dosage, ...])


class DispenseRequest(Element, frozen=True):
    """How long a prescription lasts."""

    validity_period: Period | None = None
    number_of_repeats_allowed: int | None = None
    expected_supply_duration: Quantity | None = None


class MedicationRequest(Resource, frozen=True):
    """A prescription."""

    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    medication_codeable_concept_as_sent: Raw = as_sent("medicationCodeableConcept")
    medication_reference: NamedReference | None = None
    subject: Reference | None = None
    authored_on: str | None = None
    reason_code: tuple[CodeableConcept, ...] | None = None
    dosage_instruction: tuple[Dosage, ...] | None = None
    dispense_request: DispenseRequest | None = None

    medication_codeable_concept = Late[CodeableConcept](
        "medication_codeable_concept_as_sent", CodeableConcept
    )


class MedicationAdministration(Resource, frozen=True):
    """A dose that was given."""

    status: str | None = None
    medication_codeable_concept_as_sent: Raw = as_sent("medicationCodeableConcept")
    medication_reference: NamedReference | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    reason_code: tuple[CodeableConcept, ...] | None = None
    dosage: Dosage | None = None

    medication_codeable_concept = Late[CodeableConcept](
        "medication_codeable_concept_as_sent", CodeableConcept
    )


class Procedure(Resource, frozen=True):
    """Something done."""

    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    performed_date_time: str | None = None
    performed_period: Period | None = None
    body_site: tuple[CodeableConcept, ...] | None = None
    reason_code: tuple[CodeableConcept, ...] | None = None


class ServiceRequest(Resource, frozen=True):
    """An order; ``raw`` is the JSON as received, so that an update can echo it whole."""

    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    priority: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    authored_on: str | None = None
    body_site: tuple[CodeableConcept, ...] | None = None
    reason_code: tuple[CodeableConcept, ...] | None = None
    raw: bytes = msgspec.field(default=b"", name="_asReceived")


class DiagnosticReport(Resource, frozen=True):
    """A report: laboratory or imaging."""

    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    issued: str | None = None
    result: tuple[Reference, ...] | None = None
    conclusion: str | None = None
    conclusion_code: tuple[CodeableConcept, ...] | None = None


class Series(Element, frozen=True):
    """A series of an imaging study."""

    modality: Coding | None = None
    body_site: Coding | None = None


class ImagingStudy(Resource, frozen=True):
    """A study that was made."""

    status: str | None = None
    subject: Reference | None = None
    started: str | None = None
    modality: tuple[Coding, ...] | None = None
    procedure_code: tuple[CodeableConcept, ...] | None = None
    description: str | None = None
    series: tuple[Series, ...] | None = None


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


class EncounterDiagnosis(Element, frozen=True):
    """A diagnosis of an encounter."""

    condition: Reference | None = None


class Hospitalization(Element, frozen=True):
    """How a stay in hospital ended."""

    discharge_disposition: CodeableConcept | None = None


class Encounter(Resource, frozen=True):
    """A visit."""

    status: str | None = None
    class_: Coding | None = msgspec.field(default=None, name="class")
    type: tuple[CodeableConcept, ...] | None = None
    service_type: CodeableConcept | None = None
    subject: Reference | None = None
    period: Period | None = None
    reason_code: tuple[CodeableConcept, ...] | None = None
    reason_reference: tuple[Reference, ...] | None = None
    diagnosis: tuple[EncounterDiagnosis, ...] | None = None
    hospitalization: Hospitalization | None = None


class Participant(Element, frozen=True):
    """Who takes part in an appointment."""

    actor: Reference | None = None


class Appointment(Resource, frozen=True):
    """A visit to come."""

    status: str | None = None
    service_type: tuple[CodeableConcept, ...] | None = None
    reason_code: tuple[CodeableConcept, ...] | None = None
    reason_reference: tuple[Reference, ...] | None = None
    description: str | None = None
    start: str | None = None
    requested_period: tuple[Period, ...] | None = None
    participant: tuple[Participant, ...] | None = None


class DeviceName(Element, frozen=True):
    """A name of a device."""

    name: str | None = None


class Device(Resource, frozen=True):
    """An implanted device."""

    status: str | None = None
    type: CodeableConcept | None = None
    device_name: tuple[DeviceName, ...] | None = None
    patient: Reference | None = None
    safety: tuple[CodeableConcept, ...] | None = None


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

    link_id: str | None = None
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


class Goal(Resource, frozen=True):
    """A goal and how far it was reached."""

    lifecycle_status: str | None = None
    achievement_status: CodeableConcept | None = None
    description: CodeableConcept | None = None
    subject: Reference | None = None
    addresses: tuple[Reference, ...] | None = None
    start_date: str | None = None
    status_date: str | None = None


class ActivityDetail(Element, frozen=True):
    """What a care plan holds."""

    code: CodeableConcept | None = None
    status: str | None = None
    do_not_perform: bool | None = None
    scheduled_period: Period | None = None


class Activity(Element, frozen=True):
    """One activity of a care plan."""

    detail: ActivityDetail | None = None


class CarePlan(Resource, frozen=True):
    """A plan of care."""

    status: str | None = None
    intent: str | None = None
    category: tuple[CodeableConcept, ...] | None = None
    subject: Reference | None = None
    period: Period | None = None
    activity: tuple[Activity, ...] | None = None


STRUCTS: dict[str, type[Resource]] = {
    kind.__name__: kind
    for kind in (
        Patient,
        Condition,
        Observation,
        Medication,
        MedicationStatement,
        MedicationRequest,
        MedicationAdministration,
        Procedure,
        ServiceRequest,
        DiagnosticReport,
        ImagingStudy,
        AllergyIntolerance,
        Encounter,
        Appointment,
        Device,
        QuestionnaireResponse,
        Flag,
        Goal,
        CarePlan,
    )
}
