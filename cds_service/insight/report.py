"""What the store says about cards: per client and rule shown, accepted, overridden and why, not reported.

A card counts once, whatever was sent again. Of several reports about it the last one counts. A card nobody
reported on was ignored, or its client does not report: which of the two is knowable only for clients that
report at all, and even there an answer may still come.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from cds_service.records.database import reading
from cds_service.records.tables import CALLS, FEEDBACK, SHOWN_CARD
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine import Engine

DEFAULT_DAYS = 84
NO_REASON = "no reason given"


@dataclass
class Tally:
    """Cards of one client and rule.

    Attributes:
        shown: Cards sent.
        accepted: Of these, cards with an accepted suggestion as the last report.
        overridden: Of these, cards that were overridden.
        reasons: Of the overridden, by reason.
    """

    shown: int = 0
    accepted: int = 0
    overridden: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def unreported(self) -> int:
        """Cards nobody reported on."""
        return self.shown - self.accepted - self.overridden

    def add(self, outcome: str | None, reason: str | None, number: int) -> None:
        """Count cards with this last report."""
        self.shown += number
        if outcome == "accepted":
            self.accepted += number
        elif outcome == "overridden":
            self.overridden += number
            self.reasons[reason or NO_REASON] += number


class Report(Value, frozen=True):
    """Everything of a period.

    Attributes:
        since: First day, UTC.
        until: Last day, UTC.
        calls: Client to calls evaluated, and how many of them got a card.
        tallies: Client and rule to what its cards came to.
        weeks: Monday to what that week's cards came to.
        reporting: Clients that reported on anything in the period.
        unknown: Reports about cards that are not in the store.
    """

    since: date
    until: date
    calls: dict[str, tuple[int, int]]
    tallies: dict[tuple[str, str], Tally]
    weeks: dict[date, Tally]
    reporting: frozenset[str]
    unknown: int


def report(engine: Engine, since: date | None = None, until: date | None = None) -> Report:
    """What happened from one day to another, both included.

    Args:
        engine: Of the store.
        since: DEFAULT_DAYS before ``until`` when None.
        until: Today when None.
    """
    last = until or datetime.now(UTC).date()
    first = since or last - timedelta(days=DEFAULT_DAYS - 1)
    with reading(engine).connect() as connection:
        cards = connection.execute(_cards(first, last)).all()
        calls = connection.execute(_calls(first, last)).all()
        reporting = connection.execute(_reporting(first, last)).scalars().all()
        unknown = connection.execute(_unknown(first, last)).scalar_one()
    return Report(
        since=first,
        until=last,
        calls={client: (int(number), int(with_cards)) for client, number, with_cards in calls},
        tallies=_tallies((client, rule, outcome, reason, n) for client, rule, _, outcome, reason, n in cards),
        weeks=_weeks(cards, first, last),
        reporting=frozenset(reporting),
        unknown=int(unknown),
    )


def total(found: Report) -> Tally:
    """All cards of the period together."""
    whole = Tally()
    for tally in found.tallies.values():
        whole.shown += tally.shown
        whole.accepted += tally.accepted
        whole.overridden += tally.overridden
        whole.reasons += tally.reasons
    return whole


def _between(column: Any, first: date, last: date) -> Any:
    begin = datetime.combine(first, datetime.min.time())
    return and_(column >= begin, column < begin + (last - first + timedelta(days=1)))


def _cards(first: date, last: date) -> Any:
    """Number of cards by client, rule, day, and outcome and reason of the last report about them."""
    order = (FEEDBACK.c.happened_at.desc(), FEEDBACK.c.received_at.desc(), FEEDBACK.c.key)
    place = func.row_number().over(partition_by=(FEEDBACK.c.card_uuid, FEEDBACK.c.client), order_by=order)
    ranked = select(FEEDBACK, place.label("place")).where(FEEDBACK.c.card_uuid.is_not(None)).subquery()
    day = func.date(SHOWN_CARD.c.shown_at)
    said = (SHOWN_CARD.c.client, SHOWN_CARD.c.rule, day, ranked.c.outcome, ranked.c.reason)
    same = and_(
        ranked.c.card_uuid == SHOWN_CARD.c.card_uuid,
        ranked.c.client == SHOWN_CARD.c.client,
        ranked.c.place == 1,
    )
    return (
        select(*said, func.count())
        .select_from(SHOWN_CARD.outerjoin(ranked, same))
        .where(_between(SHOWN_CARD.c.shown_at, first, last))
        .group_by(*said)
    )


def _calls(first: date, last: date) -> Any:
    return (
        select(CALLS.c.client, func.sum(CALLS.c.number), func.sum(CALLS.c.with_cards))
        .where(CALLS.c.day >= first, CALLS.c.day <= last, CALLS.c.outcome == "evaluated")
        .group_by(CALLS.c.client)
    )


def _reporting(first: date, last: date) -> Any:
    return select(FEEDBACK.c.client).where(_between(FEEDBACK.c.received_at, first, last)).distinct()


def _unknown(first: date, last: date) -> Any:
    same = and_(FEEDBACK.c.card_uuid == SHOWN_CARD.c.card_uuid, FEEDBACK.c.client == SHOWN_CARD.c.client)
    return (
        select(func.count())
        .select_from(FEEDBACK.outerjoin(SHOWN_CARD, same))
        .where(_between(FEEDBACK.c.received_at, first, last), SHOWN_CARD.c.card_uuid.is_(None))
    )


def _tallies(rows: Iterable[tuple[str, str, str | None, str | None, int]]) -> dict[tuple[str, str], Tally]:
    found: defaultdict[tuple[str, str], Tally] = defaultdict(Tally)
    for client, rule, outcome, reason, number in rows:
        found[client, rule].add(outcome, reason, number)
    return dict(sorted(found.items(), key=lambda item: (item[0][0], -item[1].shown, item[0][1])))


def _weeks(rows: Iterable[Any], first: date, last: date) -> dict[date, Tally]:
    """Every week of the period, also those without a card."""
    monday = first - timedelta(days=first.weekday())
    found = {monday + timedelta(days=7 * n): Tally() for n in range((last - monday).days // 7 + 1)}
    for _, _, day, outcome, reason, number in rows:
        on = day if isinstance(day, date) else date.fromisoformat(str(day))
        found[on - timedelta(days=on.weekday())].add(outcome, reason, number)
    return found
