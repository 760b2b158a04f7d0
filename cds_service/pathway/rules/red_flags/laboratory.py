"""Inflammatory markers: ESR (R8), CRP (R9), white blood cells (R10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import CONTRARY, Reading, newest_date, with_notes
from cds_service.pathway.record import day
from cds_service.pathway.rules.red_flags.chart import Chart, conclude
from cds_service.pathway.rules.red_flags.concepts import MEASURED, STEROID
from cds_service.pathway.rules.red_flags.numbers import UNDATED, exceeds, measured
from cds_service.pathway.vocabulary import Flagging, Sex
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from cds_service.pathway.facts import Measurement
    from cds_service.pathway.finding import Evidence, Finding

_HIGH_SENSITIVITY = "obs/hs-crp"
# "Abnormal" states no direction and decides nothing.
_FLAG_SAYS_RAISED = {Flagging.RAISED: True, Flagging.NORMAL: False, Flagging.LOW: False}
_GROWTH_FACTORS = ("drug/g-csf",)
_PREGNANCY = ("nsaid-caution/pregnancy",)


class Judged(Value, frozen=True):
    """A result and whether it is raised; None when that cannot be told."""

    result: Measurement
    is_raised: bool | None
    notes: tuple[str, ...] = ()


def esr(chart: Chart) -> Finding:
    """R8."""
    return _marker(chart, "R8", _esr_limit)


def crp(chart: Chart) -> Finding:
    """R9; high-sensitivity CRP is the same substance, judged by the default limit alone."""
    return _marker(chart, "R9", lambda _: chart.thresholds.crp_limit_mg_per_l)


def white_cells(chart: Chart) -> Finding:
    """R10."""
    return _marker(chart, "R10", lambda _: chart.thresholds.wbc_limit_10_9_per_l)


def _esr_limit(chart: Chart) -> float | None:
    """Miller rule; of a range of ages the lowest, so that a doubt about age hides nothing."""
    if chart.case.age_years is None:
        return None
    age, limits = chart.case.age_years.at_least, chart.thresholds
    offset = 0 if chart.case.sex is Sex.MALE else limits.esr_female_age_offset
    return (age + offset) / limits.esr_age_divisor


def _marker(chart: Chart, rule: str, default_limit: Callable[[Chart], float | None]) -> Finding:
    """Judge a marker by its newest usable result; a coded "raised" counts until a newer result is normal."""
    judged = _judge_all(chart, rule, default_limit(chart))
    usable = [j for j in judged if j.is_raised is not None and j.result.taken]
    newest = max((j.result.taken.on for j in usable if j.result.taken), default=None)
    decisive = [j for j in usable if day(j.result.taken) == newest]
    raised = tuple(_as_evidence(rule, j) for j in decisive if j.is_raised)
    normal = tuple(_as_evidence(rule, j) for j in decisive if not j.is_raised)
    if raised:
        reading = _timed(chart, raised, normal).joined(_coded(chart, rule, None))
    else:
        reading = _coded(chart, rule, newest_date(normal))
    if normal and not raised:
        reading = reading.joined(Reading(absent=normal + _superseded(rule, usable, newest)))
    reading = reading.joined(_undated(rule, judged))
    unclear = tuple(_as_evidence(rule, j) for j in judged if j.is_raised is None and _is_newer(j, newest))
    return conclude(chart, rule, _confounded(chart, reading), settled_on=newest, unclear=unclear)


def _judge_all(chart: Chart, rule: str, default_limit: float | None) -> list[Judged]:
    days = chart.thresholds.lab_lookback_days
    results = chart.record.measured(MEASURED[rule])
    return [_judge(r, default_limit) for r in results if chart.record.may_be_within(day(r.taken), days)]


def _undated(rule: str, judged: list[Judged]) -> Reading:
    """Raised results without a date: whether they belong to this pain has to be looked up."""
    raised = [j for j in judged if j.is_raised and j.result.taken is None]
    return Reading(possible=tuple(with_notes(_as_evidence(rule, j), UNDATED) for j in raised))


def _judge(result: Measurement, default_limit: float | None) -> Judged:
    """Judge one result by the laboratory's flag and range, or by the default limit without either."""
    if result.concept == _HIGH_SENSITIVITY:
        return _by_limit(result, default_limit)
    flagged = _FLAG_SAYS_RAISED.get(result.flagging) if result.flagging else None
    ranged = exceeds(result, result.reference_high)
    if flagged is None and result.reference_high is None:
        return _by_limit(result, default_limit)
    if flagged is None or ranged is None:
        is_raised = ranged if flagged is None else flagged
        return Judged(result, is_raised, ("comparator",) if is_raised is None else ())
    if flagged is not ranged:
        return Judged(result, True, ("interpretation-and-range-disagree",))
    return Judged(result, flagged)


