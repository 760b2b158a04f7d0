"""Resources of a vignette written as FHIR, for what an EHR sends in a shape of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.fhir_access.templates import NEEDS, PATIENT_KEY
from cds_service.vignettes.common import PATIENT, only
from cds_service.vignettes.hook_requests import dated
from cds_service.vignettes.phrasebook import VignetteError

if TYPE_CHECKING:
    from datetime import date

Entry = dict[str, Any]
Built = Iterator[tuple[str, dict[str, Any]]]

# A drug that prescriptions refer to rides along with them, as in an answer to a search with _include.
_KEYS = {need.resource_type: need.key for need in NEEDS if need.key != PATIENT_KEY} | {
    "Medication": "medicationRequests"
}
# What tells whose it is, where that is not ``subject``.
_OWNER = {"AllergyIntolerance": "patient", "Device": "patient", "Appointment": None, "Medication": None}


def as_sent(entry: Entry, as_of: date) -> Built:
    """The resource as it is written, with its days counted from the call; the patient is filled in."""
    only(entry, "fhir")
    text = dated(msgspec.json.encode(entry["fhir"]).decode(), as_of)
    resource: dict[str, Any] = msgspec.json.decode(text)
    kind = resource.get("resourceType")
    if kind not in _KEYS:
        raise VignetteError(f"fhir needs a resourceType out of {', '.join(sorted(_KEYS))}; found {kind!r}")
    owner = _OWNER.get(kind, "subject")
    yield _KEYS[kind], ({owner: PATIENT} if owner else {}) | resource
