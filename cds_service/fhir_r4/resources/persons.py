"""Who, and when they are seen."""

from __future__ import annotations

from cds_service.fhir_r4.elements import CodeableConcept, Element, Period, Reference
from cds_service.fhir_r4.resources.resource import Resource


class Patient(Resource, frozen=True):
    """Who."""

    gender: str | None = None
    birth_date: str | None = None
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None


class EncounterDiagnosis(Element, frozen=True):
    """A diagnosis of an encounter."""

    condition: Reference | None = None


class Hospitalization(Element, frozen=True):
    """How a stay in hospital ended."""

    discharge_disposition: CodeableConcept | None = None


class Encounter(Resource, frozen=True):
    """A visit."""

    status: str | None = None
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
