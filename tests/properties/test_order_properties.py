"""What holds for every record and every order in hand the strategies can draw."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from cds_service.protocol.self_check import check_response
from cds_service.vignettes.model import Case, Vignette
from cds_service.vignettes.request import build_request
from tests.orders import answer
from tests.properties.strategies import ENTRIES, PATIENTS, RECORDS, drawn
from tests.properties.test_service_properties import JUNK, _spoil
from tests.service import AS_OF, EXPLANATION, ask, prefetch_keys, topics

MORE = drawn(60)
PRIORITIES = st.sampled_from([None, "routine", "urgent", "asap", "stat"])
REASONS = st.lists(st.sampled_from(["neck pain", "fever", "hyperreflexia"]), max_size=2)
IMAGING = st.sampled_from(
    [
        *("MRI cervical spine without contrast", "MRI cervical spine", "contrast MRI", "cervical CT"),
        *("CT myelography", "cervical X-ray"),
    ]
)
OTHERS = st.sampled_from(["spine surgery", "trigger point injection", "physical therapy", "neurology"])
DRUGS = st.sampled_from(["ibuprofen", "naproxen", "cyclobenzaprine", "oxycodone", "acetaminophen"])
ORDERS = st.one_of(
    st.fixed_dictionaries({"order": IMAGING, "priority": PRIORITIES, "reason": REASONS}),
    st.fixed_dictionaries({"order": OTHERS, "reason": REASONS}),
    st.fixed_dictionaries(
        {"drug": DRUGS, "dose": st.sampled_from(["400 mg", "800 mg", "1200 mg"])}
        | {"every": st.sampled_from(["4 hours", "6 hours", "1 day"])}
    ),
)
DRAFTS = st.lists(st.tuples(ORDERS, st.booleans()), min_size=1, max_size=5)
CONCORDANT = ("physical therapy", "neurology", "pain medicine", "CRP")
Record = tuple[dict[str, Any], ...]
Drawn = list[tuple[dict[str, Any], bool]]


def call(patient: dict[str, Any], record: Record, drawn: Drawn, *, sign: bool = False) -> dict[str, Any]:
    orders = tuple(
        {name: value for name, value in order.items() if value not in (None, [])} | {"selected": selected}
        for order, selected in drawn
    )
    case = Case(name="drawn", cards=(), orders=orders, sign=sign)
    vignette = Vignette(id="P", title="drawn", why="property", cases=(case,), patient=patient, record=record)
    return build_request(vignette, case, AS_OF, prefetch_keys())


def drafts_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in request["context"]["draftOrders"]["entry"]]


def in_hand(request: dict[str, Any]) -> set[str]:
    every = {f"{draft['resourceType']}/{draft['id']}" for draft in drafts_of(request)}
    return set(request["context"].get("selections", every))


def actions_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [a for card in body["cards"] for s in card.get("suggestions", ()) for a in s["actions"]]


@MORE
@given(PATIENTS, RECORDS, DRAFTS, st.booleans())
def test_every_answer_is_well_formed(
    patient: dict[str, Any], record: Record, drawn: Drawn, sign: bool
) -> None:
    request = call(patient, record, drawn, sign=sign)
    body = answer(request)
    assert check_response(body, request["hook"], drafts_of(request), in_hand(request)) == []
    assert len(body["cards"]) <= 3


@MORE
@given(PATIENTS, RECORDS, DRAFTS, st.booleans())
def test_an_update_changes_the_one_thing_it_names(
    patient: dict[str, Any], record: Record, drawn: Drawn, sign: bool
) -> None:
    request = call(patient, record, drawn, sign=sign)
    received = {f"{draft['resourceType']}/{draft['id']}": draft for draft in drafts_of(request)}
    for action in actions_of(answer(request)):
        if action["type"] != "update":
            continue
        changed = action["resource"]
        draft = received[f"{changed['resourceType']}/{changed['id']}"]
        intended = "priority" if "riority" in action["description"] else "code"
        intended = "dosageInstruction" if "dosage" in action["description"] else intended
        assert changed[intended] != draft.get(intended)
        assert changed | {intended: None} == draft | {intended: None}


@MORE
@given(PATIENTS, RECORDS, DRAFTS, st.booleans())
def test_what_is_deleted_is_a_draft_in_hand(
    patient: dict[str, Any], record: Record, drawn: Drawn, sign: bool
) -> None:
    request = call(patient, record, drawn, sign=sign)
    deleted = {a["resourceId"] for a in actions_of(answer(request)) if a["type"] == "delete"}
    assert deleted <= in_hand(request)


@MORE
@given(PATIENTS, RECORDS, DRAFTS, st.booleans())
def test_an_order_gets_one_card_at_most(
    patient: dict[str, Any], record: Record, drawn: Drawn, sign: bool
) -> None:
    request = call(patient, record, drawn, sign=sign)
    about = [
        {item["resource"] for item in card["extension"][EXPLANATION].get("evidence", ())} & in_hand(request)
        for card in answer(request)["cards"]
    ]
    # A reason of another order may be evidence too: the order itself is named as the one in hand.
    named = [ref for refs in about for ref in refs]
    suggested = [a.get("resourceId") for a in actions_of(answer(request)) if a["type"] == "delete"]
    assert all(about)
    assert len(named) >= len(about)
    for ref in set(suggested):
        touching = [
            card
            for card in answer(request)["cards"]
            if any(a.get("resourceId") == ref for s in card.get("suggestions", ()) for a in s["actions"])
        ]
        assert len(touching) == 1


@MORE
@given(PATIENTS, RECORDS, st.lists(st.sampled_from(CONCORDANT), min_size=1, max_size=3))
def test_an_agreeing_order_passes_in_silence(
    patient: dict[str, Any], record: Record, orders: list[str]
) -> None:
    assert answer(call(patient, record, [({"order": order}, True) for order in orders]))["cards"] == []


@MORE
@given(PATIENTS, RECORDS)
def test_the_pathway_agrees_with_what_it_suggests(patient: dict[str, Any], record: Record) -> None:
    opened = call(patient, record, [])
    body = ask(opened)
    # An emergency or an injury comes before the imaging that is suggested beside it.
    assume(not {"S4", "S5", "S7"} & set(topics(body)))
    for action in actions_of(body):
        if action["type"] != "create" or action["resource"]["resourceType"] == "Appointment":
            continue
        draft = action["resource"] | {"id": "suggested"}
        ref = f"{draft['resourceType']}/suggested"
        chosen = copy.deepcopy(opened) | {"hook": "order-select"}
        chosen["context"] |= {
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": draft}]},
            "selections": [ref],
        }
        against = [c for c in answer(chosen)["cards"] if c["indicator"] != "info"]
        assert [c["summary"] for c in against if c["source"]["topic"]["code"] != "S11"] == []


@MORE
@given(PATIENTS, RECORDS, DRAFTS, st.integers(0, 4))
def test_the_order_of_drafts_changes_no_advice(
    patient: dict[str, Any], record: Record, drawn: Drawn, by: int
) -> None:
    request = call(patient, record, drawn)
    turned = copy.deepcopy(request)
    entries = turned["context"]["draftOrders"]["entry"]
    turned["context"]["draftOrders"]["entry"] = entries[by % len(entries) :] + entries[: by % len(entries)]

    def told(body: dict[str, Any]) -> list[str]:
        return sorted(f"{card['uuid']} {card['summary']}" for card in body["cards"])

    if len(drawn) <= 3:
        assert told(answer(turned)) == told(answer(request))


@MORE
@given(PATIENTS, st.lists(ENTRIES, max_size=6).map(tuple), DRAFTS)
def test_a_first_look_never_changes_the_answer(patient: dict[str, Any], record: Record, drawn: Drawn) -> None:
    plain = call(patient, record, drawn)
    careful = copy.deepcopy(plain)
    # A bare outcome entry makes a Bundle unusual: the chart is then read piece by piece and whole.
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "information"}]}
    careful["prefetch"]["flags"].setdefault("entry", []).append({"resource": outcome})
    assert answer(careful) == answer(plain)


@drawn(75)
@given(PATIENTS, RECORDS, DRAFTS, JUNK, st.randoms(use_true_random=False), st.booleans())
def test_one_strange_element_of_a_draft_never_costs_the_request(
    patient: dict[str, Any], record: Record, drawn: Drawn, junk: Any, chance: Any, sign: bool
) -> None:
    request = copy.deepcopy(call(patient, record, drawn, sign=sign))
    _spoil(chance.choice(drafts_of(request)), junk, chance)
    body = answer(request)
    drafts = drafts_of(request)
    refs = {f"{d.get('resourceType')}/{d.get('id')}" for d in drafts} | in_hand_of_any(request)
    assert check_response(body, request["hook"], drafts, refs) == []


def in_hand_of_any(request: dict[str, Any]) -> set[str]:
    return set(request["context"].get("selections", ()))
