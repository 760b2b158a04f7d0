"""Observations of a vignette: laboratory, vital signs, findings, scores, strength, course."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cds_service.vignettes.common import PATIENT, only, quantity, tidy
from cds_service.vignettes.dates import noon
from cds_service.vignettes.phrasebook import SYSTEMS, VignetteError, concept

if TYPE_CHECKING:
    from datetime import date

Entry = dict[str, Any]
Built = Iterator[tuple[str, dict[str, Any]]]

_UNDATED = "undated"
_VITAL = {"temperature", "weight"}
_RESULTS: dict[str, dict[str, Any]] = {
    "present": {"valueBoolean": True},
    "absent": {"valueBoolean": False},
    "unanswered": {"dataAbsentReason": {"text": "not asked"}},
}
_COURSES = {
    "improved": ("268910001", "Patient's condition improved (finding)"),
    "resolving": ("268910001", "Patient's condition improved (finding)"),
    "stable": ("359746009", "Patient's condition stable (finding)"),
    "progressing": ("271299001", "Patient's condition worsened (finding)"),
}


def _observation(code: dict[str, Any], when: str, as_of: date, **members: Any) -> dict[str, Any]:
    resource = {"resourceType": "Observation", "status": "final", "code": code, "subject": PATIENT}
    taken = None if when == _UNDATED else noon(when, as_of)
    return tidy(resource | {"effectiveDateTime": taken} | members)


def _category(code: str) -> list[dict[str, Any]]:
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    return [{"coding": [{"system": system, "code": code}]}]


def lab(entry: Entry, as_of: date) -> Built:
    """A laboratory result or vital sign with its unit, range and flag."""
    only(entry, "lab", "value", "when", "normal up to", "normal from", "flag", "status")
    unit = entry["value"].partition(" ")[2]
    limits = {"low": entry.get("normal from"), "high": entry.get("normal up to")}
    reference = {name: quantity(f"{limit} {unit}") for name, limit in limits.items() if limit is not None}
    flag_system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    flag = [{"coding": [{"system": flag_system, "code": entry["flag"]}]}] if "flag" in entry else []
    yield (
        "observations",
        _observation(
            concept("measurements", entry["lab"]),
            entry["when"],
            as_of,
            status=entry.get("status", "final"),
            category=_category("vital-signs" if entry["lab"] in _VITAL else "laboratory"),
            valueQuantity=quantity(entry["value"]),
            referenceRange=[reference] if reference else [],
            interpretation=flag,
        ),
    )


def finding(entry: Entry, as_of: date) -> Built:
    """An examination finding or symptom: present unless ``result`` says otherwise."""
    only(entry, "finding", "when", "result", "site", "status", "about")
    result = entry.get("result", "present")
    value: dict[str, Any] = _RESULTS.get(result, {"valueString": result})
    yield (
        "observations",
        _observation(
            concept("findings", entry["finding"]),
            entry["when"],
            as_of,
            status=entry.get("status", "final"),
            category=_category("exam"),
            bodySite={"text": entry["site"]} if "site" in entry else None,
            **value,
        ),
    )


def score(entry: Entry, as_of: date) -> Built:
    """A pain score, 0 to 10."""
    only(entry, "score", "when")
    yield (
        "observations",
        _observation(
            concept("measurements", "pain score"),
            entry["when"],
            as_of,
            category=_category("vital-signs"),
            valueQuantity=quantity(f"{entry['score']} {{score}}"),
        ),
    )


def strength(entry: Entry, as_of: date) -> Built:
    """Muscle strength 0-5: ``strength: right triceps``; no verified code exists, so the text carries it."""
    only(entry, "strength", "grade", "when")
    yield (
        "observations",
        _observation(
            {"text": f"Muscle strength {entry['strength']}"},
            entry["when"],
            as_of,
            category=_category("exam"),
            valueQuantity=quantity(f"{entry['grade']} {{score}}"),
        ),
    )


def course(entry: Entry, as_of: date) -> Built:
    """A clinician's statement of the course; ``about`` is the id of the Condition it is about."""
    only(entry, "course", "when", "about")
    if entry["course"] not in _COURSES:
        raise VignetteError(f"a course is one of {sorted(_COURSES)}, not '{entry['course']}'")
    code, display = _COURSES[entry["course"]]
    about = [{"reference": f"Condition/{entry['about']}"}] if "about" in entry else []
    yield (
        "observations",
        _observation(
            {"coding": [{"system": SYSTEMS["loinc"], "code": "89253-9", "display": "Trend"}]},
            entry["when"],
            as_of,
            focus=about,
            valueCodeableConcept={"coding": [{"system": SYSTEMS["sct"], "code": code, "display": display}]},
        ),
    )
