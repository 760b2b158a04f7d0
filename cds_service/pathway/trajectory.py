"""Whether the pain is resolving, stable or progressing (2.7, I-2)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cds_service.pathway.assessment import Trajectory
from cds_service.pathway.facts import CourseStatement, Measurement
from cds_service.pathway.finding import Evidence
from cds_service.pathway.record import day, record_of
from cds_service.pathway.vocabulary import Course
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Episode
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.vocabulary import Source

_PERCENT = 100  # a share of the whole, no number of the guideline
_DIGITS = 6
_SCORE = "obs/pain-severity"
_RULE = "R32"
# Prefetch keys that may hold the course of the pain.
_KEYS = frozenset({"conditions", "observations", "questionnaireResponses", "goals"})


def assess_trajectory(case: NeckPainCase, episode: Episode, thresholds: Thresholds) -> Trajectory:
    """The course of the pain: a clinician's statement, unless scores taken later say otherwise."""
    stated = _stated(case, episode, thresholds)
    scored = _scored(case, episode, thresholds)
    if stated is None or (scored is not None and scored.on is not None and scored.on > stated.on.on):
        return scored or Trajectory(is_unread=bool(_KEYS & case.readability.incomplete))
    return Trajectory(
        stated.course, stated.on.on, is_stated=True, evidence=(Evidence(_RULE, stated, stated.on.on),)
    )


def _stated(case: NeckPainCase, episode: Episode, thresholds: Thresholds) -> CourseStatement | None:
    """Newest statement of the course in this episode; one that is too old says nothing of today.

    Of two statements of one day the worse counts.
    """
    said = [
        *case.courses,
        *(
            CourseStatement(p.course, p.source, p.course_on)
            for p in episode.pains
            if p.course and p.course_on
        ),
    ]
    current = [
        s
        for s in said
        if (case.as_of - s.on.on).days <= thresholds.course_statement_max_age_days
        and _is_since(s.on.on, episode)
    ]
    return max(current, key=lambda s: (s.on.on, _WORSE.index(s.course), s.source.ref), default=None)


_WORSE = (Course.RESOLVING, Course.STABLE, Course.PROGRESSING)


def _is_since(on: date, episode: Episode) -> bool:
    return episode.onset is None or on >= episode.onset.on


def _scored(case: NeckPainCase, episode: Episode, thresholds: Thresholds) -> Trajectory | None:
    """The course between the newest score and the one before it that is old enough to compare with."""
    scores = sorted(_dated_scores(case, episode), key=lambda score: (score.on, score.value, score.source.ref))
    if not scores or (case.as_of - scores[-1].on).days > thresholds.score_latest_within_days:
        return None
    latest = scores[-1]
    earlier = [s for s in scores if (latest.on - s.on).days >= thresholds.score_pair_apart_days]
    if not earlier:
        return None
    course = _course(earlier[-1].value, latest.value, thresholds)
    evidence = tuple(Evidence(_RULE, score.fact, score.on) for score in (latest, earlier[-1]))
    return Trajectory(course, latest.on, evidence=evidence)


class Score(Value, frozen=True):
    """A pain score with its day and value."""

    on: date
    value: float
    fact: Measurement

    @property
    def source(self) -> Source:
        """Where it stands."""
        return self.fact.source


def _dated_scores(case: NeckPainCase, episode: Episode) -> Iterator[Score]:
    """Scores of this episode that have a day and a value; of "less than 7" nobody knows which."""
    for result in record_of(case).measured((_SCORE,)):
        on = day(result.taken)
        if result.value is not None and result.comparator is None and on and _is_since(on, episode):
            yield Score(on, result.value, result)


def _course(before: float, now: float, thresholds: Thresholds) -> Course:
    # Scores have a decimal at most; what is left of binary fractions must not decide.
    fall = round(before - now, _DIGITS)
    share = round(fall * _PERCENT / before, _DIGITS) if before > 0 else 0.0
    if fall >= thresholds.score_fall_points or share >= thresholds.score_fall_percent:
        return Course.RESOLVING
    return Course.PROGRESSING if -fall >= thresholds.score_rise_points else Course.STABLE
