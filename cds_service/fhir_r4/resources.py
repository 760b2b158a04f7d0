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
    Period,
    Quantity,
    Range,
    Ratio,
    Reference,
    ReferenceRange,
    Timing,
)


class Resource(Element):
    """What every resource has. A modifierExtension nobody knows may turn the resource's meaning round."""

    resource_type: str | None = None
    id: str | None = None
    meta: Meta | None = None
    modifier_extension: list[msgspec.Raw] | None = None
    contained: list[msgspec.Raw] | None = None


class Patient(Resource):
    """Who."""

    gender: str | None = None
    birth_date: str | None = None
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None


class Condition(Resource):
    """A problem or diagnosis."""

    clinical_status: CodeableConcept | None = None
    verification_status: CodeableConcept | None = None
    code: CodeableConcept | None = None
    body_site: list[CodeableConcept] | None = None
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


class Finding(Element):
    """What Observation and its components share: a code and a value."""

    code: CodeableConcept | None = None
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: int | None = None
    value_date_time: str | None = None
    data_absent_reason: CodeableConcept | None = None
    interpretation: list[CodeableConcept] | None = None
    reference_range: list[ReferenceRange] | None = None


class Observation(Resource):
    """A result, sign, symptom or score."""

    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    focus: list[Reference] | None = None
    encounter: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    effective_instant: str | None = None
    effective_timing: Timing | None = None
    issued: str | None = None
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: int | None = None
    value_date_time: str | None = None
    data_absent_reason: CodeableConcept | None = None
    interpretation: list[CodeableConcept] | None = None
    body_site: CodeableConcept | None = None
    reference_range: list[ReferenceRange] | None = None
    component: list[Finding] | None = None


class Ingredient(Element):
    """One ingredient of a drug."""

    item_codeable_concept: CodeableConcept | None = None
    item_reference: Reference | None = None
    strength: Ratio | None = None


class Medication(Resource):
    """A drug others refer to."""

    identifier: list[Identifier] | None = None
    code: CodeableConcept | None = None
    form: CodeableConcept | None = None
    ingredient: list[Ingredient] | None = None


class MedicationStatement(Resource):
    """What is said to be taken."""

    status: str | None = None
    status_reason: list[CodeableConcept] | None = None
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    date_asserted: str | None = None
    reason_code: list[CodeableConcept] | None = None
    reason_reference: list[Reference] | None = None
    dosage: list[Dosage] | None = None


class DispenseRequest(Element):
    """How long a prescription lasts."""

    validity_period: Period | None = None
    number_of_repeats_allowed: int | None = None
    expected_supply_duration: Quantity | None = None


class MedicationRequest(Resource):
    """A prescription."""

    status: str | None = None
    status_reason: CodeableConcept | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    subject: Reference | None = None
    authored_on: str | None = None
    reason_code: list[CodeableConcept] | None = None
    reason_reference: list[Reference] | None = None
    dosage_instruction: list[Dosage] | None = None
    dispense_request: DispenseRequest | None = None


class MedicationAdministration(Resource):
    """A dose that was given."""

    status: str | None = None
    status_reason: list[CodeableConcept] | None = None
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    reason_code: list[CodeableConcept] | None = None
    reason_reference: list[Reference] | None = None
    dosage: Dosage | None = None


class Procedure(Resource):
    """Something done."""

    status: str | None = None
    status_reason: CodeableConcept | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    performed_date_time: str | None = None
    performed_period: Period | None = None
    body_site: list[CodeableConcept] | None = None
    reason_code: list[CodeableConcept] | None = None


class ServiceRequest(Resource):
    """An order; ``raw`` is the JSON as received, so that an update can echo it whole."""

    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    priority: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    authored_on: str | None = None
    body_site: list[CodeableConcept] | None = None
    reason_code: list[CodeableConcept] | None = None
    reason_reference: list[Reference] | None = None
    raw: bytes = msgspec.field(default=b"", name="_asReceived")


