"""Reading and writing the store; every method is one short transaction."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from cds_service.errors import StoreUnavailable
from cds_service.records.database import check_schema, hurried, open_engine, reading
from cds_service.records.tables import CALLS, FEEDBACK, SHOWN_CARD, SHOWN_SUGGESTION, USED_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection, Engine

    from cds_service.records.entries import Answered, Feedback, ShownCard

# While the store is being looked at, others who ask wait so long: a database that hangs does not say so.
CHECK_SECONDS = 0.5
Row = dict[str, Any]
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def utc(moment: datetime) -> datetime:
    """The moment as the tables hold it: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


class Store:
    """The store of one process."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._checking = threading.Lock()
        self._insert = _INSERT[engine.dialect.name]
        # SQLite has one writer at a time, and who waits for it looks again now and then: among the threads
        # of a process the one that waited longest comes next.
        self._turn: AbstractContextManager[object] = (
            threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        )

    @classmethod
    def open(cls, url: str) -> Store:
        """A store whose schema is right.

        Raises:
            StoreError: Says what to do.
        """
        engine = open_engine(url)
        check_schema(engine)
        return cls(engine)

    def remember_token(self, issuer: str, jti: str, kept_until: float) -> bool:
        """Whether a token's id is new; from now on it is not. Holds across processes and restarts.

        Args:
            issuer: ``iss``.
            jti: Unique within the issuer.
            kept_until: Seconds since the epoch after which the token has expired anyway.

        Raises:
            StoreUnavailable: Not to be known now.
        """
        digest = hashlib.sha256(f"{issuer}\x1f{jti}".encode("utf-8", "surrogatepass")).digest()
        until = datetime.fromtimestamp(kept_until, UTC).replace(tzinfo=None)
        row = {"token_hash": digest, "kept_until": until}
        try:
            # Not on the disk yet when the answer goes out: only a crash of the database's machine within a
            # fraction of a second would let a token be used twice.
            with self._writing(hurried(self.engine)) as connection:
                if self.engine.dialect.name == "postgresql":
                    connection.execute(text("SET LOCAL synchronous_commit TO OFF"))
                return self._add(connection, USED_TOKEN, [row]) == 1
        except SQLAlchemyError:
            raise StoreUnavailable from None

    def add_feedback(self, items: Sequence[Feedback]) -> int:
        """Keep the reports; on the disk when this returns. The number of those that were not there yet.

        Raises:
            StoreUnavailable: Nothing was kept.
        """
        now = utc(datetime.now(UTC))
        rows = [_feedback_row(item, now) for item in items]
        try:
            with self._writing() as connection:
                return self._add(connection, FEEDBACK, rows)
        except SQLAlchemyError:
            raise StoreUnavailable from None

    def add_answered(self, answered: Iterable[Answered]) -> None:
        """Keep the cards of calls, and count the calls; a card that was sent twice is kept once.

        Raises:
            SQLAlchemyError: Nothing of them was kept.
        """
        group = list(answered)
        cards = [_card_row(call, card) for call in group for card in call.cards]
        suggestions = [
            {
                "suggestion_uuid": suggestion.uuid,
                "card_uuid": card.uuid,
                "position": suggestion.position,
                "kind": suggestion.kind,
            }
            for call in group
            for card in call.cards
            for suggestion in card.suggestions
        ]
        with self._writing() as connection:
            self._add(connection, SHOWN_CARD, cards)
            self._add(connection, SHOWN_SUGGESTION, suggestions)
            self._count(connection, group)

    def remove_before(self, moment: datetime) -> dict[str, int]:
        """Remove cards, feedback and counts from before a moment; the number of rows of each table."""
        before = utc(moment)
        limits = (
            (FEEDBACK, FEEDBACK.c.received_at < before),
            (SHOWN_CARD, SHOWN_CARD.c.shown_at < before),
            (CALLS, CALLS.c.day < before.date()),
        )
        with self._writing() as connection:
            removed = {
                table.name: connection.execute(delete(table).where(old)).rowcount for table, old in limits
            }
            orphan = SHOWN_SUGGESTION.c.card_uuid.not_in(select(SHOWN_CARD.c.card_uuid))
            removed["shown_suggestion"] = connection.execute(delete(SHOWN_SUGGESTION).where(orphan)).rowcount
        return removed

    def forget_expired_tokens(self, now: datetime | None = None) -> int:
        """Remove ids of tokens that have expired; how many."""
        limit = utc((now or datetime.now(UTC)) - timedelta(seconds=1))
        with self._writing() as connection:
            return int(connection.execute(delete(USED_TOKEN).where(USED_TOKEN.c.kept_until < limit)).rowcount)

    def check(self) -> bool:
        """Whether the store answers. Of those who ask one looks, so that no more than one thread hangs."""
        if not self._checking.acquire(timeout=CHECK_SECONDS):
            return False
        try:
            with reading(self.engine).connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        else:
            return True
        finally:
            self._checking.release()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _writing(self, engine: Engine | None = None) -> Iterator[Connection]:
        """A transaction that writes."""
        with self._turn, (engine or self.engine).begin() as connection:
            yield connection

    def _add(self, connection: Connection, table: Table, rows: list[Row]) -> int:
        """Insert what is not there yet; how many rows that were."""
        key = next(iter(table.primary_key)).name
        unique = list({row[key]: row for row in reversed(rows)}.values())
        if not unique:
            return 0
        # Counted by what comes back: of many rows at once not every driver says how many were new.
        statement = self._insert(table).on_conflict_do_nothing().returning(table.c[key])
        return len(connection.execute(statement, unique).all())

    def _count(self, connection: Connection, group: Sequence[Answered]) -> None:
        numbers: Counter[tuple[Any, ...]] = Counter()
        with_cards: Counter[tuple[Any, ...]] = Counter()
        for call in group:
            key = (utc(call.at).date(), call.client, call.service, call.outcome)
            numbers[key] += 1
            with_cards[key] += bool(call.cards)
        for key, number in sorted(numbers.items()):
            row = dict(zip(("day", "client", "service", "outcome"), key, strict=True))
            row |= {"number": number, "with_cards": with_cards[key]}
            statement = self._insert(CALLS).values(row)
            more = {name: CALLS.c[name] + statement.excluded[name] for name in ("number", "with_cards")}
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["day", "client", "service", "outcome"], set_=more
                )
            )


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


def _feedback_row(item: Feedback, now: datetime) -> Row:
    return {
        "key": item.key,
        "received_at": now,
        "happened_at": utc(item.happened_at),
        "client": item.client,
        "service": item.service,
        "card_uuid": item.card,
        "outcome": item.outcome,
        "reason": item.reason,
        "has_comment": item.has_comment,
        "suggestions": _json(item.suggestions),
    }


def _card_row(call: Answered, card: ShownCard) -> Row:
    return {
        "card_uuid": card.uuid,
        "shown_at": utc(call.at),
        "client": call.client,
        "service": call.service,
        "hook": call.hook,
        "hook_instance": call.hook_instance,
        "rule": card.rule,
        "indicator": card.indicator,
        "position": card.position,
        "rules": _json(card.rules),
        "verdicts": _json(call.verdicts),
        "versions": _json(call.versions),
    }
