"""Feedback: what real clients send is taken, what cannot be used is named, none of it can name a person."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from cds_service.app import create_app
from cds_service.hooks.endpoints import Endpoints
from cds_service.protocol.feedback import FeedbackItem, read_feedback
from cds_service.records.recorder import Recorder
from cds_service.records.store import Store
from cds_service.records.tables import FEEDBACK, METADATA, SHOWN_CARD
from tests.contract.support import LIMIT, PATH, StandIn, client_of, patient_view

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CARD = "5b1f5f0c-6d0b-4f0e-9a55-0c2b6a5f9d01"
SUGGESTION = "0b7f1b52-7d43-4a2c-8a53-5c5f3f3e8b11"
WHEN = "2026-11-22T10:05:31Z"
REASONS = frozenset({"specialist-request"})
SHOWN = {
    "uuid": CARD,
    "summary": "S",
    "indicator": "critical",
    "source": {"topic": {"code": "R23"}},
    "suggestions": [
        {"uuid": SUGGESTION, "actions": [{"type": "create", "resource": {"resourceType": "ServiceRequest"}}]}
    ],
}


def accepted(**changes: Any) -> dict[str, Any]:
    item = {
        "card": CARD,
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": SUGGESTION}],
        "outcomeTimestamp": WHEN,
    } | changes
    return {name: value for name, value in item.items() if value is not ...}


def overridden(**changes: Any) -> dict[str, Any]:
    return {"card": CARD, "outcome": "overridden", "outcomeTimestamp": WHEN} | changes


def read(*items: Any) -> tuple[list[FeedbackItem], list[str]]:
    return read_feedback(json.dumps({"feedback": list(items)}).encode())


TAKEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "accepted": (accepted(), {"suggestions": (SUGGESTION,)}),
    "several suggestions": (
        accepted(acceptedSuggestions=[{"id": "a"}, {"id": "b"}]),
        {"suggestions": ("a", "b")},
    ),
    "suggestions as strings": (accepted(acceptedSuggestions=["a"]), {"suggestions": ("a",)}),
    "overridden without a reason": (overridden(), {"reason_code": None, "has_comment": False}),
    "a reason": (
        overridden(overrideReason={"reason": {"code": "specialist-request", "system": "s", "display": "d"}}),
        {"reason_code": "specialist-request"},
    ),
    "a reason without a system": (
        overridden(overrideReason={"reason": {"code": "specialist-request"}}),
        {"reason_code": "specialist-request"},
    ),
    "a reason without a code": (overridden(overrideReason={"reason": {"display": "d"}}), {"reason_code": ""}),
    "a reason that is text": (overridden(overrideReason={"reason": "because"}), {"reason_code": ""}),
    "a comment": (
        overridden(overrideReason={"userComment": "x"}),
        {"has_comment": True, "reason_code": None},
    ),
    "an empty comment": (overridden(overrideReason={"userComment": " "}), {"has_comment": False}),
    "Epic's spelling and extension": (
        overridden(
            overrideReasons={"extension": {"com.epic.cdshooks.feedback.overrideReason.reasonTitle": "x"}}
        ),
        {"reason_code": ""},
    ),
    "Epic's spelling as a list": (
        overridden(overrideReasons=[{"reason": {"code": "specialist-request"}}]),
        {"reason_code": "specialist-request"},
    ),
    "an override reason that is no object": (overridden(overrideReason="x"), {"reason_code": None}),
    "milliseconds": (
        overridden(outcomeTimestamp="2026-11-22T10:05:31.250Z"),
        {"happened_at": datetime(2026, 11, 22, 10, 5, 31, 250_000, tzinfo=UTC)},
    ),
    "an offset": (
        overridden(outcomeTimestamp="2026-11-22T11:05:31+01:00"),
        {"happened_at": datetime(2026, 11, 22, 10, 5, 31, tzinfo=UTC)},
    ),
    "members we do not know": (accepted(extension={"x": 1}, rest=None), {"card": CARD}),
    "a card that is no UUID": (overridden(card="card-1"), {"card": "card-1"}),
}


@pytest.mark.parametrize(("item", "expected"), TAKEN.values(), ids=TAKEN)
def test_what_real_clients_send_is_taken(item: dict[str, Any], expected: dict[str, Any]) -> None:
    (found,), problems = read(item)
    assert problems == []
    assert {name: getattr(found, name) for name in expected} == expected


REFUSED: dict[str, tuple[Any, str]] = {
    "no object": ("x", "feedback[1]"),
    "no card": (overridden(card=None), "feedback[1].card"),
    "an empty card": (overridden(card=""), "feedback[1].card"),
    "an outcome nobody knows": (overridden(outcome="ignored"), "feedback[1].outcome"),
    "no time": (overridden(outcomeTimestamp=None), "feedback[1].outcomeTimestamp"),
    "a time without a zone": (
        overridden(outcomeTimestamp="2026-11-22T10:05:31"),
        "feedback[1].outcomeTimestamp",
    ),
    "a day": (overridden(outcomeTimestamp="2026-11-22"), "feedback[1].outcomeTimestamp"),
    "a time before all calendars": (
        overridden(outcomeTimestamp="0001-01-01T00:00:00+10:00"),
        "feedback[1].outcomeTimestamp",
    ),
    "accepted without a suggestion": (accepted(acceptedSuggestions=...), "feedback[1].acceptedSuggestions"),
    "accepted with an empty list": (accepted(acceptedSuggestions=[]), "feedback[1].acceptedSuggestions"),
    "more suggestions than a card can have": (
        accepted(acceptedSuggestions=[{"id": str(number)} for number in range(21)]),
        "feedback[1].acceptedSuggestions",
    ),
    "suggestions without an id": (accepted(acceptedSuggestions=[{}]), "feedback[1].acceptedSuggestions"),
}


@pytest.mark.parametrize(("item", "problem"), REFUSED.values(), ids=REFUSED)
def test_an_item_that_cannot_be_used_is_named_and_the_others_are_kept(item: Any, problem: str) -> None:
    items, problems = read(accepted(), item)
    assert len(items) == 1
    assert problems == [problem]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'cds.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def recorder(store: Store) -> Recorder:
    return Recorder(lambda: store)


@pytest.fixture
def client(recorder: Recorder) -> Any:
    endpoints = Endpoints(StandIn({"cards": [SHOWN]}), LIMIT, {"g": "1"}, recorder=recorder, reasons=REASONS)
    return create_app(endpoints).test_client()


def kept(store: Store) -> list[dict[str, Any]]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(FEEDBACK)).mappings()]


def post(client: Any, *items: Any, path: str = f"{PATH}/feedback") -> Any:
    return client.post(path, json={"feedback": list(items)})


def test_feedback_is_acknowledged_when_it_is_kept(client: Any, store: Store) -> None:
    answer = post(client, accepted(), overridden(overrideReason={"reason": {"code": "specialist-request"}}))
    assert (answer.status_code, answer.get_json()) == (200, {"received": 2})
    assert sorted((row["outcome"], row["reason"], row["card_uuid"]) for row in kept(store)) == [
        ("accepted", None, CARD),
        ("overridden", "specialist-request", CARD),
    ]


def test_the_same_report_again_is_acknowledged_and_kept_once(client: Any, store: Store) -> None:
    for _ in range(3):
        assert post(client, accepted()).status_code == 200
    assert post(client, accepted(outcomeTimestamp="2026-11-22T10:05:31.000Z")).status_code == 200
    assert len(kept(store)) == 1
    post(client, accepted(outcomeTimestamp="2026-11-22T10:05:32Z"))
    assert len(kept(store)) == 2


def test_the_good_items_of_a_batch_are_kept_and_the_others_named(client: Any, store: Store) -> None:
    answer = post(client, accepted(), overridden(outcome="ignored"), 7)
    assert answer.status_code == 200
    assert answer.get_json() == {
        "received": 1,
        "rejected": 2,
        "problems": ["feedback[1].outcome", "feedback[2]"],
    }
    assert len(kept(store)) == 1


def test_of_many_faults_the_first_are_named_and_all_are_counted(client: Any) -> None:
    answer = post(client, accepted(), *([0] * 999)).get_json()
    assert (answer["received"], answer["rejected"], len(answer["problems"])) == (1, 999, 10)


def test_more_items_than_are_taken_at_once_are_refused_whole(client: Any, store: Store) -> None:
    answer = post(client, accepted(), *([0] * 1000))
    assert answer.status_code == 413
    assert "several requests" in answer.get_json()["issue"][0]["diagnostics"]
    assert kept(store) == []


def test_a_report_from_the_future_is_kept_as_of_now(client: Any, store: Store) -> None:
    post(client, overridden(outcomeTimestamp="9999-12-31T00:00:00Z"))
    (row,) = kept(store)
    assert row["happened_at"] <= datetime.now(UTC).replace(tzinfo=None)


def test_an_empty_list_is_no_error(client: Any) -> None:
    assert post(client).get_json() == {"received": 0}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, "feedback"),
        ({"feedback": {}}, "feedback"),
        ({"feedback": None}, "feedback"),
        ({"feedback": [overridden(outcome="x")]}, "feedback[0].outcome"),
    ],
    ids=["nothing", "an object", "null", "all items bad"],
)
def test_what_is_no_feedback_is_400(body: Any, names: str, client: Any, store: Store) -> None:
    answer = client.post(f"{PATH}/feedback", json=body)
    assert answer.status_code == 400
    assert names in answer.get_json()["issue"][0]["diagnostics"]
    assert kept(store) == []


def test_a_body_that_is_no_json_is_400(client: Any) -> None:
    assert client.post(f"{PATH}/feedback", data=b"[]", content_type="application/json").status_code == 400
    assert client.post(f"{PATH}/feedback", data=b"{", content_type="application/json").status_code == 400


def test_an_unknown_service_is_404_and_another_method_405(client: Any) -> None:
    assert post(client, accepted(), path="/cds-services/nothing/feedback").status_code == 404
    assert client.get(f"{PATH}/feedback").status_code == 405


def test_of_a_client_only_ids_and_known_codes_are_kept(client: Any, store: Store) -> None:
    mark = "canary-7391"
    items = (
        overridden(
            card=mark,
            overrideReason={"reason": {"code": mark, "system": mark, "display": mark}, "userComment": mark},
            extension={mark: mark},
        ),
        accepted(acceptedSuggestions=[{"id": mark}, {"id": SUGGESTION}]),
        overridden(outcome=mark),
    )
    answer = post(client, *items)
    assert answer.get_json()["received"] == 2
    assert mark not in answer.text
    rows = {row["outcome"]: row for row in kept(store)}
    assert (rows["overridden"]["card_uuid"], rows["overridden"]["reason"]) == (None, "other")
    assert rows["overridden"]["has_comment"]
    assert json.loads(rows["accepted"]["suggestions"]) == [SUGGESTION]
    with store.engine.connect() as connection:
        everything = [list(connection.execute(select(table))) for table in METADATA.sorted_tables]
    assert mark not in str(everything)


def test_a_card_that_is_sent_twice_is_kept_once(client: Any, recorder: Recorder, store: Store) -> None:
    for _ in range(2):
        assert client.post(PATH, json=patient_view()).status_code == 200
    assert recorder.flush()
    with store.engine.connect() as connection:
        (row,) = connection.execute(select(SHOWN_CARD)).mappings()
    assert (row["card_uuid"], row["rule"], row["indicator"]) == (CARD, "R23", "critical")


def test_without_a_store_feedback_is_refused_never_acknowledged() -> None:
    answer = post(client_of(StandIn()), accepted())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_a_store_that_fails_is_said_and_nothing_is_acknowledged(client: Any, store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE feedback")
    assert post(client, accepted()).status_code == 503
