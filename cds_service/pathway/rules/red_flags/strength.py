"""Muscle strength on the 0-5 scale: which muscles are weak now, and which have become weaker."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cds_service.pathway.record import day
from cds_service.pathway.rules.red_flags.concepts import MEASURED
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.pathway.facts import Measurement
    from cds_service.pathway.rules.red_flags.chart import Chart
    from cds_service.pathway.vocabulary import Side


class MuscleExams(Value, frozen=True):
    """The exams of one muscle on one side, newest first; of several on a day the weakest counts."""

    muscle: str
    side: Side | None
    exams: tuple[Measurement, ...]

    @property
    def newest(self) -> Measurement:
        """The exam that says how the muscle is now."""
        return self.exams[0]

    def earlier_stronger(self, grades: float) -> Measurement | None:
        """An exam of an earlier day that was better by at least so many grades.

        Without the name of the muscle two exams cannot be compared.
        """
        if not self.muscle:
            return None
        earlier = [e for e in self.exams if day(e.taken) != day(self.newest.taken)]
        best = max(earlier, key=_grade, default=None)
        return best if best is not None and _grade(best) - _grade(self.newest) >= grades else None


def muscle_exams(chart: Chart, days: int) -> tuple[MuscleExams, ...]:
    """Dated exams in the look-back, by muscle and side."""
    groups: dict[tuple[str, Side | None], list[Measurement]] = {}
    for exam in chart.record.measured(MEASURED["R14"]):
        if exam.value is not None and chart.record.is_within(day(exam.taken), days):
            groups.setdefault((exam.muscle, exam.side), []).append(exam)
    return tuple(MuscleExams(*key, _newest_first(found)) for key, found in groups.items())


def undated_weakness(chart: Chart) -> tuple[Measurement, ...]:
    """Weak muscles at exams without a date, which may be of today or of long ago."""
    full = chart.thresholds.strength_full_grade
    exams = chart.record.measured(MEASURED["R14"])
    return tuple(e for e in exams if e.taken is None and e.value is not None and e.value < full)


def _newest_first(exams: Iterable[Measurement]) -> tuple[Measurement, ...]:
    return tuple(sorted(exams, key=lambda e: (-_ordinal(e), _grade(e), e.source.ref)))


def _ordinal(exam: Measurement) -> int:
    return (day(exam.taken) or date.min).toordinal()


def _grade(exam: Measurement) -> float:
    return exam.value or 0
