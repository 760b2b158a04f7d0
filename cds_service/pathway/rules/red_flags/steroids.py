"""Systemic steroids as immunosuppression: dose in prednisone equivalents, and for how long."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from cds_service.pathway.evidence import Reading
from cds_service.pathway.finding import Evidence
from cds_service.pathway.record import day
from cds_service.pathway.rules.red_flags.concepts import STEROID
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cds_service.pathway.facts import DrugUse
    from cds_service.pathway.rules.red_flags.chart import Chart

_YARDSTICK = "prednisone"


class Course(Value, frozen=True):
    """A run of days on a steroid; ``until`` is the first day without it."""

    start: date
    until: date
    drugs: tuple[DrugUse, ...]

    @property
    def days(self) -> int:
        """Length of the course."""
        return (self.until - self.start).days


def steroid_reading(chart: Chart) -> Reading:
    """High dose for long enough is present; less, or an unknown dose or duration, is possible."""
    drugs = [d for d in chart.record.used((STEROID,)) if _is_recent(chart, d)]
    strong = [d for d in drugs if _is_high_dose(chart, d)]
    courses = [c for c in _courses(chart, strong) if c.days >= chart.thresholds.steroid_min_days]
    long = [drug for course in courses for drug in course.drugs]
    rest = [d for d in drugs if not any(d is other for other in long)]
    return Reading(
        tuple(drug_evidence("R12", d, "steroid-high-dose") for d in long),
        tuple(drug_evidence("R12", d, "steroid-low-or-unknown") for d in rest),
    )


def drug_evidence(rule: str, drug: DrugUse, *notes: str) -> Evidence:
    """A drug as evidence, dated by its start."""
    return Evidence(rule, drug, day(drug.start or drug.end), notes)


def _is_recent(chart: Chart, drug: DrugUse) -> bool:
    last = day(drug.end or drug.start)
    if drug.is_current or last is None:
        return True
    return chart.record.is_within(last, chart.thresholds.immunosuppressant_lookback_days)


def _is_high_dose(chart: Chart, drug: DrugUse) -> bool:
    dose = prednisone_equivalent_mg(drug, chart.thresholds.steroid_equivalent_mg)
    return dose is not None and dose >= chart.thresholds.steroid_daily_prednisone_mg


def prednisone_equivalent_mg(drug: DrugUse, equivalents: Mapping[str, float]) -> float | None:
    """Daily dose as prednisone; None when dose or ingredient is not known."""
    own = equivalents.get(drug.ingredient)
    if drug.daily_dose_mg is None or own is None:
        return None
    return drug.daily_dose_mg * equivalents[_YARDSTICK] / own


def _courses(chart: Chart, drugs: Iterable[DrugUse]) -> list[Course]:
    """Runs of days covered by prescriptions that follow each other without a gap."""
    runs: list[Course] = []
    for span in sorted(_spans(chart, drugs), key=lambda c: (c.start, c.until, c.drugs[0].source.ref)):
        if runs and span.start <= runs[-1].until:
            last = runs.pop()
            span = Course(last.start, max(last.until, span.until), last.drugs + span.drugs)
        runs.append(span)
    return runs


def _spans(chart: Chart, drugs: Iterable[DrugUse]) -> list[Course]:
    """Dated use, day by day: a recorded last day counts, today is not over yet."""
    spans = []
    for drug in drugs:
        start, end = day(drug.start), day(drug.end)
        until = chart.as_of if drug.is_current or end is None else end + timedelta(1)
        if start is not None and (drug.is_current or end is not None):
            spans.append(Course(start, until, (drug,)))
    return spans
