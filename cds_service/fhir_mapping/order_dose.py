"""The most a draft lets a patient take in a day: the dose by the doses at the shortest interval.

Of several instructions those of one ``sequence`` are followed together, and are added up. Others may be steps
one after the other: of these the highest counts, so that no more is said than the order surely allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.fhir_mapping.dosage import daily_dose_mg
from cds_service.fhir_r4.elements import Repeat, Timing

if TYPE_CHECKING:
    from cds_service.fhir_r4.elements import Dosage, DoseAndRate

# Abbreviations of HL7's GTSAbbreviation, which orders carry in place of a schedule: times, hours.
_SCHEDULES = {
    "QD": (1, 24),
    "BID": (2, 24),
    "TID": (3, 24),
    "QID": (4, 24),
    "Q1H": (1, 1),
    "Q2H": (1, 2),
    "Q3H": (1, 3),
    "Q4H": (1, 4),
    "Q6H": (1, 6),
    "Q8H": (1, 8),
}


def most_a_day_mg(dosages: tuple[Dosage, ...] | None, strength_mg: float | None) -> float | None:
    """Milligrams; None when no instruction has both a dose and a schedule."""
    steps: dict[str, float] = {}
    for place, dosage in enumerate(dosages or ()):
        amount = _most_of(dosage, strength_mg)
        if amount is not None:
            step = f"alone-{place}" if dosage.sequence is None else f"together-{dosage.sequence}"
            steps[step] = steps.get(step, 0.0) + amount
    return max(steps.values(), default=None)


def _most_of(dosage: Dosage, strength_mg: float | None) -> float | None:
    """One instruction; an amount that is stated twice, as ordered and as calculated, is one amount."""
    timing = _timing(dosage.timing)
    each = (
        structs.replace(dosage, timing=timing, dose_and_rate=(_most(r),)) for r in dosage.dose_and_rate or ()
    )
    amounts = (daily_dose_mg((one,), strength_mg) for one in each)
    return max((amount for amount in amounts if amount is not None), default=None)


def _most(rate: DoseAndRate) -> DoseAndRate:
    if rate.dose_quantity is not None or rate.dose_range is None:
        return rate
    return structs.replace(rate, dose_quantity=rate.dose_range.high)


def _is_in_figures(repeat: Repeat | None) -> bool:
    return repeat is not None and bool(repeat.period or repeat.time_of_day or repeat.when)


def _timing(timing: Timing | None) -> Timing | None:
    if timing is None or _is_in_figures(timing.repeat):
        return timing
    code = timing.code
    named = [*(coding.code for coding in code.coding or ()), code.text] if code else []
    found = next((s for name in named if name and (s := _SCHEDULES.get(name.strip().upper()))), None)
    if found is None:
        return timing
    times, hours = found
    return Timing(repeat=Repeat(frequency=times, period=hours, period_unit="h"))
