"""Observation to measurements, statements and courses; each component is read as a finding of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import first_of, last_event, when
from cds_service.fhir_mapping.described import described
from cds_service.fhir_mapping.mapped import remember_focus
from cds_service.fhir_mapping.measurement import MEASURED, read_measurement
from cds_service.fhir_mapping.observed import (
    course,
    course_by_flag,
    name_in_doubt,
    name_unclear_answer,
    set_scores_aside,
    told,
)
from cds_service.fhir_mapping.references import ref_of, target
from cds_service.fhir_mapping.site_specific import with_site
from cds_service.fhir_mapping.values import answer
from cds_service.pathway.facts import Statement
from cds_service.pathway.vocabulary import Presence, Site, Source, When
from cds_service.terminology import TextDomain
from cds_service.terminology.questions import Bearing, about_whom, as_asked, below, of_answer, without_others
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.mapped import Mapped
    from cds_service.fhir_mapping.values import Answer
    from cds_service.fhir_r4.elements import CodeableConcept
    from cds_service.fhir_r4.resources import Finding, Observation

_NOT_READ = frozenset({"entered-in-error", "cancelled"})
_COURSE = "course/trend"
_DOMAINS = (TextDomain.MEASUREMENT, TextDomain.CLINICAL)
_ANY_STRENGTH = "obs/strength"
_STRENGTHS = frozenset({"obs/muscle-strength", _ANY_STRENGTH})
_PREGNANCY_TEST, _PREGNANCY = "obs/pregnancy", "nsaid-caution/pregnancy"
# Codes that say only that something is asked; what it is stands in the value.
_PAIN_DETAIL, _PAIN = "obs/pain-detail", "obs/pain-severity"
CARRIERS = frozenset({"obs/symptom", _PAIN_DETAIL, _COURSE, _PREGNANCY_TEST, "obs/plantar-reflex"})
_ELSEWHERE = frozenset({Site.LEG, Site.OTHER})
# What relatives have, and what genes were looked at for.
_ABOUT_OTHERS = frozenset(("http://loinc.org", code) for code in ("8670-2", "10157-6", "51967-8"))
_PLANTAR, _EXTENSOR = "obs/plantar-reflex", "red-flag/extensor-plantar"


class Exam(Value, frozen=True):
    """What an observation's parts share: where it stands, when it was, and the whole of it."""

    source_ref: str
    taken: When | None
    is_preliminary: bool
    whole: Observation
    asked: Asked

    @property
    def body_site(self) -> CodeableConcept | None:
        """Where on the body."""
        return self.whole.body_site

    @property
    def focus(self) -> frozenset[str]:
        """Entries of the record it is about."""
        return frozenset(found for item in self.whole.focus or () if (found := target(item)))

    @property
    def encounters(self) -> frozenset[str]:
        """The visit it belongs to."""
        encounter = target(self.whole.encounter)
        return frozenset({encounter}) if encounter else words.NONE

    @property
    def panel_words(self) -> str:
        """What its parts have in common, in words."""
        return words.all_words(self.whole.code) if self.whole.component_as_sent else ""


def map_observations(observations: Iterable[Observation], context: MappingContext, mapped: Mapped) -> None:
    """Add what the observations of a chart say; most say nothing, and are passed over at once.

    Args:
        observations: The resources.
        context: The day and the words.
        mapped: Where the facts go.
    """
    for observation in observations:
        asked = _asked(observation, context)
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
    _map(observation, _asked(observation, context), ref or ref_of(observation), context, mapped)


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
    if observation.component_as_sent and asked.whose is not Bearing.NOT_OWN:
        for component in observation.component or ():
            _finding(component, _asked_of_part(component, asked, context), exam, context, mapped)


class Asked(Value, frozen=True):
    """What an observation's code asks for.

    Attributes:
        name: What it names.
        measured: Quantities of ours it measures.
        whose: Of whom it asks: its parts are not read when it is somebody else.
        below: What it makes of an affirmation in one of its parts.
        own: What it makes of a finding in its own value.
        perhaps: What it names of the patient, when it asks of others as well.
    """

    name: words.Named
    measured: tuple[str, ...] = ()
    whose: Bearing = Bearing.OWN
    below: Bearing = Bearing.OWN
    own: Bearing = Bearing.OWN
    perhaps: frozenset[str] = words.NONE


NOTHING_ASKED = Asked(words.UNNAMED)


def _asked(finding: Observation | Finding, context: MappingContext) -> Asked:
    """What its code asks for: the same bytes are looked up once."""
    said = bytes(finding.code_as_sent)
    known = context.codes.observed
    found = known.get(said) or known.recall(said)
    if found is None:
        code = finding.code
        found = known.keep(said, code, _look_up(code, context))
    return found


def _asked_of_part(component: Finding, whole: Asked, context: MappingContext) -> Asked:
    """What a part asks for; a part of a strength test that only names a muscle asks for its strength."""
    asked = _asked(component, context)
    if asked.name is not words.UNNAMED:
        return asked
    tested = tuple(concept for concept in whole.measured if concept in _STRENGTHS)
    if not tested or component.code is None:
        return asked
    return Asked(structs.replace(whole.name, text=words.wording(component.code)), tested)


