"""What every builder shares: the patient reference, statuses as codings, unknown-word checks."""

from __future__ import annotations

from typing import Any

from cds_service.vignettes.phrasebook import VignetteError

PATIENT_ID = "vignette-patient"
PATIENT = {"reference": f"Patient/{PATIENT_ID}"}
ENCOUNTER_ID = "vignette-encounter"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"


def only(entry: dict[str, Any], *known: str) -> None:
    """Refuse words a builder does not know, so that a typing error cannot pass silently."""
    unknown = sorted(set(entry) - set(known))
    if unknown:
        raise VignetteError(f"unknown words {unknown}; this entry knows {sorted(known)}")


def status(system: str, code: str | None) -> dict[str, Any] | None:
    """A status CodeableConcept of an HL7 code system, None for None or "none"."""
    if code in (None, "none"):
        return None
    return {"coding": [{"system": _TERMINOLOGY + system, "code": code}]}


def tidy(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource without members that have no value."""
    return {key: value for key, value in resource.items() if value not in (None, [], {}, "")}


def quantity(words: str) -> dict[str, Any]:
    """Quantity for "14 mg/L" or "<5 mg/L"; a bare number has no unit."""
    number, _, unit = words.strip().partition(" ")
    comparator = number[: len(number) - len(number.lstrip("<>="))]
    value = float(number[len(comparator) :])
    built: dict[str, Any] = {"value": int(value) if value.is_integer() else value}
    if comparator:
        built["comparator"] = comparator
    if unit:
        built |= {"unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
    return built
