"""Duplicates to one fact with several sources, in an order that does not depend on the record's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from cds_service.pathway.facts import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.pathway.vocabulary import When


def merged_statements(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Statements that say the very same thing as one, newest first."""
    groups: dict[Any, list[Statement]] = {}
    for statement in statements:
        groups.setdefault(_same_thing(statement), []).append(statement)
    return newest_first(_one(group) for group in groups.values())


def _same_thing(s: Statement) -> tuple[Any, ...]:
    status = (s.presence, s.is_active, s.is_recurrence, s.is_status_recorded, s.is_preliminary)
    # Without a date of its own an entry is as old as the visit it stands for: two visits, two statements.
    visited = s.first_mentioned if s.onset is None and s.recorded is None else None
    dates = (s.onset, s.onset_text, s.recorded, s.abated, visited)
    return s.concepts, s.kind, *status, *dates, s.sites, s.side, s.levels, s.course, s.course_on, s.qualities


def _one(group: list[Statement]) -> Statement:
    if len(group) == 1:
        return group[0]
    ordered = sorted(group, key=lambda s: (s.is_text_only, s.source.ref, s.source.text))
    first = ordered[0]
    others = sorted({s.source.ref for s in ordered[1:]} - {first.source.ref})
    return replace(
        first,
        source=replace(first.source, duplicates=tuple(others)),
        encounters=frozenset[str]().union(*(s.encounters for s in group)),
        is_current_encounter=any(s.is_current_encounter for s in group),
        first_mentioned=min((s.first_mentioned for s in group if s.first_mentioned), key=_day, default=None),
        last_mentioned=max((s.last_mentioned for s in group if s.last_mentioned), key=_day, default=None),
    )


def _day(when: When) -> date:
    return when.on


def newest_first(facts: Iterable[Any]) -> tuple[Any, ...]:
    """Facts by their newest date, then by where they stand; the same fact twice is kept once."""
    groups: dict[tuple[int, str], list[Any]] = {}
    for fact in facts:
        groups.setdefault((-_ordinal(fact), _ref(fact)), []).append(fact)
    ordered = (group for _, group in sorted(groups.items()))
    # Writing a fact out is dear, and only facts of one resource and one day need it to keep their order.
    return tuple(fact for group in ordered for fact in (group if len(group) == 1 else _in_order(group)))


def _in_order(facts: list[Any]) -> list[Any]:
    return sorted(dict.fromkeys(facts), key=repr)


def _ordinal(fact: Any) -> int:
    if isinstance(fact, Statement):
        return (fact.newest_on or date.min).toordinal()
    dates = (
        getattr(fact, name, None) for name in ("taken", "start", "performed", "authored", "recorded", "on")
    )
    found = next((when for when in dates if when is not None), None)
    return getattr(found, "on", found).toordinal() if found is not None else 0


def _ref(fact: Any) -> str:
    source = getattr(fact, "source", None)
    return source.ref if source is not None else ""
