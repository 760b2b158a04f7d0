"""Duplicates to one fact with several sources, in an order that does not depend on the record's."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from operator import attrgetter
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
    ordered = list(facts)
    if not ordered:
        return ()
    is_measured = isinstance(ordered[0], Measurement)
    place, newest_on = (_MEASURED_AT, _taken_on) if is_measured else (_SAID_AT, _newest_on)
    by_place = dict(zip(map(place, ordered), ordered, strict=True))
    if len(by_place) == len(ordered):
        return tuple(sorted([by_place[at] for at in sorted(by_place)], key=newest_on, reverse=True))
    # Writing a fact out is dear, and few facts need it to keep their order.
    ordered.sort(key=place)
    ordered.sort(key=newest_on, reverse=True)
    groups = groupby(ordered, lambda fact: (newest_on(fact), place(fact)))
    return tuple([fact for _, group in groups for fact in sorted(dict.fromkeys(group), key=repr)])


_SAID_AT = attrgetter("source.ref")
_MEASURED_AT = attrgetter("source.ref", "concept")


def _taken_on(measurement: Measurement) -> date:
    return measurement.taken.on if measurement.taken else date.min


def _newest_on(fact: Any) -> date:
    """Its date, or the first there is."""
    if type(fact) is Statement:
        return fact.newest_on or date.min
    for name in _DATES[type(fact)]:
        found: When | date | None = getattr(fact, name)
        if found is not None:
            return found if isinstance(found, date) else found.on
    return date.min
