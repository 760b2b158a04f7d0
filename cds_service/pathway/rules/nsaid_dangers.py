"""S1: what rules an NSAID out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import evidence_of
from cds_service.pathway.finding import Evidence
from cds_service.pathway.record import day
from cds_service.pathway.rules.pregnancy import PREGNANCY, current_pregnancy
from cds_service.pathway.rules.safety_chart import Check
from cds_service.pathway.vocabulary import Criticality

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cds_service.pathway.facts import Measurement, Statement
    from cds_service.pathway.rules.safety_chart import SafetyChart

ALLERGENS = ("nsaid-caution/nsaid-allergy", "drug/nsaid", "drug/ibuprofen", "drug/aspirin")
ULCER_OR_BLEEDING = ("nsaid-caution/peptic-ulcer", "nsaid-caution/gi-bleeding")
_AFTER_BYPASS = "nsaid-caution/cabg"
_AFTER_ASPIRIN = "nsaid-caution/aspirin-exacerbated-asthma"
_SEVERE_KIDNEY, _KIDNEY_INJURY = "nsaid-caution/ckd-severe", "nsaid-caution/acute-kidney-injury"
_EGFR = "obs/egfr"
FAILING_KIDNEYS = frozenset({_EGFR, _SEVERE_KIDNEY, _KIDNEY_INJURY})


def allergy(chart: SafetyChart) -> list[Evidence]:
    """Any NSAID or aspirin allergy, unless stomach upset is the only reaction recorded."""
    entries = [
        a for a in chart.record.allergic(ALLERGENS) if a.reaction is not Criticality.ONLY_GASTROINTESTINAL
    ]
    conditions = chart.active("S1", "nsaid-caution/nsaid-allergy", _AFTER_ASPIRIN)
    return [Evidence("S1", a, day(a.recorded)) for a in entries] + conditions


def recent_bypass(chart: SafetyChart) -> list[Evidence]:
    """Coronary bypass in the last days; an undated "bypass present" cannot show that."""
    days = chart.thresholds.cabg_lookback_days
    dated = [s for s in chart.record.affirmed((_AFTER_BYPASS,)) if chart.record.is_within(day(s.onset), days)]
    return chart.done_within("S1", days, _AFTER_BYPASS) + [evidence_of("S1", s) for s in dated]


def ulcer_or_bleeding(chart: SafetyChart) -> list[Evidence]:
    """Active, or ended in the last weeks."""
    entries = chart.record.affirmed(ULCER_OR_BLEEDING)
    return [evidence_of("S1", s) for s in entries if is_recent_ulcer(chart, s)]


def is_recent_ulcer(chart: SafetyChart, entry: Statement) -> bool:
    """Whether an ulcer or bleeding is active or recent enough to rule an NSAID out."""
    last = day(entry.abated) or entry.newest_on
    return entry.is_active or chart.record.is_within(last, chart.thresholds.ulcer_bleed_lookback_days)


def kidney_failure(chart: SafetyChart) -> list[Evidence]:
    """Very low filtration, severe kidney disease, dialysis, or acute kidney injury.

    A result without a date calls for caution (S2) and rules nothing out.
    """
    days = chart.thresholds.egfr_lookback_days
    low = egfr_below(chart.newest_dated(_EGFR, days), chart.thresholds.egfr_severe)
    measured = [Evidence("S1", m, day(m.taken)) for m in low]
    coded = chart.active("S1", _SEVERE_KIDNEY, _KIDNEY_INJURY)
    return measured + coded + chart.done_within("S1", days, _SEVERE_KIDNEY)


def undated_kidney_failure(chart: SafetyChart) -> list[Evidence]:
    """Very low filtration in a result without a date."""
    low = egfr_below(chart.undated(_EGFR), chart.thresholds.egfr_severe)
    return [Evidence("S1", m, None) for m in low]


def egfr_below(results: Iterable[Measurement], limit: float) -> list[Measurement]:
    """The eGFR results below a limit ("<30" is below 30)."""
    return [m for m in results if m.value is not None and _is_below(m.value, m.comparator, limit)]


def has_filtration_result(chart: SafetyChart) -> bool:
    """Whether any eGFR that may be of the look-back is on file, be it only a flag on another unit's value."""
    days = chart.thresholds.egfr_lookback_days
    return any(chart.record.may_be_within(day(m.taken), days) for m in chart.record.measured((_EGFR,)))


def _is_below(value: float, comparator: str | None, limit: float) -> bool:
    return value < limit or (comparator == "<" and value <= limit)


def late_pregnancy(chart: SafetyChart) -> list[Evidence]:
    """Pregnancy from 30 weeks."""
    found = current_pregnancy(chart)
    if found is None or found.days is None or found.days < chart.thresholds.pregnancy_late_days:
        return []
    return list(found.evidence)


DANGERS: Mapping[str, Check] = {
    "term.nsaid-allergy": Check(frozenset({*ALLERGENS, _AFTER_ASPIRIN}), allergy),
    "term.recent-bypass": Check(frozenset({_AFTER_BYPASS}), recent_bypass),
    "term.ulcer-or-bleeding": Check(frozenset(ULCER_OR_BLEEDING), ulcer_or_bleeding),
    "term.kidney-failure": Check(FAILING_KIDNEYS, kidney_failure),
    "term.pregnancy-late": Check(PREGNANCY, late_pregnancy),
}
