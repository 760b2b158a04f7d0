"""Conditions, procedures, orders, imaging, devices, allergies and appointments of a vignette."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cds_service.vignettes.common import ENCOUNTER_ID, PATIENT, only, status, tidy
from cds_service.vignettes.dates import fhir_date, noon
from cds_service.vignettes.phrasebook import concept, mr_label

if TYPE_CHECKING:
    from datetime import date

Entry = dict[str, Any]
Built = Iterator[tuple[str, dict[str, Any]]]


def _site(entry: Entry) -> list[dict[str, str]]:
    return [{"text": words} for words in entry.get("site", "").split(", ") if words]


def condition(entry: Entry, as_of: date) -> Built:
    """A problem-list or encounter diagnosis; active and confirmed unless said otherwise."""
    only(
        entry,
        "condition",
        "since",
        "until",
        "recorded",
        "status",
        "verification",
        "site",
        "id",
        "text",
        "at this visit",
    )
    code = concept("conditions", entry["condition"])
    if "text" in entry:
        code["text"] = entry["text"]
    resource = {
        "resourceType": "Condition",
        "clinicalStatus": status("condition-clinical", entry.get("status", "active")),
        "verificationStatus": status("condition-ver-status", entry.get("verification", "confirmed")),
        "code": code,
        "bodySite": _site(entry),
        "subject": PATIENT,
        "encounter": {"reference": f"Encounter/{ENCOUNTER_ID}"} if entry.get("at this visit") else None,
        "onsetDateTime": fhir_date(entry["since"], as_of) if "since" in entry else None,
        "abatementDateTime": fhir_date(entry["until"], as_of) if "until" in entry else None,
        "recordedDate": fhir_date(entry["recorded"], as_of) if "recorded" in entry else None,
        "id": entry.get("id"),
    }
    yield "conditions", tidy(resource)


def procedure(entry: Entry, as_of: date) -> Built:
    """A procedure that was done."""
    only(entry, "procedure", "done", "status")
    yield (
        "procedures",
        tidy(
            {
                "resourceType": "Procedure",
                "status": entry.get("status", "completed"),
                "code": concept("procedures", entry["procedure"]),
                "subject": PATIENT,
                "performedDateTime": fhir_date(entry["done"], as_of) if "done" in entry else None,
            }
        ),
    )


def physical_therapy(entry: Entry, as_of: date) -> Built:
    """Physical-therapy sessions, one Procedure each; ``referred`` gives an open order instead."""
    only(entry, "physical therapy", "status")
    sessions = entry["physical therapy"]
    if isinstance(sessions, dict):
        yield from order({"order": "physical therapy", "written": sessions["referred"]}, as_of)
        return
    for session in sessions:
        yield from procedure(
            {"procedure": "physical therapy", "done": session, "status": entry.get("status", "completed")},
            as_of,
        )


def order(entry: Entry, as_of: date) -> Built:
    """An order in the record."""
    only(entry, "order", "written", "status", "priority", "intent", "id")
    resource = {
        "resourceType": "ServiceRequest",
        "status": entry.get("status", "active"),
        "intent": entry.get("intent", "order"),
        "priority": entry.get("priority"),
        "code": concept("orders", entry["order"]),
        "subject": PATIENT,
        "authoredOn": fhir_date(entry["written"], as_of),
        "id": entry.get("id"),
    }
    yield "serviceRequests", tidy(resource)


def imaging_report(entry: Entry, as_of: date) -> Built:
    """A radiology report."""
    only(entry, "imaging", "done", "status", "conclusion", "shows")
    yield (
        "diagnosticReports",
        tidy(
            {
                "resourceType": "DiagnosticReport",
                "status": entry.get("status", "final"),
                "category": [
                    {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD"}]}
                ],
                "code": concept("imaging", entry["imaging"]),
                "subject": PATIENT,
                "effectiveDateTime": noon(entry["done"], as_of),
                "issued": noon(entry["done"], as_of),
                "conclusion": entry.get("conclusion"),
                "conclusionCode": [concept("conclusions", words) for words in entry.get("shows", [])],
            }
        ),
    )


def device(entry: Entry, _as_of: date) -> Built:
    """An implanted device; ``label`` is safe, conditional or unsafe."""
    only(entry, "device", "status", "label")
    label = entry.get("label")
    system = "urn:oid:2.16.840.1.113883.3.26.1.1"
    yield (
        "devices",
        tidy(
            {
                "resourceType": "Device",
                "status": entry.get("status", "active"),
                "type": concept("devices", entry["device"]),
                "safety": [{"coding": [{"system": system, "code": mr_label(label)}]}] if label else [],
                "patient": PATIENT,
            }
        ),
    )


def allergy(entry: Entry, as_of: date) -> Built:
    """An allergy or intolerance."""
    only(entry, "allergy", "reaction", "status", "verification", "recorded")
    reaction = entry.get("reaction")
    yield (
        "allergies",
        tidy(
            {
                "resourceType": "AllergyIntolerance",
                "clinicalStatus": status("allergyintolerance-clinical", entry.get("status", "active")),
                "verificationStatus": status(
                    "allergyintolerance-verification", entry.get("verification", "confirmed")
                ),
                "code": concept("allergies", entry["allergy"]),
                "patient": PATIENT,
                "recordedDate": fhir_date(entry["recorded"], as_of) if "recorded" in entry else None,
                "reaction": [{"manifestation": [{"text": reaction}]}] if reaction else [],
            }
        ),
    )


def appointment(entry: Entry, as_of: date) -> Built:
    """A future visit."""
    only(entry, "visit", "status", "reason")
    reason = entry.get("reason")
    yield (
        "appointments",
        tidy(
            {
                "resourceType": "Appointment",
                "status": entry.get("status", "booked"),
                "reasonCode": [concept("conditions", reason)] if reason else [],
                "start": noon(entry["visit"], as_of),
                "end": noon(entry["visit"], as_of).replace("T12:00", "T12:30"),
                "participant": [{"actor": PATIENT, "status": "accepted"}],
            }
        ),
    )
