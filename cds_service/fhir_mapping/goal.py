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

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.mapped import Mapped
    from cds_service.fhir_r4.resources import Goal

# A goal about the pain that was reached says that the pain went.
_ACHIEVED = "course/resolved"
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
    course = Course.RESOLVING if _ACHIEVED in achieved else course_of(achieved)
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
