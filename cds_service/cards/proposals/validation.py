"""Everything we emit is valid FHIR: checked with the R4B models, which cover the R4 resources we build."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

import msgspec

from cds_service.errors import CardError

_REFERENCE = re.compile(r"[A-Z][A-Za-z]{1,40}/[A-Za-z0-9.-]{1,64}")
_MOST_SHAPES = 1000
_valid_shapes: set[bytes] = set()
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

    The models cost a tenth of a millisecond a resource, and what we draft differs only in references, days
    and notes. So these are checked here, more strictly than the models do, and the rest once per shape.

    Raises:
        CardError: It is not: a mistake of ours, never passed on and never dropped.
    """
    try:
        shape = msgspec.json.encode(_shape(resource, ""))
    except _UnusualError:
        _validate(resource)
        return resource
    if shape not in _valid_shapes:
        _validate(resource)
        if len(_valid_shapes) < _MOST_SHAPES:
            _valid_shapes.add(shape)
    return resource


class _UnusualError(Exception):
    """A value that varies is not of its usual form."""


def _shape(value: Any, name: str) -> Any:
    """The resource without what belongs to a patient or a day; equal shapes are equally valid."""
    if isinstance(value, dict):
        # Of a note the text varies; elsewhere a text is a constant of ours.
        place = "note." if name == "note" else ""
        return {
            member: inner
            if isinstance(inner, str) and place + member not in _VARYING
            else _shape(inner, place + member)
            for member, inner in value.items()
        }
    if isinstance(value, list):
        return [_shape(item, name) for item in value]
    is_usual = _VARYING.get(name)
    if is_usual is None:
        return value
    if not isinstance(value, str) or not is_usual(value):
        raise _UnusualError
    return ""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


# What differs from patient to patient and day to day, by the member it stands in.
_VARYING: dict[str, Callable[[str], object]] = {
    "reference": _REFERENCE.fullmatch,
    "authoredOn": _is_day,
    "start": _is_day,
    "end": _is_day,
    "note.text": str.strip,
}


def _validate(resource: dict[str, Any]) -> None:
    kind = resource["resourceType"]
    try:
        _model(kind).model_validate(resource)
    except ValueError as error:
        # The error quotes its input; only the names of the elements may be said.
        problems: list[dict[str, Any]] = getattr(error, "errors", list)()
        places = sorted({".".join(str(part) for part in problem["loc"]) for problem in problems})
        raise CardError(f"{kind} not valid at {', '.join(places)}") from None
