"""Each rule of the response check has a broken sample it notices."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cds_service.protocol.self_check import check_response

DRAFT = {"resourceType": "ServiceRequest", "id": "d1", "status": "draft"}
GOOD: dict[str, Any] = {
    "cards": [
        {
            "uuid": "5b1f5f0c-6d0b-4f0e-9a55-0c2b6a5f9d01",
            "summary": "A summary.",
            "detail": "Why.",
            "indicator": "info",
            "source": {
                "label": "Source",
                "url": "https://example.org",
                "topic": {"system": "s", "code": "R1"},
            },
            "selectionBehavior": "at-most-one",
            "suggestions": [
                {
                    "label": "Create",
                    "uuid": "0b7f1b52-7d43-4a2c-8a53-5c5f3f3e8b11",
                    "isRecommended": True,
                    "actions": [
                        {"type": "create", "description": "New", "resource": {"resourceType": "Basic"}}
                    ],
                },
                {
                    "label": "Change",
                    "uuid": "d1b3e6b0-2f0f-4b5e-9a0c-9d9a2b6c7c22",
                    "actions": [
                        {"type": "update", "description": "Change", "resource": DRAFT | {"vendor": []}},
                        {"type": "delete", "description": "Remove", "resourceId": "ServiceRequest/d1"},
                    ],
                },
            ],
            "overrideReasons": [{"code": "a", "system": "s", "display": "d"}],
            "links": [{"label": "Page", "url": "https://example.org", "type": "absolute"}],
        }
    ]
}
CARD = ("cards", 0)
FIRST, SECOND = (*CARD, "suggestions", 0), (*CARD, "suggestions", 1)


def test_good_answers_have_nothing_wrong() -> None:
    assert check_response({"cards": []}, "patient-view") == []
    assert check_response(GOOD, "patient-view") == []
    assert check_response(GOOD, "order-select", [DRAFT], ["ServiceRequest/d1"]) == []
    assert check_response(GOOD, "order-sign", [DRAFT]) == []


def broken(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    body = copy.deepcopy(GOOD)
    node: Any = body
    for step in path[:-1]:
        node = node[step]
    if value is ...:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return body


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        pytest.param(("cards",), ..., "C-39", id="no cards"),
        pytest.param((*CARD, "detail"), None, "C-04", id="null"),
        pytest.param((*CARD, "detail"), "", "C-04", id="empty text"),
        pytest.param((*CARD, "links"), [], "C-04", id="empty list"),
        pytest.param((*CARD, "summary"), ..., "summary is missing", id="no summary"),
        pytest.param((*CARD, "summary"), "x" * 140, "140 characters", id="long summary"),
        pytest.param((*CARD, "summary"), "**bold**", "markdown", id="markdown in the summary"),
        pytest.param((*CARD, "indicator"), "hard-stop", "indicator", id="old indicator"),
        pytest.param((*CARD, "source"), ..., "source.label", id="no source"),
        pytest.param((*CARD, "source", "url"), "http://example.org", "source.url", id="source not https"),
        pytest.param((*CARD, "source", "topic", "code"), "R-1", "source.topic", id="topic with a hyphen"),
        pytest.param((*CARD, "selectionBehavior"), ..., "C-41", id="no selectionBehavior"),
        pytest.param((*CARD, "selectionBehavior"), "all", "C-41", id="unknown selectionBehavior"),
        pytest.param((*CARD, "suggestions"), ..., "C-41", id="selectionBehavior without suggestions"),
        pytest.param((*SECOND, "isRecommended"), True, "C-47", id="two recommended"),
        pytest.param((*FIRST, "label"), "", "C-44", id="no label"),
        pytest.param((*FIRST, "actionSelectionBehavior"), "any", "C-48", id="actionSelectionBehavior"),
        pytest.param((*FIRST, "actions", 0, "type"), "replace", "C-44", id="unknown action"),
        pytest.param((*FIRST, "actions", 0, "description"), ..., "C-44", id="no description"),
        pytest.param((*FIRST, "actions", 0, "resource"), "Basic/1", "C-44", id="resource is a text"),
        pytest.param(
            (*SECOND, "actions", 0, "resource"), {"resourceType": "Basic"}, "C-45", id="update without an id"
        ),
        pytest.param((*SECOND, "actions", 1, "resourceId"), "d1", "C-44", id="delete without a type"),
        pytest.param((*SECOND, "actions", 1, "resource"), DRAFT, "C-44", id="delete with a resource"),
        pytest.param((*CARD, "overrideReasons", 0), {"code": "a"}, "C-42", id="bare override reason"),
        pytest.param((*CARD, "links", 0, "label"), "", "C-43", id="link without a label"),
        pytest.param((*CARD, "links", 0, "url"), "/page", "C-43", id="relative link"),
        pytest.param((*CARD, "links", 0, "type"), "deep", "C-43", id="unknown link type"),
        pytest.param((*CARD, "links", 0, "appContext"), "x", "C-43", id="appContext on an absolute link"),
        pytest.param((*CARD, "uuid"), "R23", "C-49", id="no uuid"),
        pytest.param((*FIRST, "uuid"), GOOD["cards"][0]["uuid"], "C-49", id="one uuid twice"),
        pytest.param(("systemActions",), [], "C-51", id="empty systemActions"),
    ],
)
def test_every_mistake_is_noticed(path: tuple[Any, ...], value: Any, problem: str) -> None:
    assert any(problem in found for found in check_response(broken(path, value), "patient-view"))


def test_updates_and_deletes_touch_only_orders_in_play() -> None:
    elsewhere = check_response(GOOD, "order-sign", [])
    assert [found for found in elsewhere if "not in draftOrders" in found]
    unselected = check_response(GOOD, "order-select", [DRAFT], [])
    assert [found for found in unselected if "not in selections" in found]


def updated(resource: dict[str, Any]) -> dict[str, Any]:
    return broken((*SECOND, "actions", 0, "resource"), resource)


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param(DRAFT, id="nothing"),
        pytest.param(DRAFT | {"code": {}, "priority": "stat"}, id="two things"),
        pytest.param(DRAFT | {"status": "active"}, id="what it is"),
        pytest.param({"resourceType": "ServiceRequest", "id": "d1"}, id="something left out"),
    ],
)
def test_an_update_changes_one_thing_and_keeps_the_rest(resource: dict[str, Any]) -> None:
    found = check_response(updated(resource), "order-sign", [DRAFT])
    assert [problem for problem in found if problem.startswith("C-45")]


def test_a_rating_beside_the_change_takes_no_received_extension_away() -> None:
    own, rating = {"url": "https://ehr.example.org/own"}, {"url": "https://example.org/rating"}
    draft = DRAFT | {"extension": [own]}

    def problems(*extensions: dict[str, str]) -> list[str]:
        update = draft | {"priority": "stat", "extension": list(extensions)}
        found = check_response(updated(update), "order-sign", [draft], has_system_actions=True)
        return [problem for problem in found if problem.startswith("C-45")]

    assert not problems(own, rating)
    assert problems(rating)


def test_a_client_gets_no_selection_behaviour_it_does_not_know() -> None:
    found = check_response(GOOD, "patient-view", behaviours={"any"})
    assert [problem for problem in found if "C-41" in problem]


RATED = {"type": "update", "description": "Rating", "resource": DRAFT | {"extension": [{"url": "x"}]}}


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        pytest.param(RATED, None, id="an extension alone"),
        pytest.param(RATED | {"type": "delete"}, "C-51: a system action", id="a delete"),
        pytest.param(RATED | {"resource": "x"}, "C-51: a system action", id="no resource"),
        pytest.param(RATED | {"resource": DRAFT | {"id": "d9"}}, "C-46", id="another order"),
        pytest.param(RATED | {"resource": DRAFT | {"priority": "stat"}}, "C-51: the update", id="a priority"),
    ],
)
def test_system_actions_add_extensions_to_drafts(action: dict[str, Any], problem: str | None) -> None:
    body = {"cards": [], "systemActions": [action]}
    found = check_response(body, "order-sign", [DRAFT], has_system_actions=True)
    assert bool(found) is (problem is not None)
    assert not problem or any(said.startswith(problem) for said in found)


def test_system_actions_are_for_clients_that_asked() -> None:
    (found,) = check_response({"cards": [], "systemActions": [RATED]}, "order-sign", [DRAFT])
    assert found.startswith("C-51: systemActions is only")
