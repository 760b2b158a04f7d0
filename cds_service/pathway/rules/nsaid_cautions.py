"""S2: what calls for caution with an NSAID."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cds_service.pathway.evidence import evidence_of
from cds_service.pathway.finding import Evidence
from cds_service.pathway.record import day, started_on
from cds_service.pathway.rules.nsaid_dangers import (
    ALLERGENS,
    FAILING_KIDNEYS,
    ULCER_OR_BLEEDING,
    egfr_below,
    is_recent_ulcer,
    kidney_failure,
)
from cds_service.pathway.rules.pregnancy import PREGNANCY, current_pregnancy
from cds_service.pathway.rules.safety_chart import Check
from cds_service.pathway.vocabulary import Criticality, Flagging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_service.pathway.facts import DrugUse, Measurement
    from cds_service.pathway.rules.safety_chart import SafetyChart

_ISCHAEMIA = ("nsaid-caution/ischaemic-heart-disease", "nsaid-caution/recent-mi")
_KIDNEY_DISEASE, _PAST_ULCER = "nsaid-caution/ckd", "nsaid-caution/ulcer-history"
_SYSTOLIC, _DIASTOLIC = "obs/systolic", "obs/diastolic"
_BLOCKERS, _DIURETIC = ("drug/ace-inhibitor", "drug/arb"), "drug/diuretic"
_COMPLAINT = ("nsaid-caution/dyspepsia",)
_NSAIDS = ("drug/nsaid", "drug/ibuprofen")
# What a laboratory calls reduced, or out of range without saying which way.
_LOWERED = (Flagging.LOW, Flagging.ABNORMAL)


def _taking(*concepts: str) -> Check:
    return Check(frozenset(concepts), lambda chart: chart.taking("S2", *concepts))


def _active(*concepts: str) -> Check:
    return Check(frozenset(concepts), lambda chart: chart.active("S2", *concepts))


def _ischaemia(chart: SafetyChart) -> list[Evidence]:
    """A past infarction or stroke counts as much as a current entry."""
    return chart.ever("S2", *_ISCHAEMIA)


def kidney_disease(chart: SafetyChart) -> list[Evidence]:
    """Reduced filtration; or coded kidney disease when no filtration rate is on file to judge it.

    Beside a failure of the kidneys, which rules the drug out, this is no news.
    """
    if kidney_failure(chart):
        return []
    limits = chart.thresholds
    latest = chart.maybe_newest("obs/egfr", limits.egfr_lookback_days)
    low = egfr_below(latest, limits.egfr_moderate)
    found = [Evidence("S2", m, day(m.taken)) for m in (*low, *_flagged_filtration(chart))]
    return found or ([] if _is_measured(chart) else chart.active("S2", _KIDNEY_DISEASE))


def _is_measured(chart: SafetyChart) -> bool:
    """Whether a filtration rate of the look-back is on file; one without a date may be older."""
    days = chart.thresholds.egfr_lookback_days
    return any(chart.record.is_within(day(m.taken), days) for m in chart.record.measured(("obs/egfr",)))


def _flagged_filtration(chart: SafetyChart) -> list[Measurement]:
    """An eGFR without a usable number that the laboratory calls low or abnormal, unless a number is newer."""
    days = chart.thresholds.egfr_lookback_days
    counted = chart.newest_dated("obs/egfr", days)
    since = max((m.taken.on for m in counted if m.taken), default=date.min)
    flagged = [m for m in chart.record.measured(("obs/egfr",)) if m.flagging in _LOWERED and m.value is None]
    recent = [
        m for m in flagged if m.taken and m.taken.on >= since and chart.record.is_within(m.taken.on, days)
    ]
    return recent if counted or recent else [m for m in flagged if m.taken is None]


def blood_pressure(chart: SafetyChart) -> list[Evidence]:
    """The latest blood pressure when either number reaches its limit."""
    limits = {
        _SYSTOLIC: chart.thresholds.blood_pressure_systolic_mmhg,
        _DIASTOLIC: chart.thresholds.blood_pressure_diastolic_mmhg,
    }
    high = [m for concept, limit in limits.items() for m in chart.maybe_newest(concept) if _reaches(m, limit)]
    return [Evidence("S2", m, day(m.taken)) for m in high]


def _reaches(result: Measurement, limit: float) -> bool:
    return result.value is not None and result.value >= limit


def past_ulcer(chart: SafetyChart) -> list[Evidence]:
    """An ulcer or bleeding in the past."""
    old = [s for s in chart.record.affirmed(ULCER_OR_BLEEDING) if not is_recent_ulcer(chart, s)]
    return [evidence_of("S2", s) for s in old] + chart.ever("S2", _PAST_ULCER)


def stomach_upset(chart: SafetyChart) -> list[Evidence]:
    """An NSAID upset the stomach: an intolerance with that reaction alone, or a complaint while on one."""
    entries = chart.record.allergic(ALLERGENS)
    only_stomach = [a for a in entries if a.reaction is Criticality.ONLY_GASTROINTESTINAL]
    complaints = [s for s in chart.record.affirmed(_COMPLAINT) if s.is_active]
    drugs = chart.record.used(_NSAIDS)
    on_drug = [s for s in complaints if any(_is_during(started_on(s), drug) for drug in drugs)]
    return [Evidence("S2", a, day(a.recorded)) for a in only_stomach] + [
        evidence_of("S2", s) for s in on_drug
    ]


def _is_during(on: date | None, drug: DrugUse) -> bool:
    """Whether a complaint began while the drug was taken; an undated one counts against a drug in use."""
    start, end = day(drug.start), day(drug.end)
    if on is None or start is None:
        return drug.is_current
    return start <= on and (drug.is_current or (end is not None and on <= end))


def advised_pregnancy(chart: SafetyChart) -> list[Evidence]:
    """Pregnancy from 20 weeks, where the FDA advises against NSAIDs, up to 30 weeks."""
    limits = chart.thresholds
    found = current_pregnancy(chart)
    if found is None or found.days is None:
        return []
    is_due = limits.pregnancy_fda_advice_days <= found.days < limits.pregnancy_late_days
    return list(found.evidence) if is_due else []


def early_pregnancy(chart: SafetyChart) -> list[Evidence]:
    """Pregnancy under 20 weeks, or of unknown dates."""
    found = current_pregnancy(chart)
    if found is None or (found.days or 0) >= chart.thresholds.pregnancy_fda_advice_days:
        return []
    return list(found.evidence)


def blocker_with_diuretic(chart: SafetyChart) -> list[Evidence]:
    """An ACE inhibitor or angiotensin blocker together with a diuretic."""
    blockers = chart.taking("S2", *_BLOCKERS)
    diuretics = chart.taking("S2", _DIURETIC)
    return blockers + diuretics if blockers and diuretics else []


CAUTIONS: Mapping[str, Check] = {
    "term.anticoagulant": _taking("drug/anticoagulant"),
    "term.antiplatelet": _taking("drug/antiplatelet", "drug/aspirin"),
    "term.other-nsaid": _taking(*_NSAIDS),
    "term.systemic-steroid": _taking("drug/systemic-corticosteroid"),
    "term.kidney-disease": Check(FAILING_KIDNEYS | {_KIDNEY_DISEASE}, kidney_disease),
    "term.heart-failure": _active("nsaid-caution/heart-failure"),
    "term.ischaemic-disease": Check(frozenset(_ISCHAEMIA), _ischaemia),
    "term.blood-pressure": Check(frozenset({_SYSTOLIC, _DIASTOLIC}), blood_pressure),
    "term.past-ulcer": Check(frozenset({*ULCER_OR_BLEEDING, _PAST_ULCER}), past_ulcer),
    "term.stomach-upset": Check(frozenset({*ALLERGENS, *_COMPLAINT}), stomach_upset),
    "term.cirrhosis": _active("nsaid-caution/liver-disease"),
    "term.pregnancy-20-weeks": Check(PREGNANCY, advised_pregnancy),
    "term.pregnancy": Check(PREGNANCY, early_pregnancy),
    "term.lithium-or-methotrexate": _taking("drug/lithium", "drug/methotrexate"),
    "term.blocker-with-diuretic": Check(frozenset({*_BLOCKERS, _DIURETIC}), blocker_with_diuretic),
}
