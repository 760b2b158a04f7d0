"""Numbers, units and dates as people read them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cds_service.pathway.vocabulary import Precision

if TYPE_CHECKING:
    from cds_service.pathway.vocabulary import When

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - names in one row
_UNITS = {
    "Cel": "C",
    "10*9/L": "x10^9/L",
    "mL/min/{1.73_m2}": "mL/min/1.73m2",
    "mm[Hg]": "mmHg",
    "{score}": "/10",
}


def number(value: float) -> str:
    """Two decimals at most, without trailing zeros: "6.75", "42", "0.4"."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def unit(code: str) -> str:
    """A unit as written for people."""
    return _UNITS.get(code, code)


def day(on: date, as_of: date) -> str:
    """A day as ``12 Jun``; with the year where it is not this year's."""
    text = f"{on.day} {_MONTHS[on.month - 1]}"
    return text if on.year == as_of.year else f"{text} {on.year}"


def moment(when: When, as_of: date) -> str:
    """A recorded date as exact as it is recorded: "12 Jun", "Apr 2026", "2011"."""
    if when.precision is Precision.YEAR:
        return str((when.earliest or when.on).year)
    if when.precision is Precision.MONTH:
        month = when.earliest or when.on
        return f"{_MONTHS[month.month - 1]} {month.year}"
    return day(when.on, as_of)
