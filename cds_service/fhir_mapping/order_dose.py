"""The most a draft lets a patient take in a day: the dose by the doses at the shortest interval."""

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
    """Milligrams; None when dose or schedule is not recorded, or there are several steps."""
    return daily_dose_mg(tuple(_spelt_out(d) for d in dosages or ()), strength_mg)


def _spelt_out(dosage: Dosage) -> Dosage:
    """The dosage with its schedule in figures, and of a range the most."""
    rates = tuple(_most(rate) for rate in dosage.dose_and_rate or ())
    return structs.replace(dosage, timing=_timing(dosage.timing), dose_and_rate=rates)


def _most(rate: DoseAndRate) -> DoseAndRate:
    if rate.dose_quantity is not None or rate.dose_range is None:
        return rate
    return structs.replace(rate, dose_quantity=rate.dose_range.high)


def _timing(timing: Timing | None) -> Timing | None:
    if timing is None or (timing.repeat is not None and timing.repeat.period):
        return timing
    code = timing.code
    named = [*(coding.code for coding in code.coding or ()), code.text] if code else []
    found = next((s for name in named if name and (s := _SCHEDULES.get(name.strip().upper()))), None)
    if found is None:
        return timing
    times, hours = found
    return Timing(repeat=Repeat(frequency=times, period=hours, period_unit="h"))
