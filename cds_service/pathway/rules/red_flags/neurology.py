"""Weakness that progresses (R14) and neurological deficit (R15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.evidence import Reading, active_diagnoses, evidence_of, with_notes
from cds_service.pathway.facts import Statement
from cds_service.pathway.record import started_on
from cds_service.pathway.rules.red_flags.chart import Chart, conclude
from cds_service.pathway.rules.red_flags.concepts import CORD, CORD_INJURY, MOTOR, PARALYSIS
from cds_service.pathway.rules.red_flags.numbers import UNDATED, measured
from cds_service.pathway.rules.red_flags.strength import MuscleExams, muscle_exams, undated_weakness
from cds_service.pathway.vocabulary import Course, Presence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.pathway.finding import Evidence, Finding

_POSSIBLE_CORD = "red-flag/myelopathy-possible"


def progressive_weakness(chart: Chart) -> Finding:
    """R14: weakness stated as progressing, or the same muscle and side weaker than at an earlier exam.

    The course is that of the weakness itself, never the pain's.
    """
    days = chart.thresholds.weakness_lookback_days
    coded = chart.read("R14", days)
    exams = muscle_exams(chart, days)
    reading = Reading(
        tuple(e for e in coded.present if _course(e) is Course.PROGRESSING) + _weakened(chart, exams),
        tuple(e for e in coded.present + coded.possible if _is_open(e)) + _weak_now(chart, exams),
        coded.absent + _at_full_strength(chart, exams),
    )
    return conclude(chart, "R14", reading)


def _course(evidence: Evidence) -> Course | None:
    """The course stated about a deficit, else the one in its own words ("progressive weakness")."""
    stated = evidence.fact.course if isinstance(evidence.fact, Statement) else None
    return stated or (Course.PROGRESSING if "progressing" in _qualities(evidence) else None)


def _is_open(evidence: Evidence) -> bool:
    """Weakness whose course nobody stated; a stable or improving one is not progressive."""
    return _course(evidence) in (None, Course.PROGRESSING)


def _weakened(chart: Chart, exams: Iterable[MuscleExams]) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    for muscle in exams:
        before = muscle.earlier_stronger(chart.thresholds.strength_drop_grades)
        if before is not None:
            found.append(measured("R14", muscle.newest, "weaker-than-before"))
            found.append(measured("R14", before, "strength-before"))
    return tuple(found)


def _weak_now(chart: Chart, exams: Iterable[MuscleExams]) -> tuple[Evidence, ...]:
    """Muscles weak at their newest exam, unless earlier exams show that they have not become weaker.

    An exam without a date can be compared with none.
    """
    weak = [m for m in exams if _is_below(m, chart.thresholds.strength_full_grade)]
    unclear = [m for m in weak if len({e.taken for e in m.exams}) == 1 or not m.muscle]
    undated = tuple(measured("R14", e, "progression-not-stated", UNDATED) for e in undated_weakness(chart))
    return tuple(measured("R14", m.newest, "progression-not-stated") for m in unclear) + undated


def _is_below(muscle: MuscleExams, grade: float) -> bool:
    return muscle.newest.value is not None and muscle.newest.value < grade


def _at_full_strength(chart: Chart, exams: tuple[MuscleExams, ...]) -> tuple[Evidence, ...]:
    full = chart.thresholds.strength_full_grade
    if any(_is_below(muscle, full) for muscle in exams):
        return ()
    return tuple(measured("R14", muscle.newest) for muscle in exams)


def deficit(chart: Chart) -> Finding:
    """R15: a deficit that progresses, is severe, or spans root levels; coded myelopathy counts here.

    One stable or undated mild deficit of a single root is possible.
    """
    days = chart.thresholds.deficit_lookback_days
    coded = _without_cord(chart.read("R15", days))
    serious = _is_several_levels(coded.present)
    present = tuple(e for e in coded.present if serious or _is_serious(e))
    mild = tuple(e for e in coded.present if not serious and not _is_serious(e))
    deficits = Reading(present, mild + coded.possible, tuple(e for e in coded.absent if _is_about_senses(e)))
    others = _old_paralysis_doubted(chart, deficits, days).joined(_cord(chart))
    finding = conclude(chart, "R15", others.joined(_strength(chart, days)))
    told = any(_is_about_senses(e) for part in _parts(others) for e in part)
    is_strength_alone = bool(finding.evidence) and not told and not finding.unread
    return structs.replace(finding, lacks=("sensation",)) if is_strength_alone else finding


def _without_cord(reading: Reading) -> Reading:
    """Deficits alone: diagnoses of the cord follow their own rule."""
    return Reading(*(tuple(e for e in part if not _is_cord(e)) for part in _parts(reading)))


def _parts(reading: Reading) -> tuple[tuple[Evidence, ...], ...]:
    return (reading.present, reading.possible, reading.absent)


def _concepts(evidence: Evidence) -> frozenset[str]:
    return evidence.fact.concepts if isinstance(evidence.fact, Statement) else frozenset()


def _is_cord(evidence: Evidence) -> bool:
    return bool(_concepts(evidence) & (CORD | {_POSSIBLE_CORD}))


def _is_serious(evidence: Evidence) -> bool:
    concepts = _concepts(evidence)
    is_severe_motor = bool(concepts & MOTOR) and "severe" in _qualities(evidence)
    is_severe = PARALYSIS in concepts or CORD_INJURY in concepts or is_severe_motor
    return is_severe or _course(evidence) is Course.PROGRESSING


def _qualities(evidence: Evidence) -> frozenset[str]:
    return evidence.fact.qualities if isinstance(evidence.fact, Statement) else frozenset()


def _is_several_levels(evidence: Iterable[Evidence]) -> bool:
    """Whether deficits belong to more than one root; disc levels ("C6-7") name no root."""
    roots = {level for e in evidence if isinstance(e.fact, Statement) for level in e.fact.levels}
    return len({root for root in roots if "-" not in root}) > 1


def _is_about_senses(evidence: Evidence) -> bool:
    """Denied weakness is told under R14; it says nothing about sensation and reflexes."""
    return not _concepts(evidence) <= MOTOR


def _old_paralysis_doubted(chart: Chart, reading: Reading, days: int) -> Reading:
    """Paralysis from before pain and look-back may have another cause (an old stroke): only possible."""
    old = tuple(e for e in reading.present if _is_old_paralysis(chart, e, days))
    present = tuple(e for e in reading.present if e not in old)
    doubted = tuple(with_notes(e, "predates-pain") for e in old)
    return Reading(present, reading.possible + doubted, reading.absent)


def _is_old_paralysis(chart: Chart, evidence: Evidence, days: int) -> bool:
    if not isinstance(evidence.fact, Statement) or PARALYSIS not in evidence.fact.concepts:
        return False
    began = started_on(evidence.fact)
    is_old = chart.predates_pain(began) and not chart.record.is_within(began, days)
    return is_old and _course(evidence) is not Course.PROGRESSING


def _strength(chart: Chart, days: int) -> Reading:
    limits = chart.thresholds
    weak = [m for m in muscle_exams(chart, days) if _is_below(m, limits.strength_full_grade)]
    severe = [m for m in weak if (m.newest.value or 0) <= limits.strength_severe_grade]
    mild = [m for m in weak if m not in severe]
    undated = tuple(measured("R15", e, UNDATED) for e in undated_weakness(chart))
    return Reading(
        tuple(measured("R15", m.newest, "severe-weakness") for m in severe),
        tuple(measured("R15", m.newest) for m in mild) + undated,
    )


def _cord(chart: Chart) -> Reading:
    """Active coded myelopathy or cord compression, at any date; without a level it is possible [I-18]."""
    active = active_diagnoses(chart.record, (*CORD, _POSSIBLE_CORD))
    proven = [s for s in active if s.concepts & CORD and s.presence is Presence.PRESENT]
    doubtful = [s for s in active if s not in proven]
    return Reading(
        tuple(evidence_of("R15", s, name="R15-myelopathy") for s in proven),
        tuple(evidence_of("R15", s, name="R15-myelopathy") for s in doubtful),
    )
