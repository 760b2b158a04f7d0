"""Whether a pregnancy is current, and how far it is, as the NSAID rules need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import denied_on, evidence_of
from cds_service.pathway.finding import Evidence
from cds_service.pathway.record import day, newest_on
from cds_service.pathway.vocabulary import Presence
from cds_service.value import Value

if TYPE_CHECKING:
    from datetime import date

    from cds_service.pathway.facts import Measurement, Statement
    from cds_service.pathway.rules.safety_chart import SafetyChart

LATE = "nsaid-caution/pregnancy-third-trimester"
_PREGNANT = ("nsaid-caution/pregnancy", LATE)
_NOT_PREGNANT = ("absent/pregnancy",)
_POINTLESS = ("risk/menopause",)
_GESTATION = "obs/gestational-age"
# Without any of these no pregnancy is known.
PREGNANCY = frozenset({*_PREGNANT, _GESTATION})


class Pregnancy(Value, frozen=True):
    """A current pregnancy; ``days`` of gestation today, at least, or None when its dates are unknown."""

    days: int | None
    evidence: tuple[Evidence, ...]


def current_pregnancy(chart: SafetyChart) -> Pregnancy | None:
    """The pregnancy the record speaks of, unless it must be over or was denied since."""
    entries = [s for s in chart.record.affirmed(_PREGNANT) if s.is_active and _is_current(chart, s)]
    dated = [m for m in chart.newest_dated(_GESTATION) if _is_current_result(chart, m)]
    undated = [] if dated or _is_denied_lately(chart) else chart.undated(_GESTATION)
    if not (entries or dated or undated):
        return None
    known = [_days_now(chart, m) for m in (*dated, *undated)]
    known += [age for s in entries if (age := _days_since_onset(chart, s)) is not None]
    if any(LATE in s.concepts for s in entries):
        known.append(chart.thresholds.pregnancy_late_days)
    measured = [Evidence("S2", m, day(m.taken)) for m in (*dated, *undated)]
    evidence = [evidence_of("S2", s) for s in entries] + measured
    return Pregnancy(max(known, default=None), tuple(evidence))


def _is_current(chart: SafetyChart, entry: Statement) -> bool:
    """An entry never closed is not a pregnancy for ever."""
    newest = newest_on(entry, chart.record.as_of)
    if newest is None:
        return True
    return chart.record.is_within(newest, chart.thresholds.pregnancy_max_days) and not _is_denied(
        chart, newest
    )


def _is_denied(chart: SafetyChart, on: date) -> bool:
    return any(s.recorded is not None and denied_on(s) > on for s in _denials(chart))


def _denials(chart: SafetyChart) -> list[Statement]:
    negative = [s for s in chart.record.about(_PREGNANT) if s.presence is Presence.ABSENT]
    return negative + [s for s in chart.record.about(_NOT_PREGNANT) if s.presence is Presence.PRESENT]


def _is_denied_lately(chart: SafetyChart) -> bool:
    """Whether a pregnancy was denied so lately that a result without a date is of an earlier one."""
    days = chart.thresholds.pregnancy_denied_within_days
    return any(s.recorded and chart.record.is_within(denied_on(s), days) for s in _denials(chart))


def _is_current_result(chart: SafetyChart, result: Measurement) -> bool:
    taken = day(result.taken) or chart.record.as_of
    return not _is_denied(chart, taken) and _days_now(chart, result) <= chart.thresholds.pregnancy_max_days


def _days_now(chart: SafetyChart, result: Measurement) -> int:
    """Gestation today, from its value and the days since; without a date it is at least its value."""
    return int(result.value or 0) + chart.record.days_since(day(result.taken) or chart.record.as_of)


def _days_since_onset(chart: SafetyChart, entry: Statement) -> int | None:
    """Days since the recorded start of the pregnancy: it lasts at least that long."""
    return None if entry.onset is None else chart.record.days_since(entry.onset.on)


def is_pregnancy_documented(chart: SafetyChart) -> bool:
    """Whether the file says yes or no of today, or makes the question pointless, as an old birth does not."""
    if chart.record.affirmed(_POINTLESS) or current_pregnancy(chart) is not None:
        return True
    return _is_denied_lately(chart)
