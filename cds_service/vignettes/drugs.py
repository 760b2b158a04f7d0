"""Drugs of a vignette: as a statement, a prescription or an administration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cds_service.vignettes.common import PATIENT, only, quantity, tidy
from cds_service.vignettes.dates import fhir_date
from cds_service.vignettes.phrasebook import VignetteError, concept

if TYPE_CHECKING:
    from datetime import date

Entry = dict[str, Any]
Built = Iterator[tuple[str, dict[str, Any]]]


def drug(entry: Entry, as_of: date) -> Built:
    """A drug; ``as`` is statement (default), prescription or administration."""
    only(entry, "drug", "from", "until", "as", "status", "intent", "daily", "written", "reason")
    builders = {"statement": _statement, "prescription": _prescription, "administration": _administration}
    kind = entry.get("as", "statement")
    if kind not in builders:
        raise VignetteError(f"a drug is written as one of {sorted(builders)}, not '{kind}'")
    yield builders[kind](entry, as_of)


def _period(entry: Entry, as_of: date) -> dict[str, str]:
    return {
        name: fhir_date(entry[word], as_of)
        for word, name in (("from", "start"), ("until", "end"))
        if word in entry
    }


def _dosage(entry: Entry) -> list[dict[str, Any]]:
    if "daily" not in entry:
        return []
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d"}
    return [{"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity(entry["daily"])}]}]


def _statement(entry: Entry, as_of: date) -> tuple[str, dict[str, Any]]:
    return "medicationStatements", tidy(
        {
            "resourceType": "MedicationStatement",
            "status": entry.get("status", "completed" if "until" in entry else "active"),
            "medicationCodeableConcept": concept("drugs", entry["drug"]),
            "subject": PATIENT,
            "effectivePeriod": _period(entry, as_of),
            "reasonCode": [concept("conditions", entry["reason"])] if "reason" in entry else [],
            "dosage": _dosage(entry),
        }
    )


def _prescription(entry: Entry, as_of: date) -> tuple[str, dict[str, Any]]:
    validity = {"validityPeriod": {"end": fhir_date(entry["until"], as_of)}} if "until" in entry else {}
    return "medicationRequests", tidy(
        {
            "resourceType": "MedicationRequest",
            "status": entry.get("status", "active"),
            "intent": entry.get("intent", "order"),
            "medicationCodeableConcept": concept("drugs", entry["drug"]),
            "subject": PATIENT,
            "authoredOn": fhir_date(str(entry.get("written") or entry.get("from", "today")), as_of),
            "dosageInstruction": _dosage(entry),
            "dispenseRequest": validity,
        }
    )


def _administration(entry: Entry, as_of: date) -> tuple[str, dict[str, Any]]:
    return "medicationAdministrations", tidy(
        {
            "resourceType": "MedicationAdministration",
            "status": entry.get("status", "completed"),
            "medicationCodeableConcept": concept("drugs", entry["drug"]),
            "subject": PATIENT,
            "effectivePeriod": _period(entry, as_of),
        }
    )
