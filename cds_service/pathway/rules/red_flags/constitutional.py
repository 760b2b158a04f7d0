"""Constitutional symptoms: fever (R5), unexplained weight loss (R6), night sweats (R7)."""

from __future__ import annotations

from datetime import date, timedelta
from math import isclose
from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.evidence import Reading, newest_date, with_notes
from cds_service.pathway.record import day, started_on, stated_on
from cds_service.pathway.rules.red_flags.chart import Chart, conclude
from cds_service.pathway.rules.red_flags.concepts import MEASURED
from cds_service.pathway.rules.red_flags.numbers import UNDATED, measured, reaches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.pathway.facts import DrugUse, Measurement, Statement
    from cds_service.pathway.finding import Evidence, Finding

_WEIGHT_REASON = ("risk/weight-loss-other-cause",)
_PREGNANCY = ("nsaid-caution/pregnancy",)
_MENOPAUSE = ("risk/menopause",)
_PERCENT = 100


def fever(chart: Chart) -> Finding:
    """R5: any reading at the limit or above counts, since fever comes and goes; or a coded fever.

    An undated reading of fever makes it possible.
    A normal reading is no denial of a coded or measured fever, but it answers a mere suspicion from before.
    """
    coded = chart.read("R5", chart.thresholds.coded_fever_lookback_days)
    readings = _recent_temperatures(chart)
    limit = chart.thresholds.fever_temperature_celsius
    judged = [(measured("R5", m), reaches(m, limit)) for m in readings]
    hot = tuple(evidence for evidence, is_fever in judged if is_fever and evidence.on)
    undated = tuple(with_notes(e, UNDATED) for e, is_fever in judged if is_fever and not e.on)
    normal = tuple(evidence for evidence, is_fever in judged if is_fever is False and evidence.on)
    unclear = tuple(with_notes(evidence, "comparator") for evidence, is_fever in judged if is_fever is None)
    answered_on = newest_date(normal)
    possible = tuple(e for e in coded.possible if not _is_answered(e, answered_on))
    reading = Reading(hot + coded.present, undated + possible, coded.absent + normal)
    # Fever comes and goes: a normal reading settles no other that could not be understood.
    return conclude(chart, "R5", reading, unclear=unclear)


def _recent_temperatures(chart: Chart) -> tuple[Measurement, ...]:
    days = chart.thresholds.temperature_lookback_days
    readings = chart.record.measured(MEASURED["R5"])
    return tuple(
        m for m in readings if m.value is not None and chart.record.may_be_within(day(m.taken), days)
    )


def _is_answered(evidence: Evidence, answered_on: date | None) -> bool:
    return answered_on is not None and evidence.on is not None and evidence.on <= answered_on


def weight_loss(chart: Chart) -> Finding:
    """R6: coded as unexplained it is present; measured alone it is possible, unless a reason is recorded."""
    coded = chart.read("R6", chart.thresholds.coded_weight_loss_lookback_days)
    unexplained = tuple(
        e for e in coded.possible if "weaker-code" not in e.notes or not _coded_reason(chart, e)
    )
    reading = structs.replace(coded, possible=unexplained + _measured_loss(chart))
    return conclude(chart, "R6", reading)


def _coded_reason(chart: Chart, evidence: Evidence) -> bool:
    until = evidence.on or chart.as_of
    return _has_reason(chart, until - timedelta(chart.thresholds.weight_baseline_until_days), until)


def _measured_loss(chart: Chart) -> tuple[Evidence, ...]:
    """The latest weight as evidence when it is far enough below an earlier one and nothing explains it."""
    weights = [m for m in chart.record.measured(MEASURED["R6"]) if _is_usable_weight(m)]
    latest = _latest_weight(chart, weights)
    if latest is None or latest.taken is None:
        return ()
    baseline = _highest_before(chart, weights, latest.taken.on)
    if baseline is None or not _is_loss(chart, baseline, latest):
        return ()
    if _has_reason(chart, day(baseline.taken) or chart.as_of, latest.taken.on):
        return ()
    return (measured("R6", latest, "measured-loss"), measured("R6", baseline, "weight-before"))


def _is_usable_weight(weight: Measurement) -> bool:
    return weight.value is not None and weight.taken is not None and weight.comparator is None


def _latest_weight(chart: Chart, weights: Iterable[Measurement]) -> Measurement | None:
    """Newest weight of the last days; of several on that day the lowest, so that order decides nothing."""
    days = chart.thresholds.weight_latest_within_days
    recent = [w for w in weights if chart.record.is_within(day(w.taken), days)]
    return min(recent, key=lambda w: (-_ordinal(w), w.value or 0, w.source.ref), default=None)


def _ordinal(weight: Measurement) -> int:
    return weight.taken.on.toordinal() if weight.taken else 0


def _highest_before(chart: Chart, weights: Iterable[Measurement], on: date) -> Measurement | None:
    limits = chart.thresholds
    first, last = limits.weight_baseline_from_days, limits.weight_baseline_until_days
    earlier = [w for w in weights if w.taken and first <= (on - w.taken.on).days <= last]
    return max(earlier, key=lambda w: (w.value or 0, _ordinal(w), w.source.ref), default=None)


def _is_loss(chart: Chart, baseline: Measurement, latest: Measurement) -> bool:
    before, now = baseline.value or 0, latest.value or 0
    percent = _PERCENT * (before - now) / before
    limit = chart.thresholds.weight_loss_percent
    return percent > limit or isclose(percent, limit)


def _has_reason(chart: Chart, start: date, end: date) -> bool:
    """Whether a recorded reason explains a loss of weight between two days."""
    recent = end - timedelta(chart.thresholds.bariatric_lookback_days)
    operations = chart.record.done(_WEIGHT_REASON)
    entries = [s for s in chart.record.affirmed(_WEIGHT_REASON) if s.is_active]
    pregnancies = chart.record.affirmed(_PREGNANCY)
    return (
        any(_drug_overlaps(drug, start, end) for drug in chart.record.used(_WEIGHT_REASON))
        or any(op.performed and recent <= op.performed.on <= end for op in operations)
        or any(_lies_between(stated_on(entry), recent, end) for entry in entries)
        or any(_was_so_between(entry, start, end) for entry in pregnancies)
    )


def _drug_overlaps(drug: DrugUse, start: date, end: date) -> bool:
    first = day(drug.start) or start
    last = end if drug.is_current else day(drug.end) or first
    return first <= end and last >= start


def _lies_between(on: date | None, start: date, end: date) -> bool:
    return on is not None and start <= on <= end


def _was_so_between(entry: Statement, start: date, end: date) -> bool:
    first = started_on(entry) or start
    last = day(entry.abated) or (end if entry.is_active else first)
    return first <= end and last >= start


def night_sweats(chart: Chart) -> Finding:
    """R7: coded night sweats; with an active menopause they are possible. Hot flushes alone are nothing."""
    coded = chart.read("R7", chart.thresholds.night_sweats_lookback_days)
    if any(s.is_active for s in chart.record.affirmed(_MENOPAUSE)):
        coded = coded.weakened("menopause")
    return conclude(chart, "R7", coded)
