"""What holds for every record the strategies can draw."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from cds_service.protocol.self_check import check_response
from cds_service.vignettes.model import Case, Vignette
from cds_service.vignettes.request import build_request
from tests.properties.strategies import ENTRIES, PATIENTS, RECORDS, drawn
from tests.service import AS_OF, ask, prefetch_keys

if TYPE_CHECKING:
    import random

FEW = drawn(40)
OPTIONAL_KEYS = tuple(key for key in prefetch_keys() if key != "patient")
REASSURING = ("no red flag recorded", "no red flags recorded")


def request(
    patient: dict[str, Any], record: tuple[dict[str, Any], ...], data: dict[str, str] | None = None
) -> dict[str, Any]:
    case = Case(name="drawn", cards=(), data=data or {})
    vignette = Vignette(id="P", title="drawn", why="property", cases=(case,), patient=patient, record=record)
    return build_request(vignette, case, AS_OF, prefetch_keys())


@FEW
@given(PATIENTS, RECORDS)
def test_every_record_gets_a_well_formed_answer(
    patient: dict[str, Any], record: tuple[dict[str, Any], ...]
) -> None:
    assert check_response(ask(request(patient, record)), "patient-view") == []


@FEW
@given(PATIENTS, RECORDS, st.randoms())
def test_the_order_of_entries_changes_nothing(
    patient: dict[str, Any], record: tuple[dict[str, Any], ...], chance: random.Random
) -> None:
    ordered = request(patient, record)
    shuffled = copy.deepcopy(ordered)
    for value in shuffled["prefetch"].values():
        chance.shuffle(value.get("entry", []))
    assert ask(shuffled) == ask(ordered)


IRRELEVANT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("conditions", {"resourceType": "Condition", "code": {"text": "Ingrowing toenail"}}),
    (
        "observations",
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "2951-2", "display": "Sodium"}]},
            "valueQuantity": {"value": 140, "unit": "mmol/L", "code": "mmol/L"},
        },
    ),
    ("procedures", {"resourceType": "Procedure", "status": "completed", "code": {"text": "Dental cleaning"}}),
    (
        "medicationStatements",
        {
            "resourceType": "MedicationStatement",
            "status": "active",
            "medicationCodeableConcept": {"text": "levothyroxine"},
        },
    ),
)


@FEW
@given(PATIENTS, RECORDS, st.lists(st.sampled_from(IRRELEVANT), min_size=1, max_size=5))
def test_irrelevant_resources_change_nothing(
    patient: dict[str, Any], record: tuple[dict[str, Any], ...], extras: list[tuple[str, dict[str, Any]]]
) -> None:
    plain = request(patient, record)
    richer = copy.deepcopy(plain)
    subject = {"reference": f"Patient/{plain['context']['patientId']}"}
    for number, (key, resource) in enumerate(extras):
        entry = {
            "resource": resource | {"id": f"extra-{number}", "subject": subject},
            "search": {"mode": "match"},
        }
        richer["prefetch"][key].setdefault("entry", []).append(entry)
    assert ask(richer) == ask(plain)


@FEW
@given(
    PATIENTS,
    RECORDS,
    st.dictionaries(
        st.sampled_from(OPTIONAL_KEYS),
        st.sampled_from(["failed", "not sent", "paged"]),
        min_size=1,
        max_size=4,
    ),
)
def test_incomplete_data_never_reassures(
    patient: dict[str, Any], record: tuple[dict[str, Any], ...], data: dict[str, str]
) -> None:
    relevant = {"conditions", "observations", "medicationStatements", "medicationRequests", "procedures"}
    body = ask(request(patient, record, data))
    if relevant & data.keys():
        said = [card["summary"] + card.get("detail", "") for card in body["cards"]]
        assert not [text for text in said for phrase in REASSURING if phrase in text.lower()]


JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 5),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@drawn(75)
@given(PATIENTS, RECORDS, st.lists(ENTRIES, max_size=2), JUNK, st.randoms(use_true_random=False))
def test_one_strange_element_never_costs_the_request(
    patient: dict[str, Any],
    record: tuple[dict[str, Any], ...],
    more: list[dict[str, Any]],
    junk: Any,
    chance: random.Random,
) -> None:
    # A copy: what is spoilt here may be a constant that other tests use.
    spoilt = copy.deepcopy(request(patient, (*record, *more)))
    resources = [
        entry["resource"]
        for key, value in spoilt["prefetch"].items()
        if key != "patient"
        for entry in value.get("entry", [])
    ]
    _spoil(chance.choice(resources), junk, chance)
    assert check_response(ask(spoilt), "patient-view") == []


def _spoil(node: Any, junk: Any, chance: random.Random) -> None:
    """Put the junk somewhere into the resource, at any depth."""
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = chance.choice(keys)
        if not isinstance(node[key], dict | list) or not node[key] or chance.random() < 0.4:
            node[key] = junk
            return
        node = node[key]


ANY_RECORD = st.lists(ENTRIES, max_size=8).map(tuple)


@FEW
@given(PATIENTS, ANY_RECORD)
def test_a_first_look_never_changes_the_answer(
    patient: dict[str, Any], record: tuple[dict[str, Any], ...]
) -> None:
    plain = request(patient, record)
    careful = copy.deepcopy(plain)
    # A bare outcome entry makes a Bundle unusual: the service then reads the chart piece by piece and whole.
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "information"}]}
    for key in ("conditions", "observations"):
        entry = {"resource": outcome, "search": {"mode": "outcome"}}
        careful["prefetch"][key].setdefault("entry", []).append(entry)
    assert ask(careful) == ask(plain)
