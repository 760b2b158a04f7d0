"""What speaks against an NSAID: S1 (critical), S2 (warning), and what is not on file. Beyond the article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.assessment import NsaidLevel, NsaidSafety
from cds_service.pathway.evidence import newest_first
from cds_service.pathway.rules.nsaid_cautions import CAUTIONS
from cds_service.pathway.rules.nsaid_dangers import DANGERS, has_filtration_result
from cds_service.pathway.rules.pregnancy import is_pregnancy_documented
from cds_service.pathway.rules.safety_chart import DRUG_KEYS, DRUG_TYPES, SafetyChart, safety_chart
from cds_service.pathway.vocabulary import Sex

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.case import NeckPainCase

_AGE = "term.nsaid-age"
_PARTLY_READ = "part"
_ALSO_READ = {
    "conditions": "term.unread-conditions",
    "observations": "term.unread-observations",
    "procedures": "term.unread-procedures",
}
_WHERE = {
    "egfr": frozenset({"observations"}),
    "allergies": frozenset({"allergies"}),
    "pregnancy": frozenset({"conditions", "observations"}),
}


def judge_nsaid(case: NeckPainCase, thresholds: Thresholds) -> NsaidSafety:
    """S1 and S2 for this patient, every reason named.

    Without allergies or medications nothing can be cleared: then the level is at least UNREADABLE.
    """
    chart = safety_chart(case, thresholds)
    dangers = {key: found for key, check in DANGERS.items() if (found := check.found(chart))}
    cautions = {key: found for key, check in CAUTIONS.items() if (found := check.found(chart))}
    reasons = [*dangers, *cautions]
    if chart.is_aged(thresholds.nsaid_high_age_years):
        reasons.append(_AGE)
    unread = _unread(chart)
    evidence = newest_first(e for found in (dangers | cautions).values() for e in found)
    level = _level(bool(dangers), bool(reasons), bool(unread))
    unchecked = (*(unread if reasons else ()), *_unchecked(chart))
    return NsaidSafety(level, tuple(reasons) or unread, _not_documented(chart), evidence, unchecked)


def _level(has_danger: bool, has_reason: bool, is_unread: bool) -> NsaidLevel:
    if has_danger:
        return NsaidLevel.CRITICAL
    if has_reason:
        return NsaidLevel.WARNING
    return NsaidLevel.UNREADABLE if is_unread else NsaidLevel.NONE


def _unread(chart: SafetyChart) -> tuple[str, ...]:
    """What could not be read: a whole list, or an entry of it that might be about anything."""
    unread = chart.case.readability
    unknown = {i.ref.partition("/")[0] for i in unread.not_interpretable if i.why != _PARTLY_READ}
    found = {
        "term.unread-allergies": "allergies" in unread.incomplete or "AllergyIntolerance" in unknown,
        "term.unread-medications": bool(DRUG_KEYS & unread.incomplete or DRUG_TYPES & unknown),
    }
    return tuple(key for key, applies in found.items() if applies)


def _unchecked(chart: SafetyChart) -> tuple[str, ...]:
    """What else the checks read and could not: nothing was found there, and nothing is known to be absent."""
    incomplete = chart.case.readability.incomplete
    return tuple(term for key, term in _ALSO_READ.items() if key in incomplete)


def _not_documented(chart: SafetyChart) -> tuple[str, ...]:
    """What a prescriber would want to know and the record, read in full, does not say."""
    missing = {
        "egfr": not has_filtration_result(chart),
        "allergies": not chart.case.allergies and not chart.record.about(("absent/allergy",)),
        "pregnancy": _may_be_pregnant(chart) and not is_pregnancy_documented(chart),
    }
    incomplete = chart.case.readability.incomplete
    return tuple(key for key, applies in missing.items() if applies and not _WHERE[key] & incomplete)


def _may_be_pregnant(chart: SafetyChart) -> bool:
    age = chart.case.age_years
    is_young = age is None or age.at_least <= chart.thresholds.pregnancy_asked_until_age_years
    return chart.case.sex is not Sex.MALE and is_young
