"""References: whose record it is, and what refers to what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.fhir_r4 import STRUCTS, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.fhir_r4.elements import Reference
    from cds_service.fhir_r4.resources import Resource


def target(reference: Reference | None) -> str | None:
    """``Type/id`` of a reference, also of an absolute or versioned one; ``#id`` for a contained resource."""
    text = reference.reference if reference else None
    if not text:
        return None
    if text.startswith(("#", "urn:")):
        return text
    parts = text.split("/_history/")[0].rstrip("/").split("/")
    return "/".join(parts[-2:])


def ref_of(resource: Resource) -> str:
    """``Type/id`` of a resource; ``Type/?`` without an id."""
    return f"{resource.resource_type}/{resource.id or '?'}"


def is_of_other_patient(resource: Any, patient_id: str) -> bool:
    """Whether the resource says it belongs to somebody else.

    A subject that is not said, or said only in words, is taken as the patient we asked about: the client
    answers a query for this patient. A reference by ``urn:uuid`` is compared by its last part.
    """
    subject = getattr(resource, "subject", None) or getattr(resource, "patient", None)
    if subject is None:
        return _is_attended_by_others(resource, patient_id)
    return subject.reference != "Patient/" + patient_id and _is_another(subject, patient_id)


def _is_attended_by_others(resource: Any, patient_id: str) -> bool:
    """Whether patients take part in an appointment, and this one is not among them."""
    actors = [part.actor for part in getattr(resource, "participant", None) or () if part.actor]
    patients = [actor for actor in actors if (target(actor) or "").startswith("Patient/")]
    return bool(patients) and all(_is_another(patient, patient_id) for patient in patients)


def _is_another(subject: Reference, patient_id: str) -> bool:
    said = target(subject)
    if said is None or said.startswith("#"):
        return False
    if said.startswith("urn:"):
        return said.rpartition(":")[2] != patient_id
    return said != f"Patient/{patient_id}" and said != patient_id


def contained(resource: Resource) -> Iterator[Resource]:
    """Contained resources of kinds we know, decoded; the others are left out."""
    for raw in resource.contained or ():
        kind = _kind(raw)
        if kind in STRUCTS:
            decoded = decode(raw, STRUCTS[kind]).resource
            if decoded is not None:
                yield decoded


class _Kind(msgspec.Struct, gc=False, rename="camel"):
    resource_type: str = ""


def _kind(raw: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=_Kind).resource_type
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
