"""What an observation says beside its finding: a course, and of which pain a score is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.mapped import FocusedCourse, FocusedScore
from cds_service.fhir_mapping.values import course_of
from cds_service.pathway.facts import CourseStatement
from cds_service.pathway.vocabulary import Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.exam import Exam
    from cds_service.fhir_mapping.mapped import Mapped
    from cds_service.fhir_mapping.values import Answer
    from cds_service.fhir_r4.resources import Finding, Observation


def told(name: words.Named, said: Answer) -> str:
    """Question and answer as the record words them."""
    return f"{name.text}: {said.text}" if name.text and said.text else name.text or said.text


def course(said: Answer, name: words.Named, exam: Exam, mapped: Mapped) -> None:
    """A course without a date cannot be weighed and is left out."""
    if exam.taken is None or said.course is None:
        return
    _keep(CourseStatement(said.course, Source(exam.source_ref, told(name, said)), exam.taken), exam, mapped)


def _keep(statement: CourseStatement, exam: Exam, mapped: Mapped) -> None:
    """A course of the pain, or of what the observation says it is about."""
    if exam.focus:
        mapped.focused.append(FocusedCourse(exam.focus, statement))
    else:
        mapped.courses.append(statement)


def set_scores_aside(exam: Exam, mapped: Mapped, before: int) -> None:
    """Scores of a pain that stands elsewhere in the record count once it is known which one that is.

    Args:
        exam: The observation that says what it is about.
        mapped: Where the scores are.
        before: How many results there were before it.
    """
    scores = mapped.measurements[before:]
    del mapped.measurements[before:]
    mapped.focused_scores += [FocusedScore(exam.focus, score) for score in scores]


def course_by_flag(
    finding: Observation | Finding, name: words.Named, exam: Exam, context: MappingContext, mapped: Mapped
) -> None:
    """``interpretation`` better or worse on a pain score is a statement of the course."""
    if exam.taken is None:
        return
    stated = course_of(words.any_named(finding.interpretation, context, TextDomain.VALUE))
    if stated is not None:
        _keep(CourseStatement(stated, Source(exam.source_ref, name.text), exam.taken), exam, mapped)
