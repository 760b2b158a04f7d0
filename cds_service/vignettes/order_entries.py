"""Orders in hand, as a vignette writes them, to drafts as an EHR sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.vignettes.common import PATIENT, only, quantity, tidy
from cds_service.vignettes.hook_requests import dated
from cds_service.vignettes.phrasebook import VignetteError, concept

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

Entry = dict[str, Any]
_HOURS = {"hour": "h", "hours": "h", "day": "d", "days": "d"}


def drafts(entries: Iterable[Entry], as_of: date) -> tuple[dict[str, Any], list[str]]:
    """``draftOrders`` and the references of the selected ones."""
    resources: list[dict[str, Any]] = []
    selected: list[str] = []
    for number, entry in enumerate(entries, start=1):
        resource = _draft(entry, as_of)
        resource.setdefault("id", f"draft-{number}")
        resources.append(resource)
        if entry.get("selected", resource["resourceType"] != "Medication"):
            selected.append(f"{resource['resourceType']}/{resource['id']}")
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    return bundle | {"entry": [{"resource": resource} for resource in resources]}, selected


def _draft(entry: Entry, as_of: date) -> dict[str, Any]:
    if "fhir" in entry:
        only(entry, "fhir", "selected")
        text = dated(msgspec.json.encode(entry["fhir"]).decode(), as_of)
        sent: dict[str, Any] = msgspec.json.decode(text)
        return ({} if sent.get("resourceType") == "Medication" else {"subject": PATIENT}) | sent
    if "drug" in entry:
        return _prescription(entry)
    if "order" in entry:
        return _service(entry)
    raise VignetteError(f"an order in hand needs order, drug or fhir; found {sorted(entry)}")


def _service(entry: Entry) -> dict[str, Any]:
    """An imaging order, a referral, a procedure."""
    only(entry, "order", "priority", "reason", "selected", "status", "id", "site")
    return tidy(
        {
            "resourceType": "ServiceRequest",
            "id": entry.get("id"),
            "status": entry.get("status", "draft"),
            "intent": "order",
            "priority": entry.get("priority"),
            "code": concept("orders", entry["order"]),
            "subject": PATIENT,
            "bodySite": [{"text": entry["site"]}] if "site" in entry else [],
            "reasonCode": _reasons(entry),
        }
    )


def _prescription(entry: Entry) -> dict[str, Any]:
    """A prescription; ``dose`` 800 mg, ``every`` 4 hours."""
    only(entry, "drug", "dose", "every", "reason", "selected", "status", "id")
    return tidy(
        {
            "resourceType": "MedicationRequest",
            "id": entry.get("id"),
            "status": entry.get("status", "draft"),
            "intent": "order",
            "medicationCodeableConcept": concept("drugs", entry["drug"]),
            "subject": PATIENT,
            "reasonCode": _reasons(entry),
            "dosageInstruction": _dosage(entry),
        }
    )


def _dosage(entry: Entry) -> list[dict[str, Any]]:
    if "dose" not in entry:
        return []
    number, _, unit = str(entry.get("every", "1 day")).partition(" ")
    if unit not in _HOURS:
        raise VignetteError(f"'every' is a number of hours or days, not {entry['every']!r}")
    repeat = {"frequency": 1, "period": float(number), "periodUnit": _HOURS[unit]}
    return [{"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity(entry["dose"])}]}]


def _reasons(entry: Entry) -> list[dict[str, Any]]:
    return [concept("conditions", words) for words in entry.get("reason", [])]
