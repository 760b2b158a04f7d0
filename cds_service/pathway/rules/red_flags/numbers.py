"""Measured values against a limit, comparators included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import Evidence
from cds_service.pathway.record import day

if TYPE_CHECKING:
    from cds_service.pathway.facts import Measurement

# Remark on a result that may be of today and cannot be shown to be.
UNDATED = "result-undated"
_LESS = ("<", "<=")
_MORE = (">", ">=")


def measured(rule: str, measurement: Measurement, *notes: str) -> Evidence:
    """A measurement as evidence."""
    remarks = (*notes, "preliminary") if measurement.is_preliminary else notes
    return Evidence(rule, measurement, day(measurement.taken), remarks)


def exceeds(measurement: Measurement, limit: float | None) -> bool | None:
    """Whether a value is above a limit; None when that cannot be told."""
    value = measurement.value
    if value is None or limit is None:
        return None
    if measurement.comparator in _LESS:
        return False if value <= limit else None
    if measurement.comparator in _MORE:
        return True if value >= limit else None
    return value > limit


def reaches(measurement: Measurement, limit: float) -> bool | None:
    """Whether a value is at a limit or above; None when that cannot be told."""
    value = measurement.value
    if value is None:
        return None
    if measurement.comparator in _LESS:
        # "<38.0" does not reach 38.0; "<=38.0" may.
        is_below = value < limit or (measurement.comparator == "<" and value <= limit)
        return False if is_below else None
    if measurement.comparator in _MORE:
        return True if value >= limit else None
    return value >= limit
