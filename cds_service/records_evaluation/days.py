"""The days a record is evaluated on: a record that ends in 2020 says nothing about today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.records_evaluation.load import Record

_DATED = (
    "onsetDateTime",
    "recordedDate",
    "effectiveDateTime",
    "issued",
    "authoredOn",
    "performedDateTime",
    "started",
    "dateAsserted",
)
_PERIODS = ("performedPeriod", "effectivePeriod", "period")
# Days after the beginning of a condition that fall into each phase of the pathway.
EPISODE_DAYS = (3, 30, 50, 70)


def last_day(record: Record) -> date:
    """The newest day anything in the record is dated with; today's date is never used.

    Raises:
        ValueError: Nothing in the record is dated.
    """
    return max(day for resource in record.resources for day in _days(resource))


def episode_days(record: Record, words: tuple[str, ...]) -> tuple[date, ...]:
    """Days 3, 30, 50 and 70 after the beginning of every condition whose text holds one of the words."""
    visits = visits_by_ref(record)
    onsets = {
        day
        for resource in record.resources
        if resource["resourceType"] == "Condition"
        and any(word in str(resource.get("code")).lower() for word in words)
        for day in _beginning(resource, visits)
    }
    return tuple(sorted({onset + timedelta(days=days) for onset in onsets for days in EPISODE_DAYS}))


def visit_days(record: Record, most: int) -> tuple[date, ...]:
    """The days of at most so many visits, spread evenly over the record: a chart is opened at a visit."""
    found = sorted({day for visit in visits_by_ref(record).values() for day in _days(visit)})
    step = max(1.0, len(found) / most)
    return tuple(found[int(number * step)] for number in range(min(most, len(found))))


def visits_by_ref(record: Record) -> dict[str, dict[str, Any]]:
    """The record's encounters by their references."""
    return {f"Encounter/{r.get('id')}": r for r in record.resources if r["resourceType"] == "Encounter"}


def _beginning(condition: dict[str, Any], visits: dict[str, dict[str, Any]]) -> Iterator[date]:
    """The onset; without one the day it was recorded, without either the visit it was a diagnosis of."""
    for name in ("onsetDateTime", "recordedDate"):
        if found := list(_days({name: condition.get(name)})):
            yield from found
            return
    yield from _days(visits.get((condition.get("encounter") or {}).get("reference", ""), {}))


def was_there(resource: dict[str, Any], visits: dict[str, dict[str, Any]], as_of: date) -> bool:
    """Whether a resource can have been in the record on a day: not all of it is dated later.

    What has no date is as old as the visit it belongs to: hospital diagnoses are often dated by nothing else.
    """
    visit = visits.get((resource.get("encounter") or {}).get("reference", ""), {})
    first = min(_days(resource), default=None) or min(_days(visit), default=None)
    return first is None or first <= as_of


def _days(resource: dict[str, Any]) -> Iterator[date]:
    texts = [resource.get(name) for name in _DATED]
    periods = [resource.get(name) for name in _PERIODS if isinstance(resource.get(name), dict)]
    texts += [period.get("start") for period in periods if period]
    for text in texts:
        if isinstance(text, str):
            yield from _day(text)


def _day(text: str) -> Iterator[date]:
    try:
        yield date.fromisoformat(text[:10])
    except ValueError:
        return  # a partial date cannot be the newest day
