"""The table of what a prefetch value can be, row by row."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from cds_service.clinical_data import DataState, Unreadable
from cds_service.fhir_access.classify import Classified, classify
from cds_service.fhir_access.shapes import ENTRY_LIMIT
from cds_service.fhir_access.templates import NEEDS

BY_KEY = {need.key: need for need in NEEDS}


def condition(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": f"c-{number}", "subject": {"reference": "Patient/p-1"}} | more


def entry(resource: Any, mode: str | None = "match") -> dict[str, Any]:
    return {"resource": resource} | ({"search": {"mode": mode}} if mode else {})


def bundle(*entries: Any, **more: Any) -> dict[str, Any]:
    return (
        {"resourceType": "Bundle", "type": "searchset"} | ({"entry": list(entries)} if entries else {}) | more
    )


def outcome(severity: str) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "processing"}]}


def classified(value: Any, key: str = "conditions") -> Classified:
    return classify(None if value is ... else msgspec.Raw(json.dumps(value).encode()), BY_KEY[key])


PATIENT = {"resourceType": "Patient", "id": "p-1"}
NEXT = [{"relation": "next", "url": "https://elsewhere.example/page2"}]
MATCH = entry(condition())
STATES: dict[str, tuple[str, Any, DataState, int]] = {
    # name: (key, value, state, number of resources)
    "key not sent": ("conditions", ..., DataState.NOT_TRIED, 0),
    "null of a search": ("conditions", None, DataState.EMPTY, 0),
    "null of the patient": ("patient", None, DataState.NOT_TRIED, 0),
    "the resource of a read": ("patient", PATIENT, DataState.OK, 1),
    "error beside matches": (
        "conditions",
        bundle(MATCH, entry(outcome("error"), "outcome")),
        DataState.PARTIAL,
        1,
    ),
    "error alone in a Bundle": (
        "conditions",
        bundle(entry(outcome("fatal"), "outcome")),
        DataState.FAILED,
        0,
    ),
    "no entry member": ("conditions", bundle(total=0), DataState.EMPTY, 0),
    "an empty entry array": ("conditions", bundle(entry=[]), DataState.EMPTY, 0),
    "entry is null": ("conditions", bundle(entry=None), DataState.EMPTY, 0),
    "one warning outcome and total 0": (
        "conditions",
        bundle(entry(outcome("warning"), "outcome"), total=0),
        DataState.EMPTY,
        0,
    ),
    "a warning outcome marked as match": (
        "conditions",
        bundle(entry(outcome("warning"))),
        DataState.EMPTY,
        0,
    ),
    "an outcome that cannot be read": (
        "conditions",
        bundle(entry({"resourceType": "OperationOutcome", "issue": "x"})),
        DataState.FAILED,
        0,
    ),
    "matches": ("conditions", bundle(MATCH, entry(condition(2))), DataState.OK, 2),
    "matches without search mode": ("conditions", bundle(entry(condition(), None)), DataState.OK, 1),
    "matches and a wrong total": ("conditions", bundle(MATCH, total=7), DataState.OK, 1),
    "a total that is no number": ("conditions", bundle(MATCH, total="1"), DataState.OK, 1),
    "a match, an include and an outcome": (
        "conditions",
        bundle(MATCH, entry(PATIENT, "include"), entry(outcome("warning"), "outcome")),
        DataState.OK,
        1,
    ),
    "a match and an included resource of its type": (
        "conditions",
        bundle(MATCH, entry(condition(2), "include")),
        DataState.OK,
        1,
    ),
    "a match among unexpected types": ("conditions", bundle(MATCH, entry(PATIENT)), DataState.OK, 1),
    "a resource marked as outcome": ("conditions", bundle(entry(condition(), "outcome")), DataState.EMPTY, 0),
    "a next page": ("conditions", bundle(MATCH, link=NEXT), DataState.PARTIAL, 1),
    "a next page after an empty one": ("conditions", bundle(link=NEXT), DataState.PARTIAL, 0),
    "a self link": ("conditions", bundle(MATCH, link=[{"relation": "self", "url": "x"}]), DataState.OK, 1),
    "links that are no links": ("conditions", bundle(MATCH, link="x"), DataState.OK, 1),
    "a next page in an object where a list belongs": (
        "conditions",
        bundle(MATCH, link=NEXT[0]),
        DataState.PARTIAL,
        1,
    ),
    "a next page beside a link that is none": (
        "conditions",
        bundle(MATCH, link=[*NEXT, "x"]),
        DataState.PARTIAL,
        1,
    ),
    "a count without resources": ("conditions", bundle(total=3), DataState.PARTIAL, 0),
    "a count in words without resources": ("conditions", bundle(total="3"), DataState.PARTIAL, 0),
    "no resources and a total that is no number": ("conditions", bundle(total="many"), DataState.EMPTY, 0),
    "exactly one full page": (
        "conditions",
        bundle(*(entry(condition(i)) for i in range(500))),
        DataState.PARTIAL,
        500,
    ),
    "more than the page asked for": (
        "conditions",
        bundle(*(entry(condition(i)) for i in range(501))),
        DataState.OK,
        501,
    ),
    "a bare error": ("conditions", outcome("error"), DataState.FAILED, 0),
    "a bare fatal error": ("conditions", outcome("fatal"), DataState.FAILED, 0),
    "a bare outcome without severity": (
        "conditions",
        {"resourceType": "OperationOutcome", "issue": [{"code": "timeout"}]},
        DataState.FAILED,
        0,
    ),
    "a bare error in capitals": ("conditions", outcome("Error"), DataState.FAILED, 0),
    "a bare outcome without an issue": (
        "conditions",
        {"resourceType": "OperationOutcome"},
        DataState.FAILED,
        0,
    ),
    "a bare warning": ("conditions", outcome("warning"), DataState.EMPTY, 0),
    "a bare information": ("conditions", outcome("information"), DataState.EMPTY, 0),
    "an empty object": ("conditions", {}, DataState.NOT_TRIED, 0),
    "a string": ("conditions", "p-1", DataState.NOT_TRIED, 0),
    "HTML": ("conditions", "<html>502</html>", DataState.NOT_TRIED, 0),
    "a number": ("conditions", 0, DataState.NOT_TRIED, 0),
    "true": ("conditions", True, DataState.NOT_TRIED, 0),
    "an array": ("conditions", [condition()], DataState.NOT_TRIED, 0),
    "another type for a search": ("conditions", PATIENT, DataState.NOT_TRIED, 0),
    "another type for the read": ("patient", condition(), DataState.NOT_TRIED, 0),
    "a Bundle for the read": ("patient", bundle(entry(PATIENT)), DataState.NOT_TRIED, 0),
    "a Bundle of other types alone": ("conditions", bundle(entry(PATIENT)), DataState.NOT_TRIED, 0),
    "a Bundle whose entry is an object": (
        "conditions",
        bundle(entry={"resource": condition()}),
        DataState.FAILED,
        0,
    ),
    "one bare resource for a search": ("conditions", condition(), DataState.PARTIAL, 1),
    "the wrapper before version 1.0": (
        "conditions",
        {"response": {"status": "200"}, "resource": bundle(MATCH)},
        DataState.OK,
        1,
    ),
    "the wrapper around null": (
        "conditions",
        {"response": {"status": "200"}, "resource": None},
        DataState.EMPTY,
        0,
    ),
    "the wrapper around a failure": (
        "conditions",
        {"response": {"status": "500"}, "resource": None},
        DataState.FAILED,
        0,
    ),
    "the wrapper around what was not found": (
        "conditions",
        {"response": {"status": "404 Not Found"}, "resource": bundle()},
        DataState.FAILED,
        0,
    ),
    "the wrapper with a response that is none": (
        "conditions",
        {"response": 5, "resource": None},
        DataState.FAILED,
        0,
    ),
    "the wrapper with a status that is a number": (
        "conditions",
        {"response": {"status": 200}, "resource": bundle(MATCH)},
        DataState.OK,
        1,
    ),
    "the wrapper without a resource": ("conditions", {"response": {"status": "404"}}, DataState.NOT_TRIED, 0),
    "resourceType is null": ("conditions", {"resourceType": None, "entry": [MATCH]}, DataState.NOT_TRIED, 0),
    "resourceType is a number": ("conditions", {"resourceType": 7}, DataState.NOT_TRIED, 0),
}


@pytest.mark.parametrize(("key", "value", "state", "count"), STATES.values(), ids=STATES)
def test_state_of_a_prefetch_value(key: str, value: Any, state: DataState, count: int) -> None:
    found = classified(value, key)
    assert (found.data.state, len(found.data.resources)) == (state, count)


def test_an_entry_without_a_resource_is_named_and_counts_as_seen() -> None:
    found = classified(bundle(MATCH, {"fullUrl": "x"}, None, "text", entry("text"), entry(None)))
    assert found.data.state is DataState.OK
    assert len(found.data.resources) == 1
    assert found.data.unreadable == (Unreadable("Condition/?", ()),) * 5


@pytest.mark.parametrize(
    ("resource", "ref"),
    [
        pytest.param({"id": "x"}, "Condition/x", id="no type"),
        pytest.param({"resourceType": None, "id": "x"}, "Condition/x", id="null"),
        pytest.param({"resourceType": 7, "id": 8}, "Condition/?", id="numbers"),
        pytest.param({"resourceType": "condition", "id": "x"}, "Condition/x", id="no type of FHIR"),
        pytest.param(bundle(MATCH), "Condition/?", id="a Bundle"),
    ],
)
def test_an_entry_of_which_nobody_can_tell_what_it_is_is_named(resource: Any, ref: str) -> None:
    found = classified(bundle(MATCH, entry(resource)))
    assert found.data.unreadable == (Unreadable(ref, ()),)
    alone = classified(bundle(entry(resource, None)))
    assert (alone.data.state, alone.data.unreadable) == (DataState.OK, (Unreadable(ref, ()),))


@pytest.mark.parametrize("first", ["id", "resourceType"])
def test_a_strange_id_hides_nothing_wherever_it_stands(first: str) -> None:
    strange = condition() | {"id": 5}
    ordered = {first: strange[first]} | strange
    found = classified(bundle(MATCH, entry(ordered)))
    assert len(found.data.resources) == 2
    assert found.data.unreadable == (Unreadable("Condition/?", ("id",)),)


def test_one_resource_that_cannot_be_read_costs_only_itself() -> None:
    broken = condition(2) | {"code": 5}
    found = classified(bundle(MATCH, entry(broken), entry(condition(3))))
    assert found.data.state is DataState.OK
    assert {unread.ref for unread in found.data.unreadable} == {"Condition/c-2"}
    assert {resource.id for resource in found.data.resources} >= {"c-1", "c-3"}


def test_medications_ride_along_with_or_without_include() -> None:
    statement = {"resourceType": "MedicationStatement", "id": "s", "status": "active"}
    medications = [{"resourceType": "Medication", "id": f"m-{i}", "code": {"text": "x"}} for i in (1, 2)]
    found = classified(
        bundle(entry(statement), entry(medications[0], "include"), entry(medications[1], None)),
        "medicationStatements",
    )
    assert [resource.id for resource in found.data.resources] == ["s"]
    assert [resource.id for resource in found.data.included] == ["m-1", "m-2"]
    assert not found.dropped


def test_other_included_resources_are_left_aside_without_a_word() -> None:
    found = classified(bundle(MATCH, entry({"resourceType": "Practitioner", "id": "d"}, "include")))
    assert not found.data.included
    assert not found.dropped


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (PATIENT, "unexpected-type"),
        ({"resourceType": "MedicationOrder", "id": "x"}, "old-version"),
        ({"resourceType": "ProcedureRequest", "id": "x"}, "old-version"),
    ],
    ids=["another type", "a DSTU2 type", "an STU3 type"],
)
def test_what_is_not_used_is_counted(resource: dict[str, Any], reason: str) -> None:
    assert classified(bundle(MATCH, entry(resource))).dropped == {reason: 1}


def test_a_value_that_makes_no_sense_is_counted() -> None:
    assert classified("junk").dropped == {"junk-value": 1}
    assert classified(...).dropped is None


def test_the_type_is_found_wherever_it_stands_in_the_resource() -> None:
    late = {"id": "c-9", "subject": {"reference": "Patient/p-1"}, "resourceType": "Condition"}
    assert [resource.id for resource in classified(bundle(entry(late))).data.resources] == ["c-9"]


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, DataState.FAILED),
        (entry({"resourceType": "Condition"}), DataState.FAILED),
        (entry({"resourceType": "Condition", "id": 7}), DataState.FAILED),
    ],
    ids=["nothing", "conditions", "conditions with a strange id"],
)
def test_more_entries_than_any_chart_has_are_not_read_and_not_called_empty(
    given: Any, state: DataState
) -> None:
    assert classified(bundle(*[given] * (ENTRY_LIMIT + 1))).data.state is state
    assert classified(bundle(*[MATCH] * 100)).data.state is DataState.OK


def test_as_many_entries_as_a_chart_can_have_are_read() -> None:
    assert classified(bundle(*[MATCH] * ENTRY_LIMIT)).data.state is DataState.OK
