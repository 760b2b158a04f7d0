"""Goal to the course of the pain, and to a recorded reason for losing weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import first_of
from cds_service.fhir_mapping.mapped import FocusedCourse
from cds_service.fhir_mapping.references import ref_of, target
from cds_service.fhir_mapping.values import course_of
from cds_service.fhir_mapping.weight import WEIGHT_REASON, is_to_lose_weight
from cds_service.pathway.facts import CourseStatement, Statement
from cds_service.pathway.vocabulary import Course, Source
from cds_service.terminology import TextDomain
from cds_service.text_patterns import text_pattern

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.mapped import Mapped
    from cds_service.fhir_r4.resources import Goal

# A goal that was reached says that the pain went only if that was the goal.
_ACHIEVED = "course/resolved"
_RELIEF = text_pattern(
    r"\b(?:reliev\w*|relief|reduc\w*|decrease[sd]?|decreasing|less|lower|lessen\w*|improv\w*|resol\w*|free|no|without|ease\w*|control\w*)"
    r"\b.*\b(?:pain|ache|headaches?|neuralgia|symptoms?)\b"
    r"|\b(?:pain|ache|headaches?|neuralgia|symptoms?)\b.*(?:<|\b(?:below|under|less|lower|reliev\w*|reduc\w*|decrease[sd]?|decreasing|improv\w*"
    r"|resol\w*|free|control\w*|relief)\b)"
)
_NOT_READ = frozenset({"entered-in-error", "rejected", "proposed", "cancelled"})


def map_goal(goal: Goal, context: MappingContext, mapped: Mapped) -> None:
    """Add the course a goal's achievement states, and the intention to lose weight."""
    if goal.lifecycle_status in _NOT_READ:
        return
    on = first_of((goal.status_date, goal.start_date), context)
    text = words.wording(goal.description)
    achieved = (
        words.coded_concepts(goal.achievement_status, context) if goal.achievement_status else words.NONE
    )
    course = course_of(achieved)
    if _ACHIEVED in achieved:
        course = Course.RESOLVING if _RELIEF.search(text) else None
    refs = frozenset(found for item in goal.addresses or () if (found := target(item)))
    if course is not None and on is not None:
        statement = CourseStatement(course, Source(ref_of(goal), text), on)
        if refs:
            mapped.focused.append(FocusedCourse(refs, statement))
        elif _is_about_pain(goal, context):
            mapped.courses.append(statement)
    if is_to_lose_weight(text):
        mapped.statements.append(
            Statement(
                frozenset({WEIGHT_REASON}), Source(ref_of(goal), text), "Goal", recorded=on, is_text_only=True
            )
        )


def _is_about_pain(goal: Goal, context: MappingContext) -> bool:
    named = words.named(goal.description, context, TextDomain.CLINICAL).concepts
    return any(concept.startswith("presenting/") for concept in named)
