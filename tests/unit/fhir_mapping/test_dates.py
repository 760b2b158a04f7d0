"""Partial dates, zones, ages, the future."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from cds_service.fhir_mapping.dates import (
    at_age,
    is_future,
    last_event,
    period_end,
    period_start,
    recorded_span,
    when,
)
from cds_service.fhir_r4.elements import Period, Quantity, Timing
from cds_service.pathway.vocabulary import Precision, When
from tests.mapping import context

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-06-01", When(date(2026, 6, 1), Precision.DAY, date(2026, 6, 1)), id="a day"),
        pytest.param(
            "2026-04", When(date(2026, 4, 30), Precision.MONTH, date(2026, 4, 1)), id="month: its last day"
        ),
        pytest.param(
            "2026-06", When(date(2026, 6, 15), Precision.MONTH, date(2026, 6, 1)), id="this month: today"
        ),
        pytest.param(
            "2026", When(date(2026, 6, 15), Precision.YEAR, date(2026, 1, 1)), id="this year: today"
        ),
        pytest.param(
            "2011", When(date(2011, 12, 31), Precision.YEAR, date(2011, 1, 1)), id="a year: its last day"
        ),
        pytest.param(
            "2026-06-10T23:30:00Z", When(date(2026, 6, 10), Precision.DAY, date(2026, 6, 10)), id="instant"
        ),
        pytest.param(
            "2026-06-10T08:15:00.1234567",
            When(date(2026, 6, 10), Precision.DAY, date(2026, 6, 10)),
            id="no zone",
        ),
        pytest.param("2026-06-16", None, id="tomorrow is a data error"),
        pytest.param("2027", None, id="next year is a data error"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="nothing"),
        pytest.param("soon", None, id="words"),
        pytest.param("June 2026 maybe", None, id="longer words"),
        pytest.param("2026-02-31", None, id="a day that does not exist"),
        pytest.param("2026-13", None, id="a month that does not exist"),
        pytest.param("20260", None, id="five digits"),
    ],
)
def test_a_recorded_date_is_the_latest_day_it_allows(text: str | None, expected: When | None) -> None:
    assert when(text, context()) == expected


def test_an_instant_is_the_calendar_day_of_the_zone() -> None:
    zone = ZoneInfo("Australia/Sydney")
    found = when("2026-06-10T23:30:00Z", context())
    there = when("2026-06-10T23:30:00Z", context_in(zone))
    assert found is not None
    assert there is not None
    assert (found.on, there.on) == (date(2026, 6, 10), date(2026, 6, 11))


def context_in(zone: ZoneInfo) -> MappingContext:
    return replace(context(), zone=zone)


def test_periods_and_timings() -> None:
    period = Period(start="2026-05-01", end="2027-01-01")
    start = period_start(period, context())
    assert start is not None
    assert start.on == date(2026, 5, 1)
    assert period_end(period, context()) is None
    assert period_start(None, context()) is None
    assert period_end(None, context()) is None
    last = last_event(Timing(event=("2026-05-01", "2026-06-02", "2030-01-01")), context())
    assert last is not None
    assert last.on == date(2026, 6, 2)
    assert last_event(Timing(), context()) is None
    assert last_event(None, context()) is None


def test_the_future_is_recognised() -> None:
    assert is_future("2026-06-16", context())
    assert not is_future("2026-06-15", context())
    assert not is_future("soon", context())
    assert not is_future(None, context())


@pytest.mark.parametrize(
    ("age", "latest", "earliest"),
    [
        pytest.param(Quantity(value=49, code="a"), date(2026, 2, 28), date(2025, 3, 1), id="a year of life"),
        pytest.param(
            Quantity(value=50), date(2026, 6, 15), date(2026, 3, 1), id="this year of life, capped today"
        ),
        pytest.param(Quantity(value=6, code="mo"), date(1976, 8, 28), date(1976, 8, 28), id="months"),
    ],
)
def test_an_onset_at_an_age_has_the_precision_of_a_year(age: Quantity, latest: date, earliest: date) -> None:
    assert at_age(age, context()) == When(latest, Precision.YEAR, earliest)


def test_ages_that_say_nothing() -> None:
    assert at_age(None, context()) is None
    assert at_age(Quantity(value=None, code="a"), context()) is None
    assert at_age(Quantity(value=40, comparator="<", code="a"), context()) is None
    assert at_age(Quantity(value=40, code="furlong"), context()) is None
    assert at_age(Quantity(value=90, code="a"), context()) is None  # in the future
    assert at_age(Quantity(value=200, code="a"), context()) is None  # nobody is
    assert at_age(Quantity(value=-1, code="a"), context()) is None
    assert at_age(Quantity(value=40, code="a"), context(born=None)) is None


def test_a_birthday_on_the_29th_of_february() -> None:
    born = When(date(1976, 2, 29), Precision.DAY, date(1976, 2, 29))
    assert at_age(Quantity(value=49, code="a"), context(born=born)) == When(
        date(2026, 2, 27), Precision.YEAR, date(2025, 2, 28)
    )


def test_the_span_of_garbage_is_nothing() -> None:
    assert recorded_span("99999999999999999999", context()) is None
