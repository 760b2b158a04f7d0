"""Our synthetic patients as resources a FHIR server can hold: of the hook requests and the vignettes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.fhir_access.templates import NEEDS
from cds_service.value import Value
from cds_service.vignettes.common import PATIENT_ID
from cds_service.vignettes.hook_requests import render_request
from cds_service.vignettes.model import load_vignettes
from cds_service.vignettes.request import build_request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path

_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9.-]+")
_MOST_CHARACTERS = 64
Resource = dict[str, Any]


class FixturePatient(Value, frozen=True):
    """One patient with everything recorded about them; ids do not collide with those of another.

    Attributes:
        id: Id of the Patient resource.
        resources: The Patient first.
    """

    id: str
    resources: tuple[Resource, ...]


def fixture_patients(folder: Path, as_of: date) -> Iterator[FixturePatient]:
    """Every patient under a folder with ``hook_requests`` and ``vignettes``, dated from a day."""
    seen = set[str]()
    for path in sorted((folder / "hook_requests").glob("*.json")):
        request = msgspec.json.decode(render_request(path, as_of))
        patient_id = request["context"]["patientId"]
        if patient_id not in seen:  # several requests may be about one chart
            seen.add(patient_id)
            yield _patient(request["prefetch"], patient_id)
    vignettes = folder / "vignettes"
    for vignette in load_vignettes(vignettes) if vignettes.is_dir() else ():
        for number, case in enumerate(vignette.cases, start=1):
            # What a client failed to send is not missing in the record.
            request = build_request(
                vignette, msgspec.structs.replace(case, data={}), as_of, [need.key for need in NEEDS]
            )
            yield _patient(request["prefetch"], f"{vignette.id}-{number}")


def _patient(prefetch: dict[str, Any], patient_id: str) -> FixturePatient:
    resources = [
        resource
        for value in prefetch.values()
        for resource in _resources(value)
        if resource["resourceType"] not in ("Patient", "OperationOutcome")
    ]
    patient = _named(prefetch["patient"], patient_id)
    ids = {f"{r['resourceType']}/{r['id']}": _own_id(patient_id, r["id"]) for r in resources}
    ids |= {f"Patient/{PATIENT_ID}": patient_id}
    moved = tuple(_moved(resource, ids) for resource in resources)
    return FixturePatient(patient_id, (patient, *moved))


def _resources(value: Any) -> Iterable[Resource]:
    if not value:
        return ()
    if value["resourceType"] == "Bundle":
        return [entry["resource"] for entry in value.get("entry", [])]
    return (value,)


def _named(patient: Resource, patient_id: str) -> Resource:
    """With the id, and a given name to be picked by: the public Sandbox shows no patient without one."""
    names = [name for name in patient.get("name", ()) if name.get("given") not in (None, ["Vignette"])]
    named = names or [{"family": "Synthetic", "given": [patient_id]}]
    return patient | {"id": patient_id, "name": named}


def _own_id(patient_id: str, resource_id: str) -> str:
    return _NOT_OF_AN_ID.sub("-", f"{patient_id}-{resource_id}")[-_MOST_CHARACTERS:].lstrip("-.")


def _moved(value: Any, ids: dict[str, str]) -> Any:
    """The resource under its new id, and references to what moved along with it."""
    if isinstance(value, list):
        return [_moved(item, ids) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("resourceType", "")
    moved = {name: _moved(item, ids) for name, item in value.items()}
    if kind and f"{kind}/{value.get('id')}" in ids:
        moved["id"] = ids[f"{kind}/{value['id']}"]
    target = _target(value.get("reference"))
    if target in ids:
        moved["reference"] = f"{target.partition('/')[0]}/{ids[target]}"
    return moved


def _target(reference: object) -> str:
    """``Type/id`` of a reference, absolute or not."""
    return "/".join(reference.split("/")[-2:]) if isinstance(reference, str) else ""