def _by_limit(result: Measurement, limit: float | None) -> Judged:
    is_raised = exceeds(result, limit)
    return Judged(result, is_raised, ("no-limit",) if is_raised is None else ("default-limit",))


def _as_evidence(rule: str, judged: Judged) -> Evidence:
    return measured(rule, judged.result, *judged.notes)


def _is_newer(judged: Judged, newest: date | None) -> bool:
    return newest is None or judged.result.taken is None or judged.result.taken.on >= newest


def _superseded(rule: str, usable: list[Judged], newest: date | None) -> tuple[Evidence, ...]:
    """Earlier raised results that a later normal one has replaced; shown, not counted."""
    earlier = [j for j in usable if j.is_raised and day(j.result.taken) != newest]
    return tuple(with_notes(_as_evidence(rule, j), "superseded") for j in earlier)


def _timed(chart: Chart, raised: tuple[Evidence, ...], normal: tuple[Evidence, ...] = ()) -> Reading:
    """Raised values as present, or as possible when they are too long before the pain to belong to it.

    Normal values of the same day are shown with them.
    """
    early = tuple(with_notes(e, "before-onset") for e in raised if _is_before_onset(chart, e))
    timely = tuple(e for e in raised if not _is_before_onset(chart, e))
    beside = tuple(with_notes(e, CONTRARY) for e in normal)
    return Reading(timely + beside, early) if timely else Reading((), early + beside if early else ())


def _is_before_onset(chart: Chart, evidence: Evidence) -> bool:
    on = evidence.on
    return on is not None and chart.days_before_pain(on) > chart.thresholds.lab_before_onset_days


def _coded(chart: Chart, rule: str, normal_on: date | None) -> Reading:
    """The marker coded as raised, unless a newer result was normal."""
    coded = chart.read(rule, chart.thresholds.lab_lookback_days)
    present = tuple(e for e in coded.present if not _is_superseded(e, normal_on))
    possible = tuple(e for e in coded.possible if not _is_superseded(e, normal_on))
    timed = _timed(chart, present)
    return Reading(timed.present, timed.possible + possible, coded.absent)


def _is_superseded(evidence: Evidence, normal_on: date | None) -> bool:
    return normal_on is not None and evidence.on is not None and evidence.on < normal_on


def _confounded(chart: Chart, reading: Reading) -> Reading:
    """Remark on what else raises the markers; they stay what they are."""
    if not (reading.present or reading.possible):
        return reading
    notes = _confounders(chart)
    return Reading(
        tuple(with_notes(e, *notes) for e in reading.present),
        tuple(with_notes(e, *notes) for e in reading.possible),
        reading.absent,
    )


def _confounders(chart: Chart) -> tuple[str, ...]:
    record = chart.record
    found = {
        "confounder-steroid": any(d.is_current for d in record.used((STEROID,))),
        "confounder-g-csf": any(d.is_current for d in record.used(_GROWTH_FACTORS)),
        "confounder-pregnancy": any(s.is_active for s in record.affirmed(_PREGNANCY)),
    }
    return tuple(note for note, applies in found.items() if applies)
