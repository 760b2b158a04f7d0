"""The reasons of an order: in the record, beside the draft, inside it, or only named."""

from __future__ import annotations

from typing import Any

from tests.orders import (
    LOINC,
    MRI,
    R46,
    SNOMED,
    SUBJECT,
    answer,
    bundle,
    cards,
    coded,
    condition,
    prefetch,
    request,
    said,
    service,
)

FEVER_SEEN = {
    "resourceType": "Observation",
    "id": "t",
    "status": "final",
    "code": coded(SNOMED, "386661006"),
    "valueBoolean": True,
    "effectiveDateTime": "2026-06-14",
}


def temperature(**members: Any) -> dict[str, Any]:
    """A body temperature of the day before."""
    taken = {name: value for name, value in FEVER_SEEN.items() if name != "valueBoolean"}
    return taken | {"code": coded(LOINC, "8310-5")} | members


def test_reasons_may_stand_in_the_record_beside_the_draft_or_inside_it() -> None:
    record = {"conditions": bundle(condition(number="c9"))}
    far = service(MRI, reasonReference=[{"reference": "Condition/c9"}])
    assert said(far, prefetch=prefetch(**record)) == R46
    inside = service(
        MRI, reasonReference=[{"reference": "#c"}], contained=[condition(number="c", subject=SUBJECT)]
    )
    assert said(inside, prefetch=prefetch()) == R46
    body = request(service(MRI, reasonReference=[{"reference": "urn:uuid:c"}]), prefetch=prefetch())
    body["context"]["draftOrders"]["entry"].append({"fullUrl": "urn:uuid:c", "resource": condition()})
    assert [card["source"]["topic"]["code"] for card in answer(body)["cards"]] == ["R46"]


def test_a_reason_that_is_only_named_is_read_by_its_name() -> None:
    named = service(MRI, reasonReference=[{"reference": "Condition/none", "display": "Neck pain"}])
    assert said(named, prefetch=prefetch()) == ["R46u info"]
    loose = service(MRI, reasonReference=[{"display": "Neck pain"}])
    assert said(loose, prefetch=prefetch()) == ["R46u info"]
    silent = service(MRI, reasonReference=[{"reference": "#none"}, {"reference": "Condition/none"}])
    assert said(silent, prefetch=prefetch()) == []


def test_what_the_record_says_of_a_reason_counts_more_than_its_name() -> None:
    refuted = condition(
        number="c9",
        verificationStatus={
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "refuted"}
            ]
        },
    )
    named = service(MRI, reasonReference=[{"reference": "Condition/c9", "display": "Neck pain"}])
    assert said(named, prefetch=prefetch(conditions=bundle(refuted))) == []


def test_an_observation_may_be_the_reason() -> None:
    draft = service(MRI, reasonReference=[{"reference": "#t"}], contained=[FEVER_SEEN])
    assert said(draft) == ["R49 info"]
    drug = {"resourceType": "Medication", "id": "m"}
    other = service(MRI, reasonReference=[{"reference": "#m"}], contained=[drug])
    assert said(other) == R46


def test_the_pain_of_the_order_may_be_named_with_a_red_flag_in_one_code() -> None:
    radicular = service(MRI, reasonCode=[coded(SNOMED, "81680005"), {"text": "suspected fever"}])
    (card,) = cards(radicular)
    assert card["indicator"] == "info"


def test_a_measured_value_may_be_the_reason() -> None:
    degrees = {"value": 38.6, "system": "http://unitsofmeasure.org", "code": "Cel"}
    inside = service(
        MRI, reasonReference=[{"reference": "#t"}], contained=[temperature(valueQuantity=degrees)]
    )
    assert said(inside) == ["R49 info"]
    beside = request(service(MRI, reasonReference=[{"reference": "Observation/t"}]))
    beside["context"]["draftOrders"]["entry"].append({"resource": temperature(valueQuantity=degrees)})
    assert [card["source"]["topic"]["code"] for card in answer(beside)["cards"]] == ["R49"]


def test_a_value_nobody_can_read_is_named_where_it_is_the_reason() -> None:
    strange = {"value": 38.6, "unit": "furlong"}
    draft = service(
        MRI, reasonReference=[{"reference": "#t"}], contained=[temperature(valueQuantity=strange)]
    )
    (card,) = cards(draft)
    assert card["source"]["topic"]["code"] == "R46"
    assert "Could not be interpreted" in card["detail"]
    assert "in what could be read" in card["summary"]


def test_a_reason_that_belongs_to_another_patient_is_not_used() -> None:
    other = {"reference": "Patient/another"}
    inside = service(MRI, reasonReference=[{"reference": "#t"}], contained=[FEVER_SEEN | {"subject": other}])
    assert said(inside) == R46
    body = request(service(MRI, reasonReference=[{"reference": "Condition/c"}]), prefetch=prefetch())
    body["context"]["draftOrders"]["entry"].append({"resource": condition(number="c", subject=other)})
    assert answer(body)["cards"] == []
