"""A request with something changed: the onset, facts added or left out, data broken, an order picked."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.pages.playground.asked import NotUnderstood
from cds_service.vignettes.common import ENCOUNTER_ID, PATIENT_ID
from cds_service.vignettes.dates import fhir_date
from cds_service.vignettes.phrasebook import VignetteError, concept
from cds_service.vignettes.resources import build_entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from cds_service.pages.playground.asked import Asked, Entry

Request = dict[str, Any]
_TIMEOUT = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
_NEXT = {"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}
_ONSETS = ("onsetDateTime", "onsetPeriod", "onsetAge", "onsetRange", "onsetString", "recordedDate")
ORDER_HOOKS = ("order-select", "order-sign")


def changed(request: Request, asked: Asked, as_of: date, index: str) -> Request:
    """The request with the changes; the one given stays as it is.

    Args:
        request: As it was asked about; its prefetch is a mapping.
        asked: What to change.
        as_of: Day of the call, from which days in words are counted.
        index: Resource of the pain that sets the clock, "" where none was found.

    Raises:
        NotUnderstood: A change makes no sense for this request.
    """
    request = deepcopy(request)
    prefetch: dict[str, Any] = request.get("prefetch") or {}
    request["prefetch"] = prefetch
    _remove(prefetch, frozenset(asked.remove))
    if asked.onset:
        _set_onset(_resource(prefetch, index), asked.onset, as_of)
    for number, entry in enumerate(asked.entries, start=1):
        _add(request, entry, number, as_of)
    for key, state in asked.data:
        _break(prefetch, key, state)
    if asked.order:
        _pick(request, asked)
    return request


def resources(value: Any) -> Iterator[dict[str, Any]]:
    """The resources of one prefetch value, whatever it is."""
    if not isinstance(value, dict):
        return
    entries = value.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            yield entry["resource"]


def ref_of(resource: dict[str, Any]) -> str:
    """``Type/id``."""
    return f"{resource.get('resourceType')}/{resource.get('id', '?')}"


def _remove(prefetch: dict[str, Any], refs: frozenset[str]) -> None:
    if not refs:
        return
    for value in prefetch.values():
        if not any(ref_of(resource) in refs for resource in resources(value)):
            continue
        kept = [
            entry
            for entry in value["entry"]
            if not isinstance(entry, dict) or ref_of(entry.get("resource") or {}) not in refs
        ]
        value["entry"] = kept
        value["total"] = len(kept)


def _resource(prefetch: dict[str, Any], ref: str) -> dict[str, Any]:
    for value in prefetch.values():
        for resource in resources(value):
            if ref_of(resource) == ref and resource.get("resourceType") == "Condition":
                return resource
    if not ref:
        raise NotUnderstood("No pain was found whose onset could be changed.")
    raise NotUnderstood(f"The clock is set by {ref}, which has no onset of its own; leave it out first.")


def _set_onset(condition: dict[str, Any], words: str, as_of: date) -> None:
    for name in _ONSETS:
        condition.pop(name, None)
    if words == "none":
        return
    try:
        condition["onsetDateTime"] = fhir_date(words, as_of)
    except (VignetteError, OverflowError):
        raise NotUnderstood("The onset needs a day: 9 days ago, 2026-05, 2026-05-20, or none.") from None


def _add(request: Request, entry: Entry, number: int, as_of: date) -> None:
    try:
        built = list(build_entry(entry, as_of))
    except VignetteError as error:
        raise NotUnderstood(str(error)) from None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise NotUnderstood("A fact to add has a value or a day that makes no sense.") from None
    for position, (key, resource) in enumerate(built, start=1):
        resource.setdefault("id", f"added-{number}-{position}")
        _put(request["prefetch"], key, _for_patient(resource, request))


def _for_patient(resource: dict[str, Any], request: Request) -> dict[str, Any]:
    """The resource with the patient and the encounter of the request."""
    context = request.get("context") or {}
    text = msgspec.json.encode(resource).decode()
    for kind, id_, member in (
        ("Patient", PATIENT_ID, "patientId"),
        ("Encounter", ENCOUNTER_ID, "encounterId"),
    ):
        own = str(context.get(member) or id_).rpartition("/")[2]
        text = text.replace(f'"{kind}/{id_}"', msgspec.json.encode(f"{kind}/{own}").decode())
    made: dict[str, Any] = msgspec.json.decode(text)
    return made


def _put(prefetch: dict[str, Any], key: str, resource: dict[str, Any]) -> None:
    bundle = prefetch.get(key)
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        bundle = prefetch[key] = {"resourceType": "Bundle", "type": "searchset"}
    entries = bundle.get("entry")
    bundle["entry"] = [
        *(entries if isinstance(entries, list) else ()),
        {"resource": resource, "search": {"mode": "match"}},
    ]
    bundle["total"] = len(bundle["entry"])


def _break(prefetch: dict[str, Any], key: str, state: str) -> None:
    if state == "not sent":
        prefetch.pop(key, None)
    elif state == "failed":
        prefetch[key] = _TIMEOUT
    elif state == "null":
        prefetch[key] = None
    elif state == "empty":
        prefetch[key] = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    else:
        bundle = prefetch.get(key) or {"resourceType": "Bundle", "type": "searchset", "total": 0}
        prefetch[key] = bundle | {"link": [_NEXT]}


def _pick(request: Request, asked: Asked) -> None:
    """Make the call of an order hook, with one draft in hand."""
    kind, _, words = asked.order.partition(":")
    patient = str((request.get("context") or {}).get("patientId", "")).rpartition("/")[2]
    draft: dict[str, Any] = {"id": "draft-1", "status": "draft", "intent": "order"}
    draft |= {"subject": {"reference": f"Patient/{patient}"}}
    try:
        if kind == "drug":
            draft |= {
                "resourceType": "MedicationRequest",
                "medicationCodeableConcept": concept("drugs", words),
            }
        else:
            draft |= {"resourceType": "ServiceRequest", "code": concept("orders", words)}
    except VignetteError as error:
        raise NotUnderstood(str(error)) from None
    context = request.get("context") or {}
    context["draftOrders"] = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]}
    if not asked.sign:
        context["selections"] = [ref_of(draft)]
    request["hook"] = "order-sign" if asked.sign else "order-select"
    request["context"] = context
