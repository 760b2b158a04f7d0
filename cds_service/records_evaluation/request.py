"""A whole record as the patient-view request an EHR with full prefetch would send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from cds_service.fhir_access.templates import NEEDS, PATIENT_KEY
from cds_service.records_evaluation.as_it_stood import as_it_stood
from cds_service.records_evaluation.days import visits_by_ref, was_there

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from cds_service.records_evaluation.load import Record

_KEY_OF_TYPE = {need.resource_type: need.key for need in NEEDS if need.key != PATIENT_KEY}
_WITH_MEDICATION = ("medicationAdministrations", "medicationRequests", "medicationStatements")


def patient_of(record: Record) -> dict[str, Any]:
    """The record's Patient resource.

    Raises:
        StopIteration: It has none.
    """
    return next(r for r in record.resources if r.get("resourceType") == "Patient")


def build_request(record: Record, keys: Iterable[str], as_of: date) -> dict[str, Any]:
    """The request with every asked key filled; Medication resources ride along as included entries.

    What is dated after the day is left out: on that day it was not in the record. What had not ended yet is
    made current again; other statuses stay as they are now, since the record does not say what they were.
    """
    patient = patient_of(record)
    by_key: dict[str, list[dict[str, Any]]] = {key: [] for key in keys}
    visits = visits_by_ref(record)
    for resource in (r for r in record.resources if was_there(r, visits, as_of)):
        by_key.get(_KEY_OF_TYPE.get(resource["resourceType"], ""), []).append(as_it_stood(resource, as_of))
    medications = [r for r in record.resources if r["resourceType"] == "Medication"]
    prefetch: dict[str, Any] = {key: _bundle(found, medications, key) for key, found in by_key.items()}
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid5(NAMESPACE_URL, f"{record.source}/{record.line}/{as_of}")),
        "context": {"userId": "Practitioner/evaluation", "patientId": patient["id"]} | _visit(visits, as_of),
        "prefetch": prefetch | {"patient": patient},
    }


def _visit(visits: dict[str, dict[str, Any]], as_of: date) -> dict[str, str]:
    """The visit the chart is opened at: the last one that began on that day, if one did."""
    begun = [(str((v.get("period") or {}).get("start", "")), str(v.get("id"))) for v in visits.values()]
    today = sorted(found for found in begun if found[0].startswith(as_of.isoformat()))
    return {"encounterId": today[-1][1]} if today else {}


def _bundle(found: list[dict[str, Any]], medications: list[dict[str, Any]], key: str) -> dict[str, Any]:
    entries = [{"resource": resource, "search": {"mode": "match"}} for resource in found]
    if found and key in _WITH_MEDICATION:
        entries += [{"resource": resource, "search": {"mode": "include"}} for resource in medications]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    return bundle | ({"entry": entries} if entries else {})
