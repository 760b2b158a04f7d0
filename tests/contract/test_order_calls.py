"""What real clients send to the order hooks (C-15, C-19, C-35 to C-38, the public Sandbox)."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.hooks.endpoints import Endpoints
from cds_service.protocol.self_check import check_response
from cds_service.wsgi import advisor, load_knowledge
from tests.orders import (
    CPT,
    IBUPROFEN,
    LOINC,
    MRI,
    NECK_PAIN,
    NECK_PAIN_CHART,
    PATIENT,
    RXNORM,
    SNOMED,
    SUBJECT,
    answer,
    bundle,
    cards,
    coded,
    condition,
    post,
    prefetch,
    prescription,
    request,
    said,
    service,
)
from tests.service import client

if TYPE_CHECKING:
    from pathlib import Path

R46 = ["R46 warning"]
FEVER = condition(coded(SNOMED, "386661006", "Fever"), "c2", onsetDateTime="2026-06-14")
AS_SHOWN = {"coding": [{"display": "MR spine cervical wo contrast"}]}
LOCAL = coded("urn:site", "IMG123", text="MRI cervical spine")
BOTH = {"text": "MRI cervical spine w & w/o contrast"}
PRODUCT = coded(RXNORM, "999999999", "Ibuprofen 400 MG Oral Tablet")


def dose(milligrams: float, hours: float) -> dict[str, Any]:
    return {
        "timing": {"repeat": {"frequency": 1, "period": hours, "periodUnit": "h"}},
        "doseAndRate": [{"doseQuantity": {"value": milligrams, "unit": "mg", "code": "mg"}}],
    }


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


@pytest.mark.parametrize(
    ("code", "rules"),
    [
        pytest.param(coded(LOINC, "30667-0"), ["R46 warning"], id="LOINC"),
        pytest.param(coded(CPT, "72141"), ["R46 warning"], id="CPT"),
        pytest.param(coded(SNOMED, "571891000119109"), ["R46 warning"], id="SNOMED"),
        pytest.param({"text": "MRI C-spine w/o contrast"}, ["R46 warning"], id="text"),
        pytest.param(AS_SHOWN, ["R46 warning"], id="display"),
        pytest.param(LOCAL, ["R46 warning"], id="local code"),
        pytest.param(coded(CPT, "72156"), ["R50a warning"], id="CPT with contrast"),
        pytest.param(BOTH, ["R50a warning"], id="text with contrast"),
        pytest.param(coded(CPT, "72125"), ["R52a warning"], id="CT by CPT"),
        pytest.param({"text": "CT C-spine"}, ["R52a warning"], id="CT in words"),
        pytest.param(coded(LOINC, "24934-2"), ["R53 warning"], id="CT myelography"),
        pytest.param(coded(CPT, "72040"), ["R51a info"], id="X-ray"),
        pytest.param(coded(SNOMED, "770695002"), ["R57 warning"], id="surgeon"),
        pytest.param(coded(CPT, "64405"), ["R60 info"], id="nerve block"),
        pytest.param({"text": "MRI lumbar spine without contrast"}, [], id="another region"),
        pytest.param({"text": "MRI brain"}, [], id="head"),
        pytest.param(coded(CPT, "70551"), [], id="a code nobody told us"),
        pytest.param(coded(CPT, "97110"), [], id="exercise"),
    ],
)
def test_an_order_is_recognised_by_its_code_or_its_words(code: Any, rules: list[str]) -> None:
    assert said(service(code)) == rules


def test_a_spine_study_takes_its_region_from_the_body_site() -> None:
    spine = {"coding": [{"system": SNOMED, "code": "241645008"}]}
    assert said(service(spine)) == []
    assert said(service(spine, bodySite=[{"text": "Cervical spine"}])) == R46
    assert said(service(spine, bodySite=[{"text": "Lumbar spine"}])) == []


@pytest.mark.parametrize(
    ("medication", "found"),
    [
        pytest.param(coded(RXNORM, "5640"), True, id="ingredient"),
        pytest.param({"text": "ibuprofen 800 MG Oral Tablet"}, True, id="text"),
        pytest.param(PRODUCT, True, id="unknown product by name"),
        pytest.param({"text": "diclofenac 1 % topical gel"}, False, id="on the skin"),
        pytest.param({"text": "levothyroxine"}, False, id="another drug"),
    ],
)
def test_a_drug_is_recognised_by_code_or_name(medication: Any, found: bool) -> None:
    allergic = prefetch(
        conditions=bundle(condition()),
        allergies=bundle(
            {
                "resourceType": "AllergyIntolerance",
                "id": "a",
                "patient": SUBJECT,
                "code": {"text": "aspirin"},
            }
        ),
    )
    assert said(prescription(medication), prefetch=allergic) == (["R54 critical"] if found else [])


@pytest.mark.parametrize(
    "reference", ["Medication/med-1", "urn:uuid:med", "https://ehr.example.org/Medication/med-1"]
)
def test_a_drug_may_stand_in_another_entry(reference: str) -> None:
    draft = prescription(..., medicationReference={"reference": reference}, dosageInstruction=[dose(1000, 4)])
    body = request(draft, {"resourceType": "Medication", "id": "med-1", "code": IBUPROFEN})
    body["context"]["draftOrders"]["entry"][1]["fullUrl"] = "urn:uuid:med"
    assert [card["indicator"] for card in answer(body)["cards"]] == ["critical"]


def test_a_drug_may_be_contained_or_merely_named() -> None:
    inside = prescription(
        ...,
        medicationReference={"reference": "#m"},
        contained=[{"resourceType": "Medication", "id": "m", "code": IBUPROFEN}],
        dosageInstruction=[dose(1000, 4)],
    )
    named = prescription(..., medicationReference={"display": "ibuprofen"}, dosageInstruction=[dose(1000, 4)])
    assert said(inside) == said(named) == ["R54 critical"]


def given(milligrams: float, **timing: Any) -> dict[str, Any]:
    rate = {"doseQuantity": {"value": milligrams, "code": "mg"}}
    return {"doseAndRate": [rate]} | ({"timing": timing} if timing else {})


EVERY_FOUR_HOURS = {"frequency": 1, "period": 4, "periodUnit": "h"}
THRICE = ["08:00:00", "14:00:00", "20:00:00"]
DAY = {"period": 1, "periodUnit": "d"}
RANGE = {
    "timing": {"repeat": EVERY_FOUR_HOURS},
    "doseAndRate": [
        {"doseRange": {"low": {"value": 400, "code": "mg"}, "high": {"value": 800, "code": "mg"}}}
    ],
}


TWICE_STATED = {
    "timing": {"repeat": EVERY_FOUR_HOURS},
    "doseAndRate": [{"doseQuantity": {"value": mg, "code": "mg"}} for mg in (400, 800)],
}


@pytest.mark.parametrize(
    ("dosage", "over"),
    [
        pytest.param([dose(800, 6)], False, id="exactly the maximum"),
        pytest.param([dose(801, 6)], True, id="over it"),
        pytest.param([given(600, code={"text": "Q4H"})], True, id="by abbreviation"),
        pytest.param([given(800, code={"coding": [{"code": "QID"}]})], False, id="four times a day"),
        pytest.param([given(800, code={"text": "when it hurts"})], False, id="no schedule"),
        pytest.param([given(800, event=["2026-06-15"])], False, id="an event"),
        pytest.param([RANGE], True, id="the most of a range"),
        pytest.param([given(4000)], False, id="no timing"),
        pytest.param([{"timing": {"repeat": EVERY_FOUR_HOURS}, "doseAndRate": [{}]}], False, id="no dose"),
        pytest.param([dose(800, 8), dose(800, 8)], False, id="several steps"),
        pytest.param([dose(400, 8), dose(1000, 4)], True, id="a step over it"),
        pytest.param([given(4000), dose(1000, 4)], True, id="a step without a schedule, one over it"),
        pytest.param([dose(800, 8) | {"sequence": n} for n in (1, 2)], False, id="one step after the other"),
        pytest.param([dose(800, 8) | {"sequence": 1}] * 2, True, id="two at the same time"),
        pytest.param([given(1200, repeat={"timeOfDay": THRICE})], True, id="at three times of the day"),
        pytest.param([given(1000, repeat={"timeOfDay": THRICE})], False, id="at three times, less"),
        pytest.param([given(1200, repeat=DAY | {"when": ["CM", "CD", "CV"]})], True, id="at every meal"),
        pytest.param([given(1200, repeat=DAY | {"frequency": 1, "when": ["CM"]})], False, id="at one meal"),
        pytest.param(
            [given(1200, repeat={"boundsDuration": {"value": 5, "code": "d"}}, code={"text": "TID"})],
            True,
            id="for five days, by abbreviation",
        ),
        pytest.param([TWICE_STATED], True, id="as ordered and as calculated"),
    ],
)
def test_the_most_a_day_is_the_dose_at_the_shortest_interval(dosage: list[Any], over: bool) -> None:
    assert said(prescription(dosageInstruction=dosage)) == (["R54 critical"] if over else [])


def test_the_tablets_of_the_sandbox_are_counted() -> None:
    draft = prescription(
        {"text": "Ibuprofen 400 MG Oral Tablet", "coding": [{"system": RXNORM, "code": "197805"}]},
        dosageInstruction=[
            {
                "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 3, "code": "{pill}"}}],
            }
        ],
    )
    (card,) = cards(draft)
    assert "3600 mg a day" in card["summary"]


PIECES = {"value": 3, "code": "{tbl}"}
PER_TABLET = {"numerator": {"value": 0.4, "code": "g"}, "denominator": {"value": 1, "unit": "tablet"}}


@pytest.mark.parametrize(
    ("strengths", "over"),
    [
        pytest.param([PER_TABLET], True, id="grams a tablet"),
        pytest.param([PER_TABLET | {"denominator": {"value": 2}}], False, id="grams in two"),
        pytest.param([PER_TABLET | {"denominator": {"value": 1, "code": "mL"}}], False, id="by volume"),
        pytest.param([PER_TABLET | {"denominator": {"value": 0}}], False, id="in nothing"),
        pytest.param([PER_TABLET | {"numerator": {"value": 8, "code": "%"}}], False, id="per cent"),
        pytest.param([PER_TABLET | {"numerator": {"code": "mg"}}], False, id="no amount"),
        pytest.param([PER_TABLET, PER_TABLET], False, id="of two ingredients"),
        pytest.param([None], False, id="none"),
    ],
)
def test_the_strength_of_the_only_ingredient_counts(strengths: list[Any], over: bool) -> None:
    held = [{"itemCodeableConcept": IBUPROFEN} | ({"strength": s} if s else {}) for s in strengths]
    draft = prescription(
        ...,
        medicationReference={"reference": "#m"},
        contained=[{"resourceType": "Medication", "id": "m", "ingredient": held}],
        dosageInstruction=[
            {"timing": {"repeat": {"frequency": 3, **DAY}}, "doseAndRate": [{"doseQuantity": PIECES}]}
        ],
    )
    assert said(draft) == (["R54 critical"] if over else [])


def test_the_dose_is_changed_and_nothing_else() -> None:
    draft = prescription(dosageInstruction=[dose(1000, 4)], note=[], category={"text": "community"})
    (card,) = cards(draft)
    (suggestion,) = card["suggestions"]
    (action,) = suggestion["actions"]
    changed = action["resource"]
    assert {k: v for k, v in changed.items() if k != "dosageInstruction"} == {
        k: v for k, v in draft.items() if k != "dosageInstruction"
    }
    assert changed["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] == 400


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(coded(CPT, "72156"), (CPT, "72141"), id="in CPT"),
        pytest.param(coded(LOINC, "24937-5"), (LOINC, "30667-0"), id="in LOINC"),
        pytest.param(coded(SNOMED, "60443006"), (SNOMED, "571891000119109"), id="in SNOMED CT"),
        pytest.param({"text": "MRI cervical spine with contrast"}, (LOINC, "30667-0"), id="of a text"),
        pytest.param({"coding": coded(CPT, "72156")["coding"][0]}, (CPT, "72141"), id="of an object"),
    ],
)
def test_contrast_is_taken_out_in_the_code_system_of_the_order(code: Any, expected: tuple[str, str]) -> None:
    chart = prefetch(conditions=bundle(condition(), FEVER))
    (card,) = cards(service(code, priority="urgent"), prefetch=chart)
    (suggestion,) = card["suggestions"]
    coding = suggestion["actions"][0]["resource"]["code"]["coding"][0]
    assert (coding["system"], coding["code"]) == expected
    assert coding["display"]


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


def test_a_sites_own_order_code_is_known_by_its_value_set(tmp_path: Path) -> None:
    own = {"system": "https://hospital.example/orderables", "concept": [{"code": "RAD-77"}]}
    value_set = {
        "resourceType": "ValueSet",
        "url": "https://neck-pain-cds.example/fhir/ValueSet/imaging--mri-cervical-wo-w",
        "compose": {"include": [own]},
    }
    (tmp_path / "orderables.json").write_text(json.dumps(value_set))
    site = Settings(valuesets_dir=tmp_path, as_of=datetime(2026, 6, 15, 12, tzinfo=UTC))
    at_site = create_app(Endpoints(advisor(load_knowledge(site), site), site.max_body_bytes)).test_client()
    body = request(service(coded("https://hospital.example/orderables", "RAD-77")))
    assert answer(body)["cards"] == []
    assert [card["source"]["topic"]["code"] for card in answer(body, at_site)["cards"]] == ["R50a"]


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