def _look_up(code: CodeableConcept | None, context: MappingContext) -> Asked:
    if code is None:
        return NOTHING_ASKED
    code = _as_asked(code)
    name = words.look_up(code, context, _DOMAINS)
    said = words.all_words(code)
    if _is_coded_as_of_others(code):
        whose = parts = own = Bearing.NOT_OWN
    else:
        whose, parts, own = about_whom(said), below(said), of_answer(said)
    if name is words.UNNAMED and own is Bearing.OWN:
        return NOTHING_ASKED
    perhaps = words.NONE
    if name is words.UNNAMED and whose is Bearing.IN_DOUBT:
        perhaps = context.terminology.text(without_others(said), TextDomain.CLINICAL)
    return Asked(name, tuple(sorted(MEASURED & name.concepts)), whose, parts, own, perhaps)


def _as_asked(code: CodeableConcept) -> CodeableConcept:
    """The question without its mark, which would be a doubt in what somebody states."""
    if code.text is None or as_asked(code.text) == code.text:
        return code
    return structs.replace(code, text=as_asked(code.text))


def _is_coded_as_of_others(code: CodeableConcept) -> bool:
    return any((coding.system, coding.code) in _ABOUT_OTHERS for coding in code.coding or ())


def taken(observation: Observation, context: MappingContext) -> When | None:
    """When it was observed: effective, else issued. A future date is an error and the next source is used."""
    at_once = when(observation.effective_date_time, context)
    if at_once is not None:
        return at_once
    period = observation.effective_period
    ends = (period.end, period.start) if period else ()
    found = first_of((observation.effective_instant, *ends), context) or last_event(
        observation.effective_timing, context
    )
    return found or first_of((observation.issued,), context)


def _finding(
    finding: Observation | Finding, asked: Asked, exam: Exam, context: MappingContext, mapped: Mapped
) -> None:
    name = asked.name
    if _PAIN in asked.measured and _is_elsewhere(finding, exam, context):
        return  # the score of a knee
    names_a_finding = _ANY_STRENGTH in asked.measured and answer(finding, context).concepts
    if asked.measured and not names_a_finding:
        for concept in asked.measured:
            read_measurement(concept, finding, name.text, exam, context, mapped)
        if _PAIN in asked.measured and exam.focus:
            set_scores_aside(exam, mapped)
        if _PAIN in asked.measured:
            course_by_flag(finding, name, exam, context, mapped)
        return
    if not _is_answered(finding):
        return
    if _PAIN_DETAIL in name.concepts:
        _pain_detail(finding, name, exam, context, mapped)
        return
    if not (name.concepts or asked.perhaps) and finding.value_codeable_concept is None:
        return
    said = answer(finding, context)
    if asked.perhaps and said.is_given and said.presence is not Presence.ABSENT:
        name_in_doubt(asked.perhaps, exam, context, mapped)
    _statement(finding, asked, said, exam, context, mapped)


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


def _statement(
    finding: Observation | Finding,
    asked: Asked,
    said: Answer,
    exam: Exam,
    context: MappingContext,
    mapped: Mapped,
) -> None:
    name = asked.name
    if not said.is_given:
        name_unclear_answer(finding, name, exam, context, mapped)
        return
    concepts = _meant(name.concepts, said)
    bearing = _bearing(asked, said, exam)
    if bearing is not Bearing.OWN:
        if bearing is Bearing.IN_DOUBT and _presence(name, said) is not Presence.ABSENT:
            name_in_doubt(concepts, exam, context, mapped)
        return
    if said.course is not None and name.concepts <= CARRIERS:
        # Of an unknown question nobody knows whose course it tells.
        if name.concepts and not _is_elsewhere(finding, exam, context):
            course(said, name, exam, mapped)
        return
    body_site = words.telling_words(context, exam.body_site)
    named = words.telling_words(context, finding.code, finding.value_codeable_concept)
    where = " ; ".join((named, body_site, exam.panel_words))
    place = described(where, context)
    concepts = with_site(concepts, finding.code, place.sites, body_site, context)
    if not concepts:
        return
    mapped.statements.append(
        Statement(
            concepts=concepts,
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
    )


def _bearing(asked: Asked, said: Answer, exam: Exam) -> Bearing:
    """What the question, and of a part the heading too, makes of an answer."""
    own = asked.own if said.concepts else Bearing.OWN
    return own if asked is exam.asked else max(own, exam.asked.below)


def _is_elsewhere(finding: Observation | Finding, exam: Exam, context: MappingContext) -> bool:
    """Whether its words name another part of the body alone; an arm may hurt from the neck."""
    where = " ; ".join((words.telling_words(context, finding.code, exam.body_site), exam.panel_words))
    sites = described(where, context).sites
    return bool(sites) and sites <= _ELSEWHERE


def _meant(concepts: frozenset[str], said: Answer) -> frozenset[str]:
    """The finding a code and its value name together; a code that only asks names nothing itself."""
    findings = {c for c in concepts if not c.startswith(("obs/", "course/", "value/", "attribute/"))}
    if _PREGNANCY_TEST in concepts:
        findings.add(_PREGNANCY)
    if _PLANTAR in concepts and said.presence is not None:
        # An abnormal plantar response is an extensor one; a normal one documents its absence.
        findings.add(_EXTENSOR)
    return frozenset(findings) | said.concepts


def _presence(name: words.Named, said: Answer) -> Presence:
    """A value that names a finding or a course affirms it; "not pregnant" denies."""
    if "absent/pregnancy" in said.concepts:
        return Presence.ABSENT
    stated = said.presence or Presence.PRESENT
    return Presence.SUSPECTED if name.is_doubtful and stated is Presence.PRESENT else stated
