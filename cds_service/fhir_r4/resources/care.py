"""What is ordered, planned and done, and what it showed."""

from __future__ import annotations

import msgspec

from cds_service.fhir_r4.elements import CodeableConcept, Coding, Element, Period, Reference
from cds_service.fhir_r4.late import Late, as_sent
from cds_service.fhir_r4.resources.resource import Resource

Raw = msgspec.Raw


class Procedure(Resource, frozen=True):
    """Something done."""

    status: str | None = None
    status_reason: CodeableConcept | None = None
    code_as_sent: Raw = as_sent("code")
    subject: Reference | None = None
    performed_date_time: str | None = None
    performed_period: Period | None = None
    body_site: tuple[CodeableConcept, ...] | None = None
    reason_code: tuple[CodeableConcept, ...] | None = None

    code = Late[CodeableConcept]("code_as_sent", CodeableConcept)


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
