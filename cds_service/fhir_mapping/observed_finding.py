"""What an observation, or a part of one, says of a finding: a statement, or that nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.asked import bearing_of
from cds_service.fhir_mapping.described import described
from cds_service.fhir_mapping.not_understood import ANSWER, WHOSE, not_understood
from cds_service.fhir_mapping.observed import course, told
from cds_service.fhir_mapping.site_specific import with_site
from cds_service.fhir_mapping.values import answer, is_mute
from cds_service.pathway.facts import Statement
from cds_service.pathway.vocabulary import Presence, Source
from cds_service.terminology.questions import Bearing

if TYPE_CHECKING:
    from cds_service.fhir_mapping.asked import Asked
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.exam import Exam
    from cds_service.fhir_mapping.mapped import Mapped
    from cds_service.fhir_mapping.values import Answer
    from cds_service.fhir_r4.resources import Finding, Observation

_COURSE = "course/trend"
_PREGNANCY_TEST, _PREGNANCY = "obs/pregnancy", "nsaid-caution/pregnancy"
# Codes that say only that something is asked; what it is stands in the value.
_PAIN_DETAIL = "obs/pain-detail"
CARRIERS = frozenset(
    {"obs/symptom", "obs/pain-severity", _PAIN_DETAIL, _COURSE, _PREGNANCY_TEST, "obs/plantar-reflex"}
)
# Of these an abnormal result is the finding, and a normal one documents its absence.
_ABNORMAL = {"obs/plantar-reflex": "red-flag/extensor-plantar", "obs/gait": "red-flag/gait-disturbance"}


def read_finding(
    finding: Observation | Finding, asked: Asked, exam: Exam, context: MappingContext, mapped: Mapped
) -> None:
    """Add what its value says of what was asked.

    Args:
        finding: The observation or component with the value.
        asked: What its code asks for.
        exam: What it shares with its parts.
        context: The day and the words.
        mapped: Where the facts go.
    """
    if not _is_answered(finding):
        return
    if _PAIN_DETAIL in asked.name.concepts:
        _pain_detail(finding, asked.name, exam, context, mapped)
    elif asked.name.concepts or asked.perhaps or finding.value_codeable_concept is not None:
        _answered(finding, asked, answer(finding, context), exam, context, mapped)


def _answered(
    finding: Observation | Finding,
    asked: Asked,
    said: Answer,
    exam: Exam,
    context: MappingContext,
    mapped: Mapped,
) -> None:
    def name(why: str, concepts: frozenset[str]) -> None:
        mapped.not_interpretable.extend(not_understood(why, concepts, exam.source_ref, exam.taken, context))

    if not said.is_given:
        if not is_mute(finding, context):
            name(ANSWER, asked.name.concepts | asked.perhaps)
        return
    inherited = Bearing.OWN if asked is exam.asked else exam.asked.bearings.of_parts
    bearing = bearing_of(said, asked.bearings, inherited)
    if bearing is Bearing.OWN:
        _stated(finding, asked.name, said, exam, context, mapped)
    elif bearing is Bearing.IN_DOUBT and _presence(asked.name, said) is not Presence.ABSENT:
        name(WHOSE, _meant(asked.name.concepts, said) | asked.perhaps)


def _stated(
    finding: Observation | Finding,
    name: words.Named,
    said: Answer,
    exam: Exam,
    context: MappingContext,
    mapped: Mapped,
) -> None:
    if said.course is not None and name.concepts <= CARRIERS:
        # Of an unknown question nobody knows whose course it tells.
        if name.concepts and not exam.is_elsewhere(finding, context):
            course(said, name, exam, mapped)
        return
    statement = _statement(finding, name, said, exam, context)
    if statement.concepts:
        mapped.statements.append(statement)


def _statement(
    finding: Observation | Finding, name: words.Named, said: Answer, exam: Exam, context: MappingContext
) -> Statement:
    body_site = words.telling_words(context, exam.body_site)
    named = words.telling_words(context, finding.code, finding.value_codeable_concept)
    where = " ; ".join((named, body_site, exam.panel_words))
    place = described(where, context)
    return Statement(
        concepts=with_site(_meant(name.concepts, said), finding.code, place.sites, body_site, context),
        source=Source(exam.source_ref, told(name, said)),
        kind="Observation",
        presence=_presence(name, said),
        recorded=exam.taken,
        sites=place.sites,
        side=place.side,
        levels=place.levels,
        course=said.course,
        course_on=exam.taken if said.course else None,
        qualities=described(where + " " + said.text, context).qualities,
        is_preliminary=exam.is_preliminary,
        is_text_only=name.is_text_only,
        encounters=exam.encounters,
    )


def _is_answered(finding: Observation | Finding) -> bool:
    """Whether it has a value that can say something about a finding."""
    return (
        finding.value_boolean is not None
        or finding.value_string is not None
        or finding.value_codeable_concept is not None
    )


def _pain_detail(
    finding: Observation | Finding, name: words.Named, exam: Exam, context: MappingContext, mapped: Mapped
) -> None:
    """Character and place of a pain: words of the value, which need not be codes of ours."""
    value = words.all_words(finding.value_codeable_concept) + " " + (finding.value_string or "")
    found = described(value, context).qualities
    if found and finding.data_absent_reason is None:
        mapped.statements.append(
            Statement(
                concepts=frozenset({_PAIN_DETAIL}),
                source=Source(exam.source_ref, f"{name.text}: {value.strip()}"),
                kind="Observation",
                recorded=exam.taken,
                sites=described(value + " " + words.all_words(exam.body_site), context).sites,
                qualities=found,
                is_preliminary=exam.is_preliminary,
                is_text_only=True,
            )
        )


def _meant(concepts: frozenset[str], said: Answer) -> frozenset[str]:
    """The finding a code and its value name together; a code that only asks names nothing itself."""
    findings = {c for c in concepts if not c.startswith(("obs/", "course/", "value/", "attribute/"))}
    if _PREGNANCY_TEST in concepts:
        findings.add(_PREGNANCY)
    if said.presence is not None:
        findings.update(_ABNORMAL[concept] for concept in concepts & _ABNORMAL.keys())
    return frozenset(findings) | said.concepts


def _presence(name: words.Named, said: Answer) -> Presence:
    """A value that names a finding or a course affirms it; "not pregnant" denies."""
    if "absent/pregnancy" in said.concepts:
        return Presence.ABSENT
    stated = said.presence or Presence.PRESENT
    return Presence.SUSPECTED if name.is_doubtful and stated is Presence.PRESENT else stated
