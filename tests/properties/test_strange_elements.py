"""Whatever stands in an element of a chart, the request is answered and nothing is said to be clean."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import drawn
from tests.service import SERVICE, client

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
ME = {"reference": "Patient/p1"}
NECK = {"coding": [{"system": "http://snomed.info/sct", "code": "81680005", "display": "Neck pain"}]}
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"


def loinc(code: str) -> dict[str, Any]:
    return {"coding": [{"system": LOINC, "code": code}]}


def quantity(value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


# One resource of each kind that nests, with every element that is calculated with.
CHART: dict[str, dict[str, Any]] = {
    "conditions": {
        "resourceType": "Condition",
        "id": "pain",
        "subject": ME,
        "code": NECK,
        "severity": {"text": "Severe"},
        "bodySite": [{"text": "Neck"}],
        "onsetAge": {"value": 50, "code": "a"},
        "onsetRange": {"low": {"value": 50, "code": "a"}},
        "recordedDate": "2026-06-05",
    },
    "observations": {
        "resourceType": "Observation",
        "id": "bp",
        "subject": ME,
        "status": "final",
        "code": loinc("85354-9"),
        "effectiveDateTime": "2026-06-14",
        "focus": [{"reference": "Condition/pain"}],
        "interpretation": [{"text": "H"}],
        "referenceRange": [{"high": quantity(140, "mm[Hg]"), "age": {"low": {"value": 18}}}],
        "component": [
            {
                "code": loinc("8480-6"),
                "valueQuantity": quantity(150, "mm[Hg]"),
                "interpretation": [{"text": "H"}],
            }
        ],
    },
    "medicationRequests": {
        "resourceType": "MedicationRequest",
        "id": "drug",
        "subject": ME,
        "status": "active",
        "intent": "order",
        "authoredOn": "2026-06-01",
        "medicationCodeableConcept": {"text": "Prednisone 20 mg tablet"},
        "dosageInstruction": [
            {
                "timing": {
                    "repeat": {
                        "frequency": 1,
                        "period": 1,
                        "periodUnit": "d",
                        "boundsDuration": quantity(10, "d"),
                    }
                },
                "doseAndRate": [{"doseQuantity": quantity(20, "mg")}],
            }
        ],
        "dispenseRequest": {
            "numberOfRepeatsAllowed": 2,
            "expectedSupplyDuration": quantity(30, "d"),
            "validityPeriod": {"start": "2026-06-01"},
        },
    },
    "diagnosticReports": {
        "resourceType": "DiagnosticReport",
        "id": "report",
        "subject": ME,
        "status": "final",
        "code": loinc("30667-0"),
        "effectiveDateTime": "2026-06-10",
        "result": [{"reference": "#crp"}],
        "contained": [
            {
                "resourceType": "Observation",
                "id": "crp",
                "status": "final",
                "code": loinc("1988-5"),
                "valueQuantity": quantity(4, "mg/L"),
            }
        ],
    },
    "questionnaireResponses": {
        "resourceType": "QuestionnaireResponse",
        "id": "answers",
        "subject": ME,
        "status": "completed",
        "authored": "2026-06-14",
        "item": [
            {
                "linkId": "1",
                "text": "Any complaints?",
                "answer": [
                    {
                        "valueBoolean": True,
                        "item": [{"text": "Night sweats", "answer": [{"valueBoolean": False}]}],
                    }
                ],
            }
        ],
    },
}
STRANGE: tuple[Any, ...] = (
    None,
    0,
    -1.5,
    True,
    10**30,
    1e300,
    1e-300,
    9_999_999,
    "",
    "marker",
    "\u0000",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "2026-02-30",
    [],
    {},
    [None],
    [[5]],
    [{"x": 1}],
    {"coding": 5},
    {"coding": [5]},
    {"reference": 5},
    {"value": "x"},
    {"start": 5},
)


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The place of every element, from the outside in."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


PATHS = tuple(paths(CHART))


def put(where: Any, path: Path, strange: Any) -> None:
    """Replace one element; where an earlier change removed its place, nothing happens."""
    key, *rest = path
    is_place = isinstance(where, dict) if isinstance(key, str) else isinstance(where, list)
    if not is_place or (key not in where if isinstance(key, str) else key >= len(where)):
        return
    if rest:
        put(where[key], tuple(rest), strange)
    else:
        where[key] = copy.deepcopy(strange)


def with_strange(changes: list[tuple[Path, Any]]) -> dict[str, Any]:
    """The chart with elements replaced."""
    chart = copy.deepcopy(CHART)
    for path, strange in changes:
        put(chart, path, strange)
    return {
        key: {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": entry}]}
        for key, entry in chart.items()
    }


def asked(prefetch: dict[str, Any]) -> Any:
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1975-03-02"}
    body = {
        "hook": "patient-view",
        "hookInstance": "7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10",
        "context": {"userId": "Practitioner/d", "patientId": "p1"},
        "prefetch": {"patient": patient, **prefetch},
    }
    return client().post(SERVICE, data=json.dumps(body), content_type="application/json")


def test_the_chart_as_it_is_gives_a_card() -> None:
    assert asked(with_strange([])).json["cards"]


@drawn(150)
@given(st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(STRANGE)), min_size=1, max_size=3))
def test_no_strange_element_costs_the_request(changes: list[tuple[Path, Any]]) -> None:
    answer = asked(with_strange(changes))
    assert answer.status_code == 200
    assert "cards" in answer.json


def test_every_element_can_be_strange_alone() -> None:
    for path in PATHS:
        for strange in (10**30, "marker", [{"x": 1}]):
            assert asked(with_strange([(path, strange)])).status_code == 200, (path, strange)
