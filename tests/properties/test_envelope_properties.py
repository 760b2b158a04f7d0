"""Whatever bytes arrive, the answer is one of ours: never a failure, never a guess."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical_data import DataState
from cds_service.fhir_access.classify import classify
from cds_service.fhir_access.templates import NEEDS
from tests.contract.support import PATH, StandIn, client_of, patient_view
from tests.properties.strategies import drawn

SEARCHES = [need for need in NEEDS if not need.is_read]
NAMES = st.sampled_from(
    [
        "resourceType",
        "entry",
        "resource",
        "search",
        "mode",
        "link",
        "relation",
        "issue",
        "severity",
        "id",
        "response",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.sampled_from(
    [
        "Bundle",
        "Condition",
        "Observation",
        "OperationOutcome",
        "Medication",
        "error",
        "next",
        "match",
        "include",
        "",
    ]
)
VALUES = st.recursive(
    SCALARS | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
CLIENT = client_of(StandIn())


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_as_not_json_or_as_incomplete(body: bytes) -> None:
    answer = CLIENT.post(PATH, data=body, content_type="application/json")
    assert answer.status_code == (400 if body else 411)


@given(
    st.dictionaries(st.sampled_from(["hook", "hookInstance", "context", "prefetch", "fhirServer"]), VALUES)
)
def test_any_envelope_is_answered_or_refused(changes: dict[str, Any]) -> None:
    answer = CLIENT.post(PATH, json=patient_view(**changes))
    assert answer.status_code in (200, 400, 412)


@given(VALUES, st.sampled_from(NEEDS))
def test_any_prefetch_value_has_a_state(value: Any, need: Any) -> None:
    found = classify(msgspec.Raw(json.dumps(value).encode()), need)
    assert isinstance(found.data.state, DataState)


ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "resource": st.fixed_dictionaries(
                {"resourceType": WORDS, "id": st.sampled_from(["a", "b"])},
                optional={"code": VALUES, "status": VALUES, "issue": VALUES},
            )
        },
        optional={"search": st.fixed_dictionaries({"mode": WORDS})},
    ),
    max_size=5,
)


@drawn(100)
@given(ENTRIES, st.sampled_from(SEARCHES))
def test_only_resources_of_the_asked_type_are_handed_on_and_none_is_lost(entries: Any, need: Any) -> None:
    value = {"resourceType": "Bundle", "entry": entries}
    found = classify(msgspec.Raw(json.dumps(value).encode()), need)
    matches = [
        entry["resource"]
        for entry in entries
        if entry["resource"]["resourceType"] == need.resource_type
        and entry.get("search", {}).get("mode") not in ("include", "outcome")  # an included one is no match
    ]
    assert {resource.resource_type for resource in found.data.resources} <= {need.resource_type}
    handed_on = {resource.id for resource in found.data.resources}
    named = {unread.ref.rpartition("/")[2] for unread in found.data.unreadable}
    assert {resource["id"] for resource in matches} <= handed_on | named


@given(st.permutations([{"resource": {"resourceType": "Condition", "id": str(i)}} for i in range(4)]))
def test_the_order_of_entries_changes_nothing_but_the_order(entries: Any) -> None:
    value = {"resourceType": "Bundle", "entry": entries}
    found = classify(msgspec.Raw(json.dumps(value).encode()), SEARCHES[0])
    assert found.data.state is DataState.OK
    assert sorted(resource.id for resource in found.data.resources) == ["0", "1", "2", "3"]
