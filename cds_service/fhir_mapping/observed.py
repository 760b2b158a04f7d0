"""What an observation says beside its finding: a course, or an answer nobody understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.mapped import FocusedCourse, FocusedScore
from cds_service.fhir_mapping.values import course_of, is_mute
from cds_service.pathway.facts import CourseStatement, NotInterpretable
from cds_service.pathway.vocabulary import Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.mapped import Mapped
    from cds_service.fhir_mapping.observation import Exam
    from cds_service.fhir_mapping.values import Answer
    from cds_service.fhir_r4.resources import Finding, Observation

_RED_FLAG, _PAIN = "red-flag/", "obs/pain-severity"


def name_unclear_answer(
    finding: Observation | Finding, name: words.Named, exam: Exam, context: MappingContext, mapped: Mapped
) -> None:
    """A red flag was asked for and answered, but not in words of ours: that is named, never taken for no."""
    flag = min((c for c in name.concepts if c.startswith(_RED_FLAG)), default=None)
    if flag is not None and not is_mute(finding, context):
        what = context.terminology.labels.get(flag, name.text)
        mapped.not_interpretable.append(NotInterpretable(exam.source_ref, what, "answer", flag, exam.taken))


def name_in_doubt(concepts: frozenset[str], exam: Exam, context: MappingContext, mapped: Mapped) -> None:
    """Red flags of an answer that may be somebody else's, or only feared: named, since they may be had."""
    for flag in sorted(c for c in concepts if c.startswith(_RED_FLAG)):
        what = context.terminology.labels.get(flag, flag)
        mapped.not_interpretable.append(NotInterpretable(exam.source_ref, what, "answer", flag, exam.taken))


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


def set_scores_aside(exam: Exam, mapped: Mapped) -> None:
    """Scores of a pain that stands elsewhere in the record count once it is known which one that is."""
    if not any(ref.startswith("Condition/") for ref in exam.focus):
        return
    scores = [m for m in mapped.measurements if m.source.ref == exam.source_ref and m.concept == _PAIN]
    mapped.measurements = [m for m in mapped.measurements if m not in scores]
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
