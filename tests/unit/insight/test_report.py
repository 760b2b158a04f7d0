from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from cds_service.cli import commands
from cds_service.insight.export import export
from cds_service.insight.page import page
from cds_service.insight.report import Report, report, total
from cds_service.insight.text import lines
from cds_service.records.database import open_engine
from cds_service.records.entries import Answered, Feedback, ShownCard, ShownSuggestion
from cds_service.records.store import Store
from cds_service.records.tables import FEEDBACK
from cds_service.records.upgrade import upgrade
from tests.databases import DATABASES, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = datetime(2026, 5, 4, 12, tzinfo=UTC)  # a Monday
FIRST, LAST = date(2026, 4, 27), date(2026, 5, 10)


def uuid(number: int) -> str:
    return str(UUID(int=number))


def shown(number: int, client: str = "a", rule: str = "R23", at: datetime = DAY) -> Answered:
    card = ShownCard(
        uuid(number), rule, "info", 0, (rule,), (ShownSuggestion(uuid(1000 + number), 0, "create X"),)
    )
    return Answered(at, client, "s", "patient-view", None, "evaluated", {"met": 1}, {"g": "1"}, (card,))


def said(number: int, outcome: str, client: str = "a", **changes: Any) -> Feedback:
    usual = {"reason": None, "has_comment": False, "happened_at": DAY}
    return Feedback(
        key=f"{client}-{number}-{outcome}-{changes}"[:64],
        client=client,
        service="s",
        card=uuid(number),
        outcome=outcome,
        **(usual | changes),
    )


def fill(store: Store) -> None:
    store.add_answered([shown(number) for number in range(1, 6)])
    store.add_answered([shown(6, rule="R27", at=DAY - timedelta(days=7)), shown(7, client="b")])
    store.add_answered([shown(8, at=DAY - timedelta(days=90))])
    store.add_answered([Answered(DAY, "a", "s", "patient-view", None, "evaluated")] * 3)
    store.add_feedback(
        [
            said(1, "accepted"),
            said(2, "overridden", reason="specialist-request"),
            said(3, "overridden", reason="other"),
            said(3, "accepted", happened_at=DAY + timedelta(minutes=1)),  # changed their mind
            said(4, "overridden"),
            said(99, "accepted"),  # of a card nobody knows
            said(7, "accepted", client="a"),  # of another client's card
        ]
    )


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    for url in url_of(request.param, tmp_path):
        engine = open_engine(url)
        upgrade(engine)
        opened = Store(engine)
        fill(opened)
        with engine.begin() as connection:
            connection.execute(FEEDBACK.update().values(received_at=DAY.replace(tzinfo=None)))
        yield opened
        opened.close()


@pytest.fixture
def found(store: Store) -> Report:
    return report(store.engine, FIRST, LAST)


def test_each_card_counts_once_by_its_last_report(found: Report) -> None:
    red_flag = found.tallies["a", "R23"]
    assert (red_flag.shown, red_flag.accepted, red_flag.overridden, red_flag.unreported) == (5, 2, 2, 1)
    assert red_flag.reasons == Counter({"specialist-request": 1, "no reason given": 1})


def test_a_report_on_another_clients_card_counts_for_neither(found: Report) -> None:
    assert found.tallies["b", "R23"].unreported == 1
    assert found.unknown == 2
    assert found.reporting == {"a"}


def test_the_period_has_both_its_ends_and_every_week(found: Report) -> None:
    assert {monday: tally.shown for monday, tally in found.weeks.items()} == {
        date(2026, 4, 27): 1,
        date(2026, 5, 4): 6,
    }
    assert total(found).shown == 7


def test_calls_with_and_without_a_card(found: Report) -> None:
    assert found.calls == {"a": (9, 6), "b": (1, 1)}


def test_the_report_in_words(found: Report) -> None:
    text = "\n".join(lines(found))
    assert "a: 9 calls evaluated, 6 with a card (67 %)" in text
    assert "R23             5          2 (40 %)          2 (40 %)          1 (20 %)" in text
    assert "1  overridden: specialist-request" in text
    assert "b reported on no card: nothing is known" in text
    assert "2 reports are about cards that are not in the store" in text


def test_the_report_as_a_page(found: Report) -> None:
    html = page(found)
    assert "7 cards: 2 accepted (29 %), 2 overridden (29 %), 3 without a report (43 %)." in html
    assert "<td>specialist-request</td>" in html
    assert "<script" not in html
    assert "http" not in html.replace("https://neck-pain-cds.example", "")


def test_a_page_and_a_text_of_nothing(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    empty = report(store.engine)
    assert (empty.until - empty.since).days == 83
    assert "No card was shown in this period." in page(empty)
    assert "No card was overridden." in page(empty)
    assert list(lines(empty))
    store.close()


def test_an_export_as_csv_and_as_json_lines(store: Store) -> None:
    table = list(csv.DictReader(export(store.engine, "cards", "csv")))
    objects = [json.loads(line) for line in export(store.engine, "cards", "ndjson")]
    assert len(table) == len(objects) == 8
    assert table[0]["card_uuid"] == objects[0]["card_uuid"] == uuid(1)
    assert objects[0]["shown_at"] == "2026-05-04T12:00:00.000Z"
    assert objects[0]["verdicts"] == {"met": 1}
    reports = [json.loads(line) for line in export(store.engine, "feedback", "ndjson")]
    assert len(reports) == 7
    assert {one["day"] for one in map(json.loads, export(store.engine, "calls", "ndjson"))} == {
        "2026-02-03",
        "2026-04-27",
        "2026-05-04",
    }


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs ``cds-service`` on a store of its own."""
    monkeypatch.setenv("CDS_DATABASE_URL", f"sqlite:///{tmp_path / 'cds.sqlite3'}")

    def run(*words: str) -> str:
        done = CliRunner().invoke(commands, words)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_the_commands_upgrade_report_export_and_retain(command: Any, tmp_path: Path) -> None:
    assert command("store", "upgrade") == "schema: none -> 0001\n"
    assert command("store", "upgrade") == "schema: 0001 -> 0001\n"
    store = Store.open(f"sqlite:///{tmp_path / 'cds.sqlite3'}")
    fill(store)
    store.close()
    assert "R27" in command("report", "--since", "2026-04-27", "--until", "2026-05-10")
    assert len(command("store", "export", "suggestions").splitlines()) == 9
    assert len(command("store", "export", "feedback", "--format", "ndjson").splitlines()) == 7
    assert "shown_card: 8 removed" in command("store", "retain", "--days", "1")
    assert command("store", "export", "cards", "--format", "ndjson") == ""
