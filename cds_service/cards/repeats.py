"""What a record says again and again, as one line: charts open the same entry anew at every visit."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.facts import DrugUse, Service, Statement

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from cds_service.pathway.finding import Evidence

_CAN_REPEAT = (Statement, Service, DrugUse)


def told_once(evidence: Iterable[Evidence]) -> list[tuple[Evidence, date | None]]:
    """The newest of each thing said, with all its sources, in the order given.

    Results are never put together: each has a value of its own.

    Returns:
        Each with the oldest date it was said on, None when that is no other day.
    """
    groups: dict[Hashable, list[Evidence]] = {}
    for item in evidence:
        groups.setdefault(_thing_said(item), []).append(item)
    return [_newest(group) for group in groups.values()]


def _thing_said(evidence: Evidence) -> Hashable:
    fact = evidence.fact
    text = fact.source.text.strip().lower()
    if not isinstance(fact, _CAN_REPEAT) or not text or evidence.on is None:
        return evidence.source.ref, evidence
    return type(fact), text, evidence.rule, evidence.name, evidence.notes, *_what_differs(fact)


def _what_differs(fact: object) -> tuple[Hashable, ...]:
    """What makes two entries of the same words say two things."""
    names = (
        "presence",
        "is_active",
        "side",
        "sites",
        "levels",
        "onset_text",
        "status",
        "intake",
        "is_current",
    )
    return tuple(getattr(fact, name, None) for name in names)


def _newest(group: list[Evidence]) -> tuple[Evidence, date | None]:
    if len(group) == 1:
        return group[0], None
    newest = max(group, key=_date_of)
    refs = {ref for item in group for ref in (item.source.ref, *item.source.duplicates)}
    source = structs.replace(newest.source, duplicates=tuple(sorted(refs - {newest.source.ref})))
    first = min(map(_date_of, group))
    shown = structs.replace(newest, fact=structs.replace(newest.fact, source=source))
    return shown, first if first != _date_of(newest) else None


def _date_of(evidence: Evidence) -> date:
    return evidence.on or date.min
