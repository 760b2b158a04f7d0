"""S3: what speaks against a skeletal muscle relaxant. Beyond the article, which names no drug."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from cds_service.pathway.evidence import newest_first
from cds_service.pathway.finding import Evidence
from cds_service.pathway.rules.safety_chart import DRUG_KEYS, SafetyChart, safety_chart
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.case import NeckPainCase

CYCLOBENZAPRINE = "drug/cyclobenzaprine"
CARISOPRODOL = "drug/carisoprodol"
ANY_AGENT = frozenset({CYCLOBENZAPRINE, CARISOPRODOL})
_READS = DRUG_KEYS | {"conditions"}
Checks = Mapping[str, Callable[[SafetyChart], list[Evidence]]]


class RelaxantLevel(StrEnum):
    """How much speaks against a relaxant."""

    NONE = "none"
    WARNING = "warning"
    CRITICAL = "critical"
    UNREADABLE = "unreadable"  # conditions or medications could not be read: nothing is cleared


class RelaxantSafety(Value, frozen=True):
    """S3 for this patient; ``reasons`` are wording keys, most serious first."""

    level: RelaxantLevel = RelaxantLevel.NONE
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def judge_relaxant(
    case: NeckPainCase, thresholds: Thresholds, agents: frozenset[str] = ANY_AGENT
) -> RelaxantSafety:
    """S3 for the agents in question.

    Args:
        case: The patient.
        thresholds: The guideline's numbers.
        agents: Concepts of the drug on order; where no drug is named (R30) every agent's cautions apply.
    """
    chart = safety_chart(case, thresholds)
    dangers = _hits(chart, _DANGERS if CYCLOBENZAPRINE in agents else {})
    cautions = _hits(chart, _cautions(agents))
    reasons = [*dangers, *cautions]
    if chart.is_aged(thresholds.relaxant_high_age_years):
        reasons.append("term.relaxant-age")
    evidence = newest_first(e for found in (dangers | cautions).values() for e in found)
    return RelaxantSafety(_level(chart, bool(dangers), bool(reasons)), tuple(reasons), evidence)


def _level(chart: SafetyChart, has_danger: bool, has_reason: bool) -> RelaxantLevel:
    if has_danger:
        return RelaxantLevel.CRITICAL
    if has_reason:
        return RelaxantLevel.WARNING
    is_unread = bool(_READS & chart.case.readability.incomplete)
    return RelaxantLevel.UNREADABLE if is_unread else RelaxantLevel.NONE


def _hits(chart: SafetyChart, checks: Checks) -> dict[str, list[Evidence]]:
    return {key: found for key, check in checks.items() if (found := check(chart))}


def _cautions(agents: frozenset[str]) -> Checks:
    """Cautions of any relaxant, then of the agents in question."""
    cyclobenzaprine = _CYCLOBENZAPRINE_CAUTIONS if CYCLOBENZAPRINE in agents else {}
    carisoprodol = _CARISOPRODOL_CAUTIONS if CARISOPRODOL in agents else {}
    return {**_ANY_AGENT_CAUTIONS, **cyclobenzaprine, **carisoprodol}


def _taking(*concepts: str) -> Callable[[SafetyChart], list[Evidence]]:
    return lambda chart: chart.taking("S3", *concepts)


def _active(*concepts: str) -> Callable[[SafetyChart], list[Evidence]]:
    return lambda chart: chart.active("S3", *concepts)


def _mao_inhibitor(chart: SafetyChart) -> list[Evidence]:
    return chart.taken_within("S3", chart.thresholds.mao_inhibitor_lookback_days, "drug/mao-inhibitor")


def _recent_infarction(chart: SafetyChart) -> list[Evidence]:
    return chart.since("S3", chart.thresholds.mi_recovery_days, "nsaid-caution/recent-mi")


_DANGERS: Checks = {
    "term.mao-inhibitor": _mao_inhibitor,
    "term.recent-infarction": _recent_infarction,
    "term.arrhythmia": _active("relaxant-caution/arrhythmia"),
    "term.heart-failure": _active("nsaid-caution/heart-failure"),
    "term.hyperthyroidism": _active("relaxant-caution/hyperthyroidism"),
}
_ANY_AGENT_CAUTIONS: Checks = {
    "term.opioid": _taking("drug/opioid"),
    "term.benzodiazepine": _taking("drug/benzodiazepine"),
}
_CYCLOBENZAPRINE_CAUTIONS: Checks = {
    "term.glaucoma": _active("relaxant-caution/glaucoma"),
    "term.urinary-retention": _active("relaxant-caution/urinary-retention"),
    "term.hepatic-impairment": _active("relaxant-caution/hepatic"),
    "term.serotonergic": _taking("drug/serotonergic"),
}
_CARISOPRODOL_CAUTIONS: Checks = {
    "term.substance-use": _active("relaxant-caution/substance-use"),
}
