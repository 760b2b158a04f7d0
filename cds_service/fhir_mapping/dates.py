"""FHIR dates to calendar days: partial dates, time zones, periods, ages.

A partial date stands for the latest day it allows, capped at the day of the call, so that imaging is not
advised too early. A date wholly in the future is a data error and is not used.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from cds_service.pathway.vocabulary import Precision, When

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import Period, Quantity, Timing

_YEAR, _MONTH, _DAY = len("2026"), len("2026-04"), len("2026-04-30")
# Lengths of the units an age may come in, in days; years are handled by the calendar.
_AGE_UNITS = {
    **dict.fromkeys(("a", "yr", "year", "years"), None),
    **dict.fromkeys(("mo", "month", "months"), 30),
    **dict.fromkeys(("wk", "week", "weeks"), 7),
    **dict.fromkeys(("d", "day", "days"), 1),
    **{"h": 0, "min": 0},
}
_YEAR_DAYS = 366
# Nobody is older: 150 years.
_OLDEST_DAYS = 150 * _YEAR_DAYS


def when(text: str | None, context: MappingContext) -> When | None:
    """A FHIR date, dateTime or instant; None for nothing, garbage, or a date in the future."""
    if not text:
        return None
    known = context.days
    found = known.get(text)
    if found is None and text not in known:
        found = known[text] = _when(text, context)
    return found


def _when(text: str, context: MappingContext) -> When | None:
    if len(text) >= _DAY:
        on = _whole_day(text, context)
        return None if on is None or on > context.as_of else When(on, Precision.DAY, on)
    span = recorded_span(text, context)
    if span is None or span[0] > context.as_of:
        return None
    earliest, latest, precision = span
    return When(latest if latest <= context.as_of else context.as_of, precision, earliest)


def recorded_span(text: str, context: MappingContext) -> tuple[date, date, Precision] | None:
    """First and last day a FHIR date allows, future ones too; None for garbage."""
    if len(text) >= _DAY:
        day = _whole_day(text, context)
        return None if day is None else (day, day, Precision.DAY)
    try:
        if len(text) == _MONTH:
            year, month = int(text[:_YEAR]), int(text[-2:])
            return date(year, month, 1), date(year, month, monthrange(year, month)[1]), Precision.MONTH
        year = int(text) if len(text) == _YEAR else 0
        return date(year, 1, 1), date(year, 12, 31), Precision.YEAR
    except ValueError:
        return None


def _whole_day(text: str, context: MappingContext) -> date | None:
    """A date, or the calendar day of an instant in the zone of the EHR; without a zone the day as written."""
    try:
        if len(text) == _DAY:
            return date.fromisoformat(text)
        if text[_DAY] != "T":
            return None
        moment = datetime.fromisoformat(text)
        return (moment.astimezone(context.zone) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        return None


def first_of(texts: Iterable[str | None], context: MappingContext) -> When | None:
    """The first usable date of several sources, in their order."""
    return next((found for text in texts if (found := when(text, context))), None)


def period_start(period: Period | None, context: MappingContext) -> When | None:
    """Start of a period."""
    return when(period.start, context) if period else None


def period_end(period: Period | None, context: MappingContext) -> When | None:
    """End of a period; None while it goes on or ends in the future."""
    return when(period.end, context) if period else None


def last_event(timing: Timing | None, context: MappingContext) -> When | None:
    """Newest event of a timing."""
    events = [found for text in (timing.event or () if timing else ()) if (found := when(text, context))]
    return max(events, key=lambda found: found.on, default=None)


def at_age(age: Quantity | None, context: MappingContext) -> When | None:
    """The date something began at an age, year precision; None without a birth date or a usable unit."""
    born = context.born
    unit = (age.code or age.unit or "a") if age else ""
    if age is None or age.value is None or age.comparator or born is None or unit not in _AGE_UNITS:
        return None
    days = _AGE_UNITS[unit]
    if not 0 <= age.value * (days or _YEAR_DAYS) <= _OLDEST_DAYS:
        return None
    if days is not None:
        return _capped(born.on + timedelta(days=int(age.value * days)), context)
    # The whole year of life: from the birthday at that age to the day before the next.
    first = _birthday(born.earliest or born.on, int(age.value))
    return _capped(_birthday(born.on, int(age.value) + 1) - timedelta(days=1), context, first)


def _birthday(born: date, years: int) -> date:
    try:
        return born.replace(year=born.year + years)
    except ValueError:  # born on 29 February
        return born.replace(year=born.year + years, day=28)


def _capped(latest: date, context: MappingContext, earliest: date | None = None) -> When | None:
    if (earliest or latest) > context.as_of:
        return None
    return When(min(latest, context.as_of), Precision.YEAR, earliest or latest)


def is_today(moment: When | None, context: MappingContext) -> bool:
    """Whether a date is known to be the day of the call."""
    return moment is not None and moment.on == context.as_of and moment.precision is Precision.DAY


def is_future(text: str | None, context: MappingContext) -> bool:
    """Whether a recorded date lies wholly after the day of the call."""
    span = recorded_span(text, context) if text else None
    return span is not None and span[0] > context.as_of
