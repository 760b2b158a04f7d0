"""Observation to measurements, statements and courses; each component is read as a finding of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.asked import asked_by, asked_by_part
from cds_service.fhir_mapping.exam import Exam, taken
from cds_service.fhir_mapping.mapped import remember_focus
from cds_service.fhir_mapping.measurement import PAIN, STRENGTHS, read_measurement
from cds_service.fhir_mapping.observed import course_by_flag, set_scores_aside
from cds_service.fhir_mapping.observed_finding import read_finding
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_mapping.values import answer
from cds_service.terminology.questions import Bearing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.fhir_mapping.asked import Asked
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.mapped import Mapped
    from cds_service.fhir_r4.resources import Finding, Observation

_NOT_READ = frozenset({"entered-in-error", "cancelled"})


def map_observations(observations: Iterable[Observation], context: MappingContext, mapped: Mapped) -> None:
    """Add what the observations of a chart say; most say nothing, and are passed over at once.

    Args:
        observations: The resources.
        context: The day and the words.
        mapped: Where the facts go.
    """
    for observation in observations:
        asked = asked_by(observation, context)
        if asked.name is not words.UNNAMED or asked.perhaps or _says_more(observation):
            _map(observation, asked, ref_of(observation), context, mapped)


def map_observation(observation: Observation, context: MappingContext, mapped: Mapped, ref: str = "") -> None:
    """Add what one observation says, that came by another way.

    Args:
        observation: The resource.
        context: The day and the words.
        mapped: Where the facts go.
        ref: How to name it, when it is contained in another resource.
    """
    _map(observation, asked_by(observation, context), ref or ref_of(observation), context, mapped)


def _says_more(observation: Observation) -> bool:
    """Whether anything but its code may say something."""
    parts, value = observation.component_as_sent, observation.value_codeable_concept_as_sent
    return bool(parts or value or observation.focus)


def _map(observation: Observation, asked: Asked, ref: str, context: MappingContext, mapped: Mapped) -> None:
    if observation.status in _NOT_READ:
        return
    on = taken(observation, context)
    if observation.focus:
        remember_focus(observation, on, mapped)
    exam = Exam(ref, on, observation.status == "preliminary", observation, asked)
    _finding(observation, asked, exam, context, mapped)
    if observation.component_as_sent and asked.bearings.subject is not Bearing.NOT_OWN:
        for component in observation.component or ():
            _finding(component, asked_by_part(component, asked, context), exam, context, mapped)


def _finding(
    finding: Observation | Finding, asked: Asked, exam: Exam, context: MappingContext, mapped: Mapped
) -> None:
    if not asked.measured or _names_a_weakness(finding, asked, context):
        read_finding(finding, asked, exam, context, mapped)
    elif PAIN in asked.measured:
        _pain_score(finding, asked, exam, context, mapped)
    else:
        for concept in asked.measured:
            read_measurement(concept, finding, asked.name.text, exam, context, mapped)


def _names_a_weakness(finding: Observation | Finding, asked: Asked, context: MappingContext) -> bool:
    """Whether the value of a strength is a finding: "arm weakness"."""
    return not STRENGTHS.isdisjoint(asked.measured) and bool(answer(finding, context).concepts)


def _pain_score(
    finding: Observation | Finding, asked: Asked, exam: Exam, context: MappingContext, mapped: Mapped
) -> None:
    if exam.is_elsewhere(finding, context):
        return  # the score of a knee
    before = len(mapped.measurements)
    for concept in asked.measured:
        read_measurement(concept, finding, asked.name.text, exam, context, mapped)
    if exam.focus:
        set_scores_aside(exam, mapped, before)
    course_by_flag(finding, asked.name, exam, context, mapped)
