"""What real clients send to the order hooks (C-15, C-19, C-35 to C-38, the public Sandbox)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from cds_service.protocol.self_check import check_response
from tests.orders import (
    CPT,
    FEVER,
    IBUPROFEN,
    LOINC,
    MRI,
    NECK_PAIN,
    NECK_PAIN_CHART,
    PATIENT,
    R46,
    SNOMED,
    answer,
    bundle,
    cards,
    coded,
    condition,
    dose,
    post,
    prefetch,
    prescription,
    request,
    said,
    service,
)
from tests.service import client


@pytest.mark.parametrize("name", ["draftOrders", "selections", "userId", "patientId"])
@pytest.mark.parametrize("value", [..., None], ids=["left out", "null"])
def test_a_missing_member_of_the_context_is_named(name: str, value: Any) -> None:
    body = request(service())
    if value is None:
        body["context"][name] = None
    else:
        del body["context"][name]
    got = post(body)
    assert got.status_code == 400
    assert f"context.{name}" in got.get_data(as_text=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("draftOrders", "Bundle/1"), ("draftOrders", []), ("selections", {"a": 1}), ("selections", [1])],
)
def test_a_member_of_the_wrong_form_is_named(name: str, value: Any) -> None:
    got = post(request(service(), context={name: value}))
    assert got.status_code == 400
    assert f"context.{name}" in got.get_data(as_text=True)


@pytest.mark.parametrize("junk", [[], "x", 1, {"coding": [[]]}, {"coding": [{"system": []}]}])
def test_a_medication_that_cannot_be_read_costs_only_itself(junk: Any) -> None:
    assert said(prescription(junk), service()) == R46
    assert said(prescription(junk), service(), hook="order-sign") == R46


def test_order_sign_has_no_selections_and_judges_every_draft() -> None:
    assert said(service(), prescription(), hook="order-sign") == R46
    assert said(service(status="active"), hook="order-sign") == R46


def test_the_hook_has_to_be_the_one_of_the_service() -> None:
    body = request(service())
    got = post(body | {"hook": "order-sign"})
    assert got.status_code == 200, "order-sign ignores selections"
    wrong = json.dumps(body | {"hook": "patient-view"})
    refused = client().post(
        "/cds-services/neck-pain-order-select", data=wrong, content_type="application/json"
    )
    assert refused.status_code == 400


def test_nothing_is_required_of_prefetch() -> None:
    assert said(service(), prefetch=...) == ["R2 info"]
    assert said(service(), prefetch={"patient": None}) == ["R2 info"]
    assert said(service(reasonCode=[NECK_PAIN]), prefetch=...) == ["R3b info"]


@pytest.mark.parametrize("selections", [[], ["ServiceRequest/other"], ["Patient/p-1"]])
def test_only_what_is_selected_is_judged(selections: list[str]) -> None:
    assert said(service(), selected=selections) == []


@pytest.mark.parametrize(
    "selection",
    ["ServiceRequest/d1", "d1", "https://ehr.example.org/fhir/ServiceRequest/d1", "urn:uuid:draft-1"],
)
def test_a_selection_is_matched_by_reference_full_url_or_id(selection: str) -> None:
    body = request(service(), selected=[selection])
    body["context"]["draftOrders"]["entry"][0]["fullUrl"] = "urn:uuid:draft-1"
    assert [card["source"]["topic"]["code"] for card in answer(body)["cards"]] == ["R46"]


def test_an_empty_selection_selects_nothing() -> None:
    assert said(service(), selected=[""]) == []


def test_a_draft_with_a_strange_id_is_judged_like_one_without() -> None:
    assert said(service(number=5), hook="order-sign") == R46


def test_one_selection_may_stand_alone_and_one_entry_too() -> None:
    body = request(service())
    body["context"]["selections"] = "ServiceRequest/d1"
    body["context"]["draftOrders"]["entry"] = body["context"]["draftOrders"]["entry"][0]
    assert [card["source"]["topic"]["code"] for card in answer(body)["cards"]] == ["R46"]


def test_an_exact_reference_wins_over_the_same_id_of_another_type() -> None:
    drafts = (service(number="1"), prescription(number="1"))
    assert said(*drafts, selected=["MedicationRequest/1"]) == []
    assert said(*drafts, selected=["ServiceRequest/1"]) == R46


@pytest.mark.parametrize(
    "bundle_of_drafts",
    [
        {},
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "entry": []},
        {"resourceType": "Bundle", "entry": None},
        {"resourceType": "Bundle", "entry": "x"},
        {"resourceType": "Bundle", "entry": [None, 1, "x", {}, {"resource": None}, {"resource": {}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Basic", "id": "1"}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "MedicationOrder", "id": "1"}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ServiceRequest"}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ServiceRequest", "status": 1}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation", "status": 1}}]},
    ],
)
def test_a_strange_bundle_is_no_error_and_gets_no_advice(bundle_of_drafts: Any) -> None:
    assert answer(request(context={"draftOrders": bundle_of_drafts}))["cards"] == []


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param(service(...), id="no code"),
        pytest.param(service({"coding": [{}]}, reasonCode=[]), id="empty coding, as the Sandbox opens"),
        pytest.param(service({"coding": {}}), id="coding is an object"),
        pytest.param(service("MRI"), id="code is a text"),
        pytest.param(service(None), id="code is null"),
        pytest.param(prescription(...), id="no medication"),
        pytest.param(prescription({}), id="empty medication"),
        pytest.param(service(MRI, doNotPerform=True), id="an order not to do it"),
        pytest.param(service(MRI, status="entered-in-error"), id="entered in error"),
        pytest.param(service(MRI, status="revoked"), id="revoked"),
        pytest.param(service(MRI, subject={"reference": "Patient/other"}), id="of another patient"),
        pytest.param(service(MRI, modifierExtension=[{"url": "x"}]), id="an unknown modifier"),
        pytest.param(service(MRI, status={"a": 1}), id="status cannot be read"),
    ],
)
def test_a_draft_that_cannot_be_judged_gets_no_advice(draft: dict[str, Any]) -> None:
    assert said(draft) == []


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param(service(MRI, intent="plan"), id="intent plan"),
        pytest.param(service(MRI, intent=...), id="no intent"),
        pytest.param(service(MRI, status=...), id="no status"),
        pytest.param(service(MRI, category={"text": "Imaging"}), id="category is an object"),
        pytest.param(service(MRI, priority={"x": 1}), id="priority is an object"),
        pytest.param(service(MRI, subject=...), id="no subject"),
        pytest.param(
            service(MRI, subject={"reference": "https://ehr.example.org/R4/Patient/p-1"}),
            id="absolute",
        ),
        pytest.param(service(MRI, reasonCode={"text": "Low back pain"}), id="reasonCode is an object"),
        pytest.param(service(MRI, number="e" + "Xy.-_1" * 40), id="an id of 241 characters"),
        pytest.param(service({"coding": MRI["coding"][0]}), id="coding is an object"),
    ],
)
def test_what_is_not_quite_valid_is_judged_all_the_same(draft: dict[str, Any]) -> None:
    body = request(draft)
    got = answer(body)
    assert [card["source"]["topic"]["code"] for card in got["cards"]] == ["R46"]
    assert check_response(got, "order-select", [draft], body["context"]["selections"]) == []


def test_the_reason_of_the_sandbox_is_an_object_and_is_read() -> None:
    draft = service(MRI, reasonCode={"coding": [{"system": SNOMED, "code": "81680005"}], "text": "Neck pain"})
    assert said(draft, prefetch=prefetch()) == ["R46u info"]


def test_an_order_without_an_id_can_be_neither_deleted_nor_changed() -> None:
    body = request(service(MRI, number=...), hook="order-sign")
    (card,) = answer(body)["cards"]
    kinds = {action["type"] for s in card["suggestions"] for action in s["actions"]}
    assert kinds == {"create"}
    contrast = coded(LOINC, "24937-5")
    fever = prefetch(conditions=bundle(condition(), FEVER))
    for code in (MRI, contrast):
        (card,) = answer(request(service(code, number=...), hook="order-sign", prefetch=fever))["cards"]
        assert "suggestions" not in card
    dosed = prescription(number=..., dosageInstruction=[dose(1000, 4)])
    (card,) = answer(request(dosed, hook="order-sign"))["cards"]
    assert (card["indicator"], "suggestions" in card) == ("critical", False)


def test_orders_without_an_id_are_told_apart() -> None:
    got = answer(request(service(MRI, number=...), service(MRI, number=...), hook="order-sign"))
    assert len(got["cards"]) == 2
    assert check_response(got, "order-sign") == []


def test_a_draft_that_appears_twice_is_judged_once() -> None:
    assert said(service(), service()) == R46


def test_advice_on_the_same_order_is_the_same() -> None:
    body = request(service())
    assert answer(body) == answer(copy.deepcopy(body))


def test_the_record_may_hold_the_order_that_is_signed_again() -> None:
    own = prescription(IBUPROFEN, status="active", authoredOn="2026-06-10")
    chart = prefetch(conditions=bundle(condition()), medicationRequests=bundle(own))
    assert said(own, hook="order-sign", prefetch=chart) == []
    assert said(own | {"id": "m2"}, hook="order-sign", prefetch=chart) == ["R54 warning"]


def test_a_patient_is_not_talked_to() -> None:
    assert said(service(), context={"userId": "Patient/p-1"}) == []


def test_the_careful_reading_gives_the_same_advice() -> None:
    outcome = {"resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "information"}]}}
    unusual = copy.deepcopy(NECK_PAIN_CHART)
    unusual["conditions"]["entry"].append(outcome)
    assert answer(request(service(), prefetch=unusual)) == answer(request(service()))
    assert said(service(coded(CPT, "97110")), prefetch=unusual) == []


def test_an_element_that_cannot_be_read_costs_only_itself() -> None:
    strange = copy.deepcopy(NECK_PAIN_CHART)
    strange["conditions"]["entry"][0]["resource"]["clinicalStatus"] = "active"
    assert post(request(service(), prefetch=strange)).status_code == 200


def test_every_answer_keeps_the_rules_of_the_wire() -> None:
    drafts = (service(), service(coded(CPT, "72125"), "d2"), prescription(dosageInstruction=[dose(900, 4)]))
    for hook in ("order-select", "order-sign"):
        body = request(*drafts, hook=hook)
        refs = [f"{d['resourceType']}/{d['id']}" for d in drafts]
        assert check_response(answer(body), hook, drafts, refs) == []


def test_patient_view_takes_no_notice_of_orders() -> None:
    body = request(service()) | {"hook": "patient-view"}
    assert [card["source"]["topic"]["code"] for card in answer(body)["cards"]] == ["R27"]
    assert PATIENT["id"] == "p-1"


HOSTILE = "<script>alert(1)</script> ](javascript:x) `code` **MRI**"


def test_words_of_a_draft_are_shown_and_never_taken_as_markup() -> None:
    draft = service(coded(LOINC, "30667-0", HOSTILE, HOSTILE), number="a](b)<i>`c", priority="routine")
    (card,) = cards(draft)
    assert "<script>" not in card["detail"]
    assert "](" not in card["detail"].replace("\\](", "")
    assert "script" not in card["summary"]
    assert check_response({"cards": [card]}, "patient-view") == []


def test_nothing_of_a_draft_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "cds_service")
    mark = "canary-7391"
    strange = {"resourceType": f"Order{mark}", "id": mark}
    drafts = (service(number=mark, note=[{"text": mark}]), service({"text": mark}, "x", status=1), strange)
    body = request(*drafts, selected=[f"ServiceRequest/{mark}", f"{mark}/none"])
    assert answer(body)["cards"]
    fields = vars(caplog.records[-1])["fields"]
    assert fields["dropped"] == {"unreadable-draft": 1, "unexpected-type": 1, "unmatched-selection": 1}
    assert mark not in repr([vars(record) for record in caplog.records if record.name == "cds_service"])
    refused = post(request(context={"draftOrders": mark}))
    assert (refused.status_code, mark in refused.get_data(as_text=True)) == (400, False)
