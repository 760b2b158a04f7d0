"""Dosages: milligrams of a drug per day, and how long a supply lasts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cds_service.fhir_mapping.dates import recorded_span

if TYPE_CHECKING:
    from datetime import date

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import Dosage, Quantity, Ratio, Repeat
    from cds_service.fhir_r4.resources import DispenseRequest
    from cds_service.pathway.vocabulary import When

_MILLIGRAMS = {"mg": 1.0, "g": 1000.0, "ug": 0.001, "mcg": 0.001}
_UNITS_OF_PRODUCT = frozenset(
    {
        "{tbl}",
        "tablet",
        "tablets",
        "{tablet}",
        "capsule",
        "capsules",
        "{capsule}",
        "{pill}",
        "{dose}",
        "1",
        "tab",
        "cap",
    }
)
# Ten years is longer than any supply and short enough for the calendar.
_MOST_DAYS = 3650
_PERIOD_DAYS = {"d": 1.0, "h": 1 / 24, "min": 1 / 1440, "s": 1 / 86400, "wk": 7.0, "mo": 30.0, "a": 365.0}
_DURATION_DAYS = {
    "d": 1,
    "day": 1,
    "days": 1,
    "wk": 7,
    "week": 7,
    "weeks": 7,
    "mo": 30,
    "month": 30,
    "months": 30,
    "a": 365,
}


def daily_dose_mg(dosages: tuple[Dosage, ...] | None, strength_mg: float | None) -> float | None:
    """Milligrams per day; None when dose or frequency is not recorded, or there are several steps."""
    if not dosages or len(dosages) > 1:
        return None
    dosage = dosages[0]
    repeat = dosage.timing.repeat if dosage.timing else None
    dose = _dose_mg(dosage, strength_mg)
    times = _times_a_day(repeat)
    return None if dose is None or times is None else dose * times


def _dose_mg(dosage: Dosage, strength_mg: float | None) -> float | None:
    amounts = [rate.dose_quantity for rate in dosage.dose_and_rate or () if rate.dose_quantity]
    amount = dosage.dose or (amounts[0] if len(amounts) == 1 else None)
    if amount is None or amount.value is None:
        return None
    unit = _unit(amount)
    if unit in _MILLIGRAMS:
        return amount.value * _MILLIGRAMS[unit]
    if strength_mg is not None and (not unit or unit in _UNITS_OF_PRODUCT):
        return amount.value * strength_mg
    return None


def strength_mg(ratio: Ratio) -> float | None:
    """Milligrams in one tablet or capsule; None for strengths by volume and other units."""
    content, carrier = ratio.numerator, ratio.denominator
    if content is None or content.value is None or not carrier or not carrier.value:
        return None
    per = _MILLIGRAMS.get(_unit(content))
    is_piece = not _unit(carrier) or _unit(carrier) in _UNITS_OF_PRODUCT
    return content.value * per / carrier.value if per and is_piece else None


def _unit(quantity: Quantity) -> str:
    return (quantity.code or quantity.unit or "").strip().lower()


def _times_a_day(repeat: Repeat | None) -> float | None:
    """Doses a day, by interval or by the times of the day that are listed."""
    if repeat is None:
        return None
    listed = len(repeat.time_of_day or repeat.when or ())
    days = _days_between(repeat, has_times=bool(listed))
    return (repeat.frequency_max or repeat.frequency or listed or 1) / days if days else None


def _days_between(repeat: Repeat, *, has_times: bool) -> float | None:
    """Days of one period; times of the day without a period are those of every day."""
    if repeat.period is None and has_times:
        return 1.0
    if not repeat.period or repeat.period_unit not in _PERIOD_DAYS:
        return None
    return repeat.period * _PERIOD_DAYS[repeat.period_unit]


def supply_end(
    authored: When | None,
    request: DispenseRequest | None,
    dosages: tuple[Dosage, ...] | None,
    context: MappingContext,
) -> date | None:
    """Last day a prescription lasts, future days too; None when nothing says so."""
    ends = [_end_of(request.validity_period.end, context)] if request and request.validity_period else []
    for dosage in dosages or ():
        repeat = dosage.timing.repeat if dosage.timing else None
        if repeat and repeat.bounds_period:
            ends.append(_end_of(repeat.bounds_period.end, context))
        if repeat and authored:
            ends.append(_after(authored, _days(repeat.bounds_duration)))
    found = [end for end in ends if end is not None]
    if found:
        return min(found)
    if authored is None or request is None:
        return None
    days = _days(request.expected_supply_duration)
    return _after(authored, days * (1 + (request.number_of_repeats_allowed or 0)) if days else None)


def _end_of(text: str | None, context: MappingContext) -> date | None:
    span = recorded_span(text, context) if text else None
    return span[1] if span else None


def _after(start: When, days: int | None) -> date | None:
    return start.on + timedelta(days=min(days, _MOST_DAYS)) if days else None


def _days(duration: Quantity | None) -> int | None:
    if duration is None or duration.value is None:
        return None
    per = _DURATION_DAYS.get((duration.code or duration.unit or "").strip().lower())
    return min(int(duration.value * per), _MOST_DAYS) if per and duration.value > 0 else None
