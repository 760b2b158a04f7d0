"""What every mapper is given."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import TYPE_CHECKING

import msgspec

from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_mapping.concepts import Named
    from cds_service.fhir_mapping.described import Described
    from cds_service.fhir_mapping.laboratory import Scale
    from cds_service.fhir_mapping.medication import Drug
    from cds_service.fhir_mapping.remembered import Codes
    from cds_service.fhir_r4.elements import CodeableConcept
    from cds_service.guideline.units import Units
    from cds_service.pathway.vocabulary import AgeRange, Flagging, Sex, When
    from cds_service.terminology import Terminology, TextDomain


class MappingContext(Value, frozen=True):
    """The day, its time zone, the words and units we know, and whose record it is.

    Attributes:
        terminology: Codes and phrases.
        units: Accepted units by quantity.
        as_of: The day of the call in the zone of the EHR.
        zone: Time zone in which a recorded instant becomes a calendar day.
        patient_id: Bare id of the patient.
        codes: What codes stand for.
        encounter_id: Bare id of the current encounter, if known.
        born: The patient's birth date, as precise as recorded.
        age: Completed years, for reference ranges.
        sex: For reference ranges.
        named: What a code and its texts named, for the length of one request: charts repeat themselves.
        described: What a text says about place and character, likewise.
        days: What a recorded date stands for, likewise.
        flags: What a laboratory's flag says, likewise.
        scales: How results with the same unit, flag and range are read, likewise.
        statuses: What a status says, likewise.
        dosed: A drug by the way it is given and its milligrams a day, likewise.
        unmapped: Codings of concepts none of whose codings is of ours.
    """

    terminology: Terminology
    units: Units
    as_of: date
    zone: tzinfo
    patient_id: str
    codes: Codes
    encounter_id: str | None = None
    born: When | None = None
    age: AgeRange | None = None
    sex: Sex | None = None
    named: dict[tuple[tuple[TextDomain, ...], CodeableConcept], Named] = msgspec.field(default_factory=dict)
    described: dict[str, Described] = msgspec.field(default_factory=dict)
    days: dict[str, When | None] = msgspec.field(default_factory=dict)
    flags: dict[bytes, Flagging | None] = msgspec.field(default_factory=dict)
    scales: dict[object, Scale] = msgspec.field(default_factory=dict)
    dosed: dict[tuple[Drug, bytes], tuple[Drug, float | None]] = msgspec.field(default_factory=dict)
    statuses: dict[bytes, str | None] = msgspec.field(default_factory=dict)
    unmapped: set[tuple[str | None, str]] = msgspec.field(default_factory=set)
