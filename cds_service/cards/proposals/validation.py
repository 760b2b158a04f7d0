"""Everything we emit is valid FHIR: checked with the R4B models, which cover the R4 resources we build."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from cds_service.errors import CardError

EMITTED = ("ServiceRequest", "MedicationRequest", "Appointment")


@cache
def _model(resource_type: str) -> Any:
    """The model of a resource type; imported when first needed, so that a silent chart never pays for it."""
    return getattr(import_module(f"fhir.resources.R4B.{resource_type.lower()}"), resource_type)


def preload() -> None:
    """Import and build the models, so that the first card does not have to."""
    reference = {"reference": "Patient/preload"}
    samples: dict[str, dict[str, Any]] = {
        "ServiceRequest": {"status": "draft", "intent": "order", "subject": reference},
        "MedicationRequest": {
            "status": "draft",
            "intent": "order",
            "subject": reference,
            "medicationCodeableConcept": {"text": "preload"},
        },
        "Appointment": {
            "status": "proposed",
            "participant": [{"actor": reference, "status": "needs-action"}],
        },
    }
    for resource_type in EMITTED:
        _model(resource_type).model_validate(samples[resource_type])


def checked(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource, if it is valid.

    Raises:
        CardError: It is not: a mistake of ours, never passed on and never dropped.
    """
    kind = resource["resourceType"]
    try:
        _model(kind).model_validate(resource)
    except ValueError as error:
        # The error quotes its input; only the names of the elements may be said.
        problems: list[dict[str, Any]] = getattr(error, "errors", list)()
        places = sorted({".".join(str(part) for part in problem["loc"]) for problem in problems})
        raise CardError(f"{kind} not valid at {', '.join(places)}") from None
    return resource