class DiagnosticReport(Resource):
    """A report: laboratory or imaging."""

    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    issued: str | None = None
    result: list[Reference] | None = None
    conclusion: str | None = None
    conclusion_code: list[CodeableConcept] | None = None


class Series(Element):
    """A series of an imaging study."""

    modality: Coding | None = None
    body_site: Coding | None = None


class ImagingStudy(Resource):
    """A study that was made."""

    status: str | None = None
    subject: Reference | None = None
    started: str | None = None
    modality: list[Coding] | None = None
    procedure_code: list[CodeableConcept] | None = None
    description: str | None = None
    series: list[Series] | None = None


class Reaction(Element):
    """What an allergy did."""

    substance: CodeableConcept | None = None
    manifestation: list[CodeableConcept] | None = None


class AllergyIntolerance(Resource):
    """An allergy or intolerance."""

    clinical_status: CodeableConcept | None = None
    verification_status: CodeableConcept | None = None
    code: CodeableConcept | None = None
    patient: Reference | None = None
    recorded_date: str | None = None
    reaction: list[Reaction] | None = None


class EncounterDiagnosis(Element):
    """A diagnosis of an encounter."""

    condition: Reference | None = None


class Hospitalization(Element):
    """How a stay in hospital ended."""

    discharge_disposition: CodeableConcept | None = None


class Encounter(Resource):
    """A visit."""

    status: str | None = None
    class_: Coding | None = msgspec.field(default=None, name="class")
    type: list[CodeableConcept] | None = None
    service_type: CodeableConcept | None = None
    subject: Reference | None = None
    period: Period | None = None
    reason_code: list[CodeableConcept] | None = None
    reason_reference: list[Reference] | None = None
    diagnosis: list[EncounterDiagnosis] | None = None
    hospitalization: Hospitalization | None = None


class Participant(Element):
    """Who takes part in an appointment."""

    actor: Reference | None = None


class Appointment(Resource):
    """A visit to come."""

    status: str | None = None
    service_type: list[CodeableConcept] | None = None
    reason_code: list[CodeableConcept] | None = None
    reason_reference: list[Reference] | None = None
    description: str | None = None
    start: str | None = None
    requested_period: list[Period] | None = None
    participant: list[Participant] | None = None


class DeviceName(Element):
    """A name of a device."""

    name: str | None = None


class Device(Resource):
    """An implanted device."""

    status: str | None = None
    type: CodeableConcept | None = None
    device_name: list[DeviceName] | None = None
    patient: Reference | None = None
    safety: list[CodeableConcept] | None = None


class Answer(Element):
    """An answer of a questionnaire."""

    value_boolean: bool | None = None
    value_integer: int | None = None
    value_decimal: float | None = None
    value_string: str | None = None
    value_coding: Coding | None = None
    value_quantity: Quantity | None = None


class ResponseItem(Element):
    """A question with its answers; groups hold further questions."""

    link_id: str | None = None
    text: str | None = None
    answer: list[Answer] | None = None
    item: list[ResponseItem] | None = None


class QuestionnaireResponse(Resource):
    """A filled questionnaire."""

    status: str | None = None
    subject: Reference | None = None
    authored: str | None = None
    item: list[ResponseItem] | None = None


class Flag(Resource):
    """A warning on the chart."""

    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    period: Period | None = None


class Goal(Resource):
    """A goal and how far it was reached."""

    lifecycle_status: str | None = None
    achievement_status: CodeableConcept | None = None
    description: CodeableConcept | None = None
    subject: Reference | None = None
    addresses: list[Reference] | None = None
    start_date: str | None = None
    status_date: str | None = None


class ActivityDetail(Element):
    """What a care plan holds."""

    code: CodeableConcept | None = None
    status: str | None = None
    do_not_perform: bool | None = None
    scheduled_period: Period | None = None


class Activity(Element):
    """One activity of a care plan."""

    detail: ActivityDetail | None = None


class CarePlan(Resource):
    """A plan of care."""

    status: str | None = None
    intent: str | None = None
    category: list[CodeableConcept] | None = None
    subject: Reference | None = None
    period: Period | None = None
    activity: list[Activity] | None = None


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
