"""The pathway page holds everything the guideline data does, and finds it."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.hooks.endpoints import Endpoints
from cds_service.pages.guideline.flow import decision_flow
from cds_service.pages.guideline.value_sets import concepts_by_rule, value_sets
from cds_service.pages.playground.cases import choices
from cds_service.wsgi import advisor
from tests.pages import NOON, Read, pages_client
from tests.service import AS_OF, knowledge

GUIDELINE = knowledge().guideline


@pytest.fixture(scope="module")
def page() -> Read:
    return Read(pages_client().get("/pathway").text)


def test_every_rule_has_an_anchor_and_stands_there_in_full(page: Read) -> None:
    for rule, text in GUIDELINE.rules.items():
        assert rule in page.ids
        assert " ".join(text.statement.split()) in page.text


def test_every_number_reading_and_disagreement_is_there(page: Read) -> None:
    for number in GUIDELINE.numbers.values():
        assert not number.rules or number.means in page.text
    for key, reading in GUIDELINE.interpretations.items():
        assert key in page.ids
        assert f"{key}: {reading.gap} {reading.choice}" in page.text
    for key, conflict in GUIDELINE.conflicts.items():
        assert key in page.ids
        assert f"Against it: {conflict.other}" in page.text
    for key in GUIDELINE.citations:
        assert f"source-{key}" in page.ids


def test_links_within_the_page_lead_somewhere(page: Read) -> None:
    targets = {address[1:] for _, address in page.addresses if address.startswith("#")}
    assert targets - set(page.ids) == set()


@pytest.mark.parametrize(
    ("query", "found", "not_found"),
    [
        ("fever", {"R5", "S7"}, {"R31"}),
        ("M54.2", {"R1"}, {"R5"}),
        ("38 Cel", {"R5"}, {"R9"}),
        ("I-11", {"R23"}, {"R5"}),
        ("ibuprofen milk", {"R28"}, {"R29"}),
        ("R33a", {"R33a"}, {"R5"}),
    ],
)
def test_the_search_looks_at_words_numbers_codes_and_marks(
    query: str, found: set[str], not_found: set[str]
) -> None:
    page = Read(pages_client().get("/pathway", query_string={"q": query}).text)
    shown = {rule for rule in GUIDELINE.rules if rule in page.ids}
    assert found <= shown
    assert not not_found & shown
    assert f"{len(shown)} of {len(GUIDELINE.rules)} rules" in page.text


def test_a_search_without_a_match_says_so() -> None:
    page = Read(pages_client().get("/pathway", query_string={"q": "<b>zebra</b>"}).text)
    assert "No rule holds all of these words." in page.text
    assert 'hold "<b>zebra</b>"' in page.text


def test_the_picture_is_drawn_from_the_data() -> None:
    flow = decision_flow(GUIDELINE)
    words = " ".join(line for box in flow.boxes for line in box.lines)
    assert f"Day {GUIDELINE.thresholds.phase_band_from_day} to" in words
    assert GUIDELINE.rules["R32"].title in words
    assert {rule for box in flow.boxes for rule in box.rules} <= set(GUIDELINE.rules)
    for box in flow.boxes:
        assert box.x + box.width <= flow.width
        assert box.bottom <= flow.height


def test_boxes_of_the_picture_do_not_overlap() -> None:
    boxes = decision_flow(GUIDELINE).boxes
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            beside = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert beside or one.bottom <= other.y or other.bottom <= one.y, (one.name, other.name)


def test_every_listed_value_set_is_one_the_service_has() -> None:
    for rule, concepts in concepts_by_rule().items():
        assert rule in GUIDELINE.rules
        assert concepts, rule
        assert set(concepts) <= set(value_sets())


@pytest.mark.parametrize("concept", ["red-flag/fever", "imaging/mri-cervical-wo", "drug/nsaid"])
def test_the_codes_of_a_value_set(concept: str) -> None:
    page = Read(pages_client().get(f"/pathway/codes/{concept}").text)
    for include in value_sets()[concept].includes:
        for entry in include.concept:
            assert entry.code in page.text


def test_a_value_set_that_is_not_there() -> None:
    answer = pages_client().get("/pathway/codes/red-flag/<script>")
    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("changes", "link"),
    [
        ({}, "http://127.0.0.1:8080/pathway#R23"),
        ({"base_url": "https://cds.example.org/"}, "https://cds.example.org/pathway#R23"),
        ({"host": "0.0.0.0"}, None),  # noqa: S104 - nothing listens there
        ({"port": 0}, None),
        ({"pages": False, "base_url": "https://cds.example.org"}, None),
    ],
    ids=["on this machine", "public", "address unknown", "port unknown", "no pages"],
)
def test_the_links_of_cards_lead_to_the_rule(changes: dict[str, Any], link: str | None) -> None:
    settings = Settings(**({"as_of": NOON} | changes))
    endpoints = Endpoints(advisor(knowledge(), settings), settings.max_body_bytes)
    request = choices()["V5.1"].build(AS_OF)
    answer = create_app(endpoints).test_client().post("/cds-services/neck-pain-patient-view", json=request)
    found = [entry["url"] for entry in answer.get_json()["cards"][0]["links"]]
    assert found[1:] == ([link] if link else [])
