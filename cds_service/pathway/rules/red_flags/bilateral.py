"""Symptoms in both arms, or in arms and legs (R16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import Reading, Signs, read, with_notes
from cds_service.pathway.facts import Statement
from cds_service.pathway.rules.red_flags.chart import Chart, conclude
from cds_service.pathway.rules.red_flags.concepts import MOTOR, RADICULOPATHY, SENSORY
from cds_service.pathway.rules.red_flags.numbers import measured
from cds_service.pathway.rules.red_flags.strength import MuscleExams, muscle_exams
from cds_service.pathway.vocabulary import Side, Site

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.pathway.finding import Evidence, Finding

_BOTH_SIDES = frozenset({Side.LEFT, Side.RIGHT})
_ARM_AND_LEG = frozenset({Site.ARM, Site.LEG})


def bilateral_symptoms(chart: Chart) -> Finding:
    """R16: numbness, tingling, weakness or clumsiness of both arms, or of arms and legs.

    Bilateral arm pain alone is possible; neck or trapezius pain on both sides is nothing.
    """
    days = chart.thresholds.bilateral_lookback_days
    reading = chart.read("R16", days).joined(_combined(chart, days)).joined(_arm_pain(chart, days))
    return conclude(chart, "R16", reading.joined(_strength(chart, days)))


def _signs(chart: Chart, days: int, concepts: Iterable[str]) -> Signs:
    return Signs("R16", days, chart.thresholds.stale_after_days, strong=frozenset(concepts))


def _combined(chart: Chart, days: int) -> Reading:
    """One-sided symptoms that together make both arms, or arms and legs."""
    symptoms = read(chart.record, _signs(chart, days, {*MOTOR, SENSORY}))
    sure = _spread(symptoms.present)
    hinted = () if sure else _spread(symptoms.present + symptoms.possible)
    unplaced = tuple(with_notes(e, "site-not-stated") for e in symptoms.present if _is_both_somewhere(e))
    return Reading(sure, hinted + unplaced)


def _spread(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The evidence that covers both arms or arms and legs; nothing when it covers less."""
    arms = tuple(e for e in evidence if Site.ARM in _sites(e))
    limbs = tuple(e for e in evidence if _sites(e) & _ARM_AND_LEG)
    if frozenset[Site]().union(*(_sites(e) for e in limbs)) >= _ARM_AND_LEG:
        return limbs
    sides = frozenset[Side]().union(*(_sides(e) for e in arms))
    return arms if sides >= _BOTH_SIDES else ()


def _sites(evidence: Evidence) -> frozenset[Site]:
    return evidence.fact.sites if isinstance(evidence.fact, Statement) else frozenset()


def _sides(evidence: Evidence) -> frozenset[Side]:
    side = evidence.fact.side if isinstance(evidence.fact, Statement) else None
    if side is None:
        return frozenset()
    return _BOTH_SIDES if side is Side.BOTH else frozenset({side})


def _is_both_somewhere(evidence: Evidence) -> bool:
    return not _sites(evidence) and _sides(evidence) == _BOTH_SIDES


def _arm_pain(chart: Chart, days: int) -> Reading:
    """Arm pain on both sides: a radiculopathy recorded as bilateral."""
    roots = read(chart.record, _signs(chart, days, {RADICULOPATHY}))
    both = tuple(with_notes(e, "arm-pain-only") for e in roots.present if _sides(e) == _BOTH_SIDES)
    return Reading(possible=both)


def _strength(chart: Chart, days: int) -> Reading:
    """The same muscle weak on both sides; whether it moves an arm or a leg the exam does not say in code."""
    full = chart.thresholds.strength_full_grade
    weak = [m for m in muscle_exams(chart, days) if m.muscle and (m.newest.value or 0) < full]
    found = tuple(m for m in weak if m.side is Side.BOTH or _has_other_side(m, weak))
    return Reading(possible=tuple(measured("R16", m.newest, "weak-on-both-sides") for m in found))


def _has_other_side(muscle: MuscleExams, weak: Iterable[MuscleExams]) -> bool:
    sides = frozenset(other.side for other in weak if other.muscle == muscle.muscle)
    return sides >= _BOTH_SIDES
