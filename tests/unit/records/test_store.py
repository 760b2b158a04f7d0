from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, select

from cds_service.errors import StoreError, StoreUnavailable
from cds_service.records import database
from cds_service.records.database import SCHEMA, check_schema, found_schema, hurried, open_engine
from cds_service.records.entries import Answered, Feedback, ShownCard, ShownSuggestion
from cds_service.records.recorder import QUEUED, Recorder
from cds_service.records.store import Store
from cds_service.records.tables import CALLS, FEEDBACK, METADATA, SHOWN_CARD, SHOWN_SUGGESTION
from cds_service.records.upgrade import FOLDER, upgrade
from tests.databases import DATABASES, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Table

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CARD = "5b1f5f0c-6d0b-4f0e-9a55-0c2b6a5f9d01"


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from url_of(request.param, tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    engine = open_engine(url)
    upgrade(engine)
    opened = Store(engine)
    yield opened
    opened.close()


def rows(store: Store, table: Table) -> list[dict[str, Any]]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def feedback(**changes: Any) -> Feedback:
    usual = {
        "key": uuid4().hex * 2,
        "client": "a",
        "service": "s",
        "card": CARD,
        "outcome": "overridden",
        "reason": None,
        "has_comment": False,
        "happened_at": NOW,
    }
    return Feedback(**(usual | changes))


def answered(*cards: ShownCard, at: datetime = NOW, outcome: str = "evaluated") -> Answered:
    return Answered(at, "a", "s", "patient-view", None, outcome, {"met": 2}, {"guideline": "g"}, cards)


def card(uuid: str = CARD, rule: str = "R23") -> ShownCard:
    return ShownCard(
        uuid, rule, "critical", 0, (rule, "R9"), (ShownSuggestion(str(uuid4()), 0, "create ServiceRequest"),)
    )


def test_the_migrations_make_the_tables_of_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_newest_migration_is_the_one_the_code_asks_for(store: Store) -> None:
    assert ScriptDirectory(str(FOLDER)).get_heads() == [SCHEMA]
    assert found_schema(store.engine) == SCHEMA


def test_an_upgrade_can_be_run_again_and_by_several_at_once(url: str) -> None:
    engines = [open_engine(url) for _ in range(3)]
    threads = [threading.Thread(target=upgrade, args=[engine]) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    upgrade(engines[0])
    assert found_schema(engines[0]) == SCHEMA
    for engine in engines:
        engine.dispose()


@pytest.mark.parametrize("is_let_go", [True, False])
def test_a_new_file_that_another_process_is_writing_to_is_waited_for(
    is_let_go: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 10 if is_let_go else 0.2)
    other = sqlite3.connect(tmp_path / "store", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE theirs (it)")
    letting_go = threading.Timer(0.2, other.commit)
    if is_let_go:
        letting_go.start()
    with nullcontext() if is_let_go else pytest.raises(StoreError, match="OperationalError"):
        assert found_schema(open_engine(f"sqlite:///{tmp_path / 'store'}")) is None
    if is_let_go:
        letting_go.join()
    other.close()


def test_feedback_is_kept_once(store: Store) -> None:
    first, second = feedback(), feedback(reason="other", suggestions=(CARD,))
    assert store.add_feedback([first, second, first]) == 2
    assert store.add_feedback([first]) == 0
    found = {row["key"]: row for row in rows(store, FEEDBACK)}
    assert set(found) == {first.key, second.key}
    assert found[second.key]["reason"] == "other"
    assert json.loads(found[second.key]["suggestions"]) == [CARD]
    assert found[first.key]["happened_at"] == NOW.replace(tzinfo=None)


def test_a_large_batch_of_feedback(store: Store) -> None:
    assert store.add_feedback([feedback() for _ in range(5000)]) == 5000


def test_no_feedback_is_no_error(store: Store) -> None:
    assert store.add_feedback([]) == 0


def test_cards_are_kept_once_and_calls_are_counted(store: Store) -> None:
    shown = card()
    store.add_answered([answered(shown), answered(), answered(outcome="lay-user")])
    store.add_answered([answered(shown), answered()])
    (kept,) = rows(store, SHOWN_CARD)
    assert (kept["rule"], kept["indicator"], json.loads(kept["rules"])) == ("R23", "critical", ["R23", "R9"])
    assert json.loads(kept["verdicts"]) == {"met": 2}
    (suggestion,) = rows(store, SHOWN_SUGGESTION)
    assert (suggestion["card_uuid"], suggestion["kind"]) == (CARD, "create ServiceRequest")
    counts = {row["outcome"]: (row["number"], row["with_cards"]) for row in rows(store, CALLS)}
    assert counts == {"evaluated": (4, 2), "lay-user": (1, 0)}


def test_a_token_is_new_once(store: Store) -> None:
    until = (NOW + timedelta(minutes=5)).timestamp()
    assert [store.remember_token("i", "j", until) for _ in range(3)] == [True, False, False]
    assert store.remember_token("i", "k", until)
    assert store.remember_token("ij", "", until)


def test_of_many_at_the_same_moment_one_is_the_first(url: str, store: Store) -> None:
    stores = [store, Store(open_engine(url))]
    found: list[bool] = []
    barrier = threading.Barrier(8)

    def use(number: int) -> None:
        barrier.wait()
        found.append(stores[number % 2].remember_token("i", "same", NOW.timestamp() + 300))

    threads = [threading.Thread(target=use, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stores[1].close()
    assert sorted(found) == [False] * 7 + [True]


def test_an_expired_token_is_forgotten_and_not_before(store: Store) -> None:
    store.remember_token("i", "old", NOW.timestamp() - 60)
    store.remember_token("i", "young", NOW.timestamp() + 60)
    assert store.forget_expired_tokens(NOW) == 1
    assert not store.remember_token("i", "young", NOW.timestamp() + 60)


def test_what_is_older_than_the_retention_is_removed_and_nothing_else(store: Store) -> None:
    other = str(uuid4())
    store.add_answered([answered(card(), at=NOW - timedelta(days=400)), answered(card(other, "R27"), at=NOW)])
    store.add_feedback([feedback()])
    removed = store.remove_before(NOW - timedelta(days=365))
    assert removed == {"feedback": 0, "shown_card": 1, "calls": 1, "shown_suggestion": 1}
    assert [row["card_uuid"] for row in rows(store, SHOWN_CARD)] == [other]
    assert [row["card_uuid"] for row in rows(store, SHOWN_SUGGESTION)] == [other]
    assert store.remove_before(datetime.now(UTC) + timedelta(days=1))["feedback"] == 1


def test_a_store_answers(store: Store) -> None:
    assert store.check()


@pytest.fixture
def broken(tmp_path: Path) -> Store:
    """A store whose tables are gone."""
    return Store(open_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}"))


def test_a_store_without_its_tables_is_an_error_never_an_empty_answer(broken: Store) -> None:
    with pytest.raises(StoreUnavailable):
        broken.add_feedback([feedback()])
    with pytest.raises(StoreUnavailable):
        broken.remember_token("i", "j", 0)


def test_a_store_that_hangs_is_waited_for_by_one_alone(store: Store) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def hang(*_arguments: Any) -> None:
        begun.set()
        may_end.wait(timeout=20)

    event.listen(store.engine.pool, "checkout", hang)
    found: list[bool] = []
    first = threading.Thread(target=lambda: found.append(store.check()))
    first.start()
    assert begun.wait(timeout=5)
    others = [threading.Thread(target=lambda: found.append(store.check())) for _ in range(4)]
    for other in others:
        other.start()
    for other in others:
        other.join(timeout=5)
    assert found == [False] * 4
    may_end.set()
    first.join(timeout=5)
    assert found[-1]
    assert store.check()


def test_a_store_that_cannot_be_reached_does_not_answer(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    store = Store(open_engine(f"sqlite:///{folder}"))
    assert not store.check()
    with pytest.raises(StoreError, match="cannot be reached"):
        found_schema(store.engine)
    with pytest.raises(StoreError, match="could not be upgraded"):
        upgrade(store.engine)


def test_sqlite_keeps_a_write_ahead_log_and_waits_for_the_disk(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'cds.sqlite3'}")
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    with hurried(store.engine).connect() as connection:  # the same connection, from the pool
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


def test_a_schema_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cds.sqlite3"
    Store.open(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    engine = open_engine(f"sqlite:///{path}")
    check_schema(engine)
    assert found_schema(engine) == "9999"
    engine.dispose()


def test_a_database_server_is_not_upgraded_behind_its_operators_back(tmp_path: Path) -> None:
    for url in url_of("postgresql", tmp_path):
        engine = open_engine(url)
        with pytest.raises(StoreError, match="cds-service store upgrade"):
            check_schema(engine)
        upgrade(engine)
        check_schema(engine)
        engine.dispose()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "not a database URL"),
        ("mysql://x/y", "expected sqlite"),
        ("sqlite://", "expected sqlite"),
        ("sqlite:///:memory:", "expected sqlite"),
        ("sqlite:////no/such/folder/cds.sqlite3", "there is no folder"),
        ("unknown+driver://x", "expected sqlite"),
    ],
)
def test_a_url_that_cannot_be_used_says_so(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        open_engine(url)


def test_a_server_that_is_not_there_says_so() -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        Store.open("postgresql://nobody@127.0.0.1:9/none")


def test_the_recorder_writes_in_the_background(store: Store) -> None:
    recorder = Recorder(lambda: store)
    recorder.start()
    recorder.answered(answered(card()))
    waited = threading.Event()
    for _ in range(100):
        if rows(store, SHOWN_CARD):
            break
        waited.wait(0.05)
    assert rows(store, SHOWN_CARD)
    recorder.stop()


def test_what_waits_is_written_at_an_orderly_stop(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cds.sqlite3'}"
    recorder = Recorder(lambda: Store.open(url))
    recorder.start()
    for _ in range(500):
        recorder.answered(answered(card(str(uuid4()))))
    recorder.stop()
    again = Store.open(url)
    assert len(rows(again, SHOWN_CARD)) == 500
    again.close()


def test_a_store_nobody_needed_is_never_opened() -> None:
    def refuse() -> Store:
        raise AssertionError("the store was opened")

    recorder = Recorder(refuse)
    recorder.answered(answered(card()))
    recorder.stop()
    assert not recorder.is_open


def test_a_store_that_can_be_read_and_not_written_is_not_ready_until_it_can(store: Store) -> None:
    recorder = Recorder(lambda: store)
    assert recorder.check()
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE used_token RENAME TO elsewhere")
    with pytest.raises(StoreUnavailable):
        recorder.remember_token("i", "j", NOW.timestamp())
    assert not recorder.check()
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO used_token")
    assert recorder.check()
    assert store.forget_expired_tokens() == 1
    recorder.stop()


def test_a_store_that_cannot_be_opened_is_not_ready_once_it_was_needed() -> None:
    may_be_opened = [False]

    def opened() -> Store:
        if not may_be_opened[0]:
            raise StoreError("no such folder")
        return Mock(remember_token=lambda *_: True)

    recorder = Recorder(opened)
    assert recorder.check()
    with pytest.raises(StoreUnavailable):
        recorder.add_feedback([feedback()])
    assert not recorder.check()
    may_be_opened[0] = True
    assert recorder.check()
    recorder.stop()


def test_whoever_tried_to_write_lets_others_try_whatever_came_of_it() -> None:
    outcomes: list[Any] = [StoreError("full"), OSError("too many open files"), True]

    def remember(*_: object) -> bool:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return bool(outcome)

    recorder = Recorder(lambda: Mock(remember_token=remember))
    with pytest.raises(StoreError):
        recorder.remember_token("i", "j", NOW.timestamp())
    with pytest.raises(OSError, match="too many"):
        recorder.check()
    assert recorder.check()
    recorder.stop()


def test_a_queue_that_is_not_written_is_limited_and_says_what_was_lost(broken: Store) -> None:
    recorder = Recorder(lambda: broken)
    for _ in range(QUEUED + 5):
        recorder.answered(answered())
    assert recorder.lost == 0, "nobody asked for a store"
    recorder.store()
    assert not recorder.flush()
    for _ in range(7):
        recorder.answered(answered())
    assert recorder.lost == 7
    recorder.stop()


def test_what_could_not_be_written_is_written_later(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'late.sqlite3'}")
    recorder = Recorder(lambda: Store(engine))
    recorder.answered(answered(card()))
    assert not recorder.flush()
    upgrade(engine)
    assert recorder.flush()
    assert len(rows(Store(engine), SHOWN_CARD)) == 1
    recorder.stop()


def test_a_store_that_cannot_be_opened_now_is_unavailable() -> None:
    def fail() -> Store:
        raise StoreError("no")

    with pytest.raises(StoreUnavailable):
        Recorder(fail).add_feedback([feedback()])
