"""What the tests of the mapping share: a day, the real terminology and units, resources from dicts."""

from __future__ import annotations

import json
from datetime import UTC, date
from functools import cache
from typing import Any

from cds_service.fhir_mapping.context import MappingContext
from cds_service.fhir_mapping.mapped import Mapped
from cds_service.fhir_mapping.observation import map_observation
from cds_service.fhir_mapping.remembered import codes_for_request
from cds_service.fhir_r4 import STRUCTS, decode
from cds_service.guideline.load import load_guideline
from cds_service.pathway.vocabulary import AgeRange, Precision, Sex, When
from cds_service.terminology import load_terminology

TODAY = date(2026, 6, 15)
SCT, ICD, LOINC, RXNORM = (
    "http://snomed.info/sct",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://loinc.org",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
)
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


@cache
def _knowledge() -> tuple[Any, Any]:
    return load_terminology(), load_guideline().units


def context(**changes: Any) -> MappingContext:
    """A woman of 50, seen on 15 June 2026 in UTC."""
    terminology, units = _knowledge()
    defaults: dict[str, Any] = {
        "encounter_id": "e1",
        "born": When(date(1976, 3, 1), Precision.DAY, date(1976, 3, 1)),
        "age": AgeRange(50, 50),
        "sex": Sex.FEMALE,
        "as_of": TODAY,
    }
    return MappingContext(
        terminology=terminology,
        units=units,
        zone=UTC,
        patient_id="p1",
        codes=codes_for_request(terminology, set()),
        **(defaults | changes),
    )


def resource(kind: str, **members: Any) -> Any:
    """A decoded resource."""
    body = {"resourceType": kind, "id": "r1", **members}
    decoded = decode(json.dumps(body).encode(), STRUCTS[kind])
    assert decoded.resource is not None, decoded.unreadable
    return decoded.resource


def coded(system: str, code: str, display: str | None = None, text: str | None = None) -> dict[str, Any]:
    """A CodeableConcept as JSON."""
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


PT = coded(SCT, "91251008", "Physical therapy procedure (regime/therapy)")
MRI = coded(LOINC, "24935-9", "MR Cervical spine")
NECK = coded(SCT, "81680005", "Neck pain (finding)")


def day_of(found: When | None) -> date:
    """The day of a date that must be there."""
    assert found is not None
    return found.on


def observed(**members: Any) -> Mapped:
    """What one observation of today says; ``context=...`` changes the day or the patient."""
    where = members.pop("context", None) or context()
    mapped = Mapped()
    defaults = {"status": "final", "effectiveDateTime": "2026-06-15"}
    map_observation(resource("Observation", **(defaults | members)), where, mapped)
    return mapped
