"""Duplicates to one fact with several sources, in an order that does not depend on the record's."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from msgspec import structs

from cds_service.pathway.facts import (
    Allergy,
    CourseStatement,
    DrugRefusal,
    DrugUse,
    ImagingReport,
    Implant,
    Measurement,
    Service,
    Statement,
    Visit,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cds_service.pathway.vocabulary import When

# Which date a fact is ordered by: the first that is recorded.
_DATES: Mapping[type, tuple[str, ...]] = {
    DrugUse: ("start",),
    DrugRefusal: ("on",),
    Allergy: ("recorded",),
    Service: ("performed", "authored"),
    ImagingReport: ("performed", "reported"),
    Implant: ("implanted",),
    Visit: ("on",),
    CourseStatement: ("on",),
}


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
    return structs.replace(
        first,
        source=structs.replace(first.source, duplicates=tuple(others)),
        encounters=frozenset[str]().union(*(s.encounters for s in group)),
        is_current_encounter=any(s.is_current_encounter for s in group),
        is_order_reason=any(s.is_order_reason for s in group),
        first_mentioned=min((s.first_mentioned for s in group if s.first_mentioned), key=_day, default=None),
        last_mentioned=max((s.last_mentioned for s in group if s.last_mentioned), key=_day, default=None),
    )


def _day(when: When) -> date:
    return when.on


def newest_first(facts: Iterable[Any]) -> tuple[Any, ...]:
    """Facts by their newest date, then by where they stand; the same fact twice is kept once."""
    found = list(facts)
    if not found:
        return ()
    where = _measured_at if isinstance(found[0], Measurement) else _said_at
    places = list(map(where, found))
    order = sorted(range(len(found)), key=places.__getitem__)
    if len(set(places)) == len(places):
        return tuple([found[number] for number in order])
    # Writing a fact out is dear, and few facts need it to keep their order.
    groups = groupby(order, places.__getitem__)
    same = (dict.fromkeys(found[number] for number in group) for _, group in groups)
    return tuple([fact for alike in same for fact in sorted(alike, key=repr)])


def _measured_at(result: Measurement) -> tuple[int, str, str]:
    on = result.taken.on if result.taken else date.min
    return -on.toordinal(), result.source.ref, result.concept


def _said_at(fact: Any) -> tuple[int, str]:
    return -_newest_on(fact).toordinal(), fact.source.ref


def _newest_on(fact: Any) -> date:
    """Its date, or the first there is."""
    if type(fact) is Statement:
        return fact.newest_on or date.min
    for name in _DATES[type(fact)]:
        found: When | date | None = getattr(fact, name)
        if found is not None:
            return found if isinstance(found, date) else found.on
    return date.min
