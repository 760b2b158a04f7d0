"""A first look misses no pain: it says yes wherever the whole reading could find one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cds_service.clinical_data import ClinicalData, DataState, KeyData
from cds_service.fhir_access.plain import PlainBundle, read_plain_request
from cds_service.fhir_mapping.case import quiet_case
from cds_service.fhir_mapping.first_look import may_name_pain
from cds_service.pathway.vocabulary import User
from tests.mapping import ICD, LOINC, SCT, coded, context

NECK = coded(SCT, "81680005", "Neck pain (finding)")
SODIUM = coded(LOINC, "2951-2", "Sodium")


def opens_chart(key: str, kind: str, times: int = 1, **members: Any) -> bool:
    """Whether a resource opens the chart, read as the service reads it; it may stand there several times."""
    entry = {"resource": {"resourceType": kind, **members}}
    bundle = {"resourceType": "Bundle", "entry": [entry] * times}
    body = {
        "hook": "patient-view",
        "hookInstance": "x",
        "context": {"userId": "P/1"},
        "prefetch": {key: bundle},
    }
    request = read_plain_request(json.dumps(body).encode())
    if request is None:
        return True  # not plain: read piece by piece, and whole
    assert request.prefetch is not None
    value: Any = request.prefetch[key]
    assert isinstance(value, PlainBundle)
    data = KeyData(DataState.OK, tuple(entry.resource for entry in value.entry))
    return may_name_pain(ClinicalData("p1", None, "Practitioner/1", {key: data}), context().terminology)


@pytest.mark.parametrize(
    ("members", "opens"),
    [
        pytest.param({"code": NECK}, True, id="coded"),
        pytest.param({"code": {"text": "cervicalgia"}}, True, id="text"),
        pytest.param({"code": {"coding": [{"display": "Cervicalgia"}]}}, True, id="display"),
        pytest.param({"code": coded(ICD, "R51.9")}, True, id="a headache, whose site decides"),
        pytest.param({"code": {"coding": 5}}, True, id="something strange"),
        pytest.param({"code": coded(ICD, "I10")}, False, id="another disease"),
        pytest.param({"code": None}, False, id="null"),
        pytest.param({}, False, id="nothing"),
    ],
)
def test_conditions(members: dict[str, Any], opens: bool) -> None:
    assert opens_chart("conditions", "Condition", **members) is opens


@pytest.mark.parametrize(
    ("members", "opens"),
    [
        pytest.param({"code": NECK, "valueBoolean": True}, True, id="a pain"),
        pytest.param(
            {"code": coded(LOINC, "75325-1"), "valueCodeableConcept": NECK},
            True,
            id="in the value of a question",
        ),
        pytest.param(
            {"code": {"text": "Complaint"}, "valueCodeableConcept": NECK},
            True,
            id="in the value of anything unknown",
        ),
        pytest.param(
            {"code": {"text": "Panel"}, "component": [{"code": NECK}]}, True, id="parts of an unknown panel"
        ),
        pytest.param(
            {"code": coded(LOINC, "85354-9"), "component": [{"code": SODIUM}]},
            False,
            id="parts of a known panel",
        ),
        pytest.param({"code": SODIUM, "valueQuantity": {"value": 140}}, False, id="a result"),
        pytest.param(
            {"code": coded(LOINC, "75325-1"), "valueCodeableConcept": coded(SCT, "386661006")},
            False,
            id="another symptom",
        ),
    ],
)
def test_observations(members: dict[str, Any], opens: bool) -> None:
    assert opens_chart("observations", "Observation", **members) is opens
    assert opens_chart("observations", "Observation", times=2, **members) is opens


@pytest.mark.parametrize(
    ("members", "opens"),
    [
        pytest.param({"reasonCode": [{"text": "check-up"}, NECK]}, True, id="one of its reasons"),
        pytest.param({"reasonCode": [{"text": "check-up"}]}, False, id="another reason"),
        pytest.param({"reasonCode": "neck"}, True, id="something strange"),
        pytest.param({}, False, id="no reason"),
    ],
)
def test_encounters(members: dict[str, Any], opens: bool) -> None:
    assert opens_chart("encounters", "Encounter", **members) is opens


def item(text: str | None = None, **members: Any) -> dict[str, Any]:
    return {"linkId": "1", **({"text": text} if text else {}), **members}


@pytest.mark.parametrize(
    ("items", "opens"),
    [
        pytest.param([item("Neck pain?")], True, id="asked"),
        pytest.param([item("Group", item=[item("Do you have neck pain?")])], True, id="asked within a group"),
        pytest.param(
            [item("Why?", answer=[{"valueCoding": {"system": SCT, "code": "81680005"}}])],
            True,
            id="answered by code",
        ),
        pytest.param(
            [item("Why?", answer=[{"valueCoding": {"display": "Neck pain"}}])], True, id="answered in words"
        ),
        pytest.param([item("Do you smoke?", answer=[{"valueBoolean": True}])], False, id="something else"),
        pytest.param("neck", True, id="something strange"),
        pytest.param(None, False, id="nothing"),
    ],
)
def test_questionnaires(items: Any, opens: bool) -> None:
    assert opens_chart("questionnaireResponses", "QuestionnaireResponse", item=items) is opens


@pytest.mark.parametrize(("code", "opens"), [(NECK, True), (coded(ICD, "I10"), False)])
def test_what_stands_there_twice_is_judged_the_same(code: dict[str, Any], opens: bool) -> None:
    assert opens_chart("conditions", "Condition", times=2, code=code) is opens


def test_a_quiet_case_says_who_and_what_could_be_read() -> None:
    keys = {"conditions": KeyData(DataState.OK), "observations": KeyData(DataState.FAILED)}
    case = quiet_case(ClinicalData("p1", "e1", "Patient/p1", keys), datetime(2026, 6, 15, tzinfo=UTC))
    assert case.readability.incomplete == {"observations"}
    assert (case.user, case.subject.encounter_ref) == (User.PATIENT, "Encounter/e1")


def test_a_later_chart_with_the_same_codes_looks_none_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not opens_chart("observations", "Observation", code=SODIUM)

    def looked_up(_look: object, raw: bytes) -> None:
        pytest.fail(f"looked up again: {raw.decode()}")

    monkeypatch.setattr("cds_service.fhir_mapping.first_look._Look._decoded", looked_up)
    assert not opens_chart("observations", "Observation", code=SODIUM)
