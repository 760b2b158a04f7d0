"""A vignette case as a CDS Hooks request, with dates counted from the day of the call."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from cds_service.vignettes.common import ENCOUNTER_ID, PATIENT_ID, tidy
from cds_service.vignettes.dates import fhir_date
from cds_service.vignettes.order_entries import drafts
from cds_service.vignettes.phrasebook import VignetteError
from cds_service.vignettes.resources import build_entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.vignettes.model import Case, Vignette

_SERVER = "https://ehr.example.org/fhir"
_TIMEOUT = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}


def build_request(vignette: Vignette, case: Case, as_of: date, keys: Iterable[str]) -> dict[str, Any]:
    """The request of one case: patient-view, or an order hook when orders are in hand.

    Args:
        vignette: The file.
        case: One of its variations.
        as_of: Day the call is made on.
        keys: Prefetch keys the service asks for.
    """
    resources = _resources((*vignette.record, *case.record), as_of)
    unasked = sorted(set(resources) - set(keys))
    if unasked:
        raise VignetteError(f"the service does not ask for {unasked}")
    prefetch = {
        key: _bundle(resources.get(key, []), key, case.data.get(key)) for key in keys if key != "patient"
    } | {"patient": patient(vignette.patient | case.patient, as_of)}
    return {
        "hook": case.hook,
        "hookInstance": str(uuid5(NAMESPACE_URL, f"{vignette.id}/{case.name}")),
        "context": {"userId": case.user, "patientId": PATIENT_ID, "encounterId": ENCOUNTER_ID}
        | _orders(case, as_of),
        "prefetch": {key: value for key, value in prefetch.items() if case.data.get(key) != "not sent"},
    }


def _orders(case: Case, as_of: date) -> dict[str, Any]:
    """What the context of an order hook has beside the patient."""
    if not case.orders:
        return {}
    bundle, selected = drafts(case.orders, as_of)
    return {"draftOrders": bundle} | ({} if case.sign else {"selections": selected})


def patient(words: dict[str, Any], as_of: date) -> dict[str, Any]:
    """Patient of the given age in whole years, or born on the given (partial) date."""
    unknown = sorted(set(words) - {"age", "sex", "born", "died"})
    if unknown:
        raise VignetteError(f"a patient has age or born, sex, and died; not {unknown}")
    born = str(words["born"]) if "born" in words else None
    if "age" in words:
        born = date(as_of.year - int(words["age"]) - 1, 12, 31).isoformat()
        if (as_of.month, as_of.day) == (12, 31):
            born = date(as_of.year - int(words["age"]), 12, 31).isoformat()
    return tidy(
        {
            "resourceType": "Patient",
            "id": PATIENT_ID,
            "name": [{"family": "Synthetic", "given": ["Vignette"]}],
            "gender": words.get("sex"),
            "birthDate": born,
            "deceasedDateTime": fhir_date(words["died"], as_of) if "died" in words else None,
        }
    )


def _resources(entries: Iterable[dict[str, Any]], as_of: date) -> dict[str, list[dict[str, Any]]]:
    built: dict[str, list[dict[str, Any]]] = {}
    counts: Counter[str] = Counter()
    for entry in entries:
        for key, resource in build_entry(entry, as_of):
            counts[key] += 1
            kind = resource["resourceType"]
            resource.setdefault("id", f"{kind.lower()}-{counts[key]}")
            built.setdefault(key, []).append(resource)
    return built


def _bundle(resources: list[dict[str, Any]], key: str, state: str | None) -> dict[str, Any] | None:
    """Searchset of the resources, or what a failing client sends (``state``)."""
    if state == "failed":
        return _TIMEOUT
    if state == "null":
        return None
    links = [{"relation": "self", "url": f"{_SERVER}?{key}"}]
    if state == "paged":
        links.append({"relation": "next", "url": f"{_SERVER}?{key}&page=2"})
    entries = [
        {
            "fullUrl": f"{_SERVER}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "include" if resource["resourceType"] == "Medication" else "match"},
        }
        for resource in resources
    ]
    found = sum(resource["resourceType"] != "Medication" for resource in resources)
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": found, "link": links}
    return bundle | ({"entry": entries} if entries else {})
