"""Days as people say them: "today", "8 days ago", "in 10 days", "5 months ago", or an ISO date."""

from __future__ import annotations

import re
from datetime import date, timedelta

from cds_service.vignettes.phrasebook import VignetteError

_UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}
_AGO = re.compile(r"(\d+) (day|week|month|year)s? ago")
_AHEAD = re.compile(r"in (\d+) (day|week|month|year)s?")


def day(words: str | int | date, as_of: date) -> date:
    """The calendar day meant by ``words``, counted from ``as_of``; months are 30 days, years 365.

    YAML takes a bare 2015 as a number and a bare 2015-06-30 as a date.
    """
    words = str(words)
    fixed = {"today": 0, "yesterday": 1, "tomorrow": -1}
    if words in fixed:
        return as_of - timedelta(days=fixed[words])
    if match := _AGO.fullmatch(words):
        return as_of - timedelta(days=int(match[1]) * _UNITS[match[2]])
    if match := _AHEAD.fullmatch(words):
        return as_of + timedelta(days=int(match[1]) * _UNITS[match[2]])
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise VignetteError(f"'{words}' is not a day; say 'today', '8 days ago', 'in 10 days'") from None


def fhir_date(words: str | int | date, as_of: date) -> str:
    """FHIR date for the words; ISO partial dates ("2026-04", "2011") pass through as they are."""
    if re.fullmatch(r"\d{4}(-\d{2})?", str(words)):
        return str(words)
    return day(words, as_of).isoformat()


def noon(words: str | int | date, as_of: date) -> str:
    """FHIR dateTime at noon UTC of the day meant."""
    return f"{day(words, as_of).isoformat()}T12:00:00Z"
