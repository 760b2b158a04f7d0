"""What the value of an observation says: present, absent, in doubt, a finding, a course, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping.concepts import NONE, named
from cds_service.pathway.vocabulary import Course, Presence
from cds_service.terminology import TextDomain
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import CodeableConcept
    from cds_service.fhir_r4.resources import Finding, Observation

_PRESENCE = {
    "value/positive": Presence.PRESENT,
    "value/equivocal": Presence.SUSPECTED,
    "value/negative": Presence.ABSENT,
    # Flags of the interpretation code system, where they stand as the value itself.
    "value/abnormal": Presence.PRESENT,
    "value/normal": Presence.ABSENT,
}
_NOT_ASKED = "value/unknown"
_COURSES = {
    "course/resolving": Course.RESOLVING,
    "course/stable": Course.STABLE,
    "course/progressing": Course.PROGRESSING,
}


class Answer(Value, frozen=True):
    """What a value says; all None or empty: nothing was answered.

    Attributes:
        presence: Present, in doubt or absent, when the value says so.
        concepts: Finding concepts the value itself names.
        course: A course the value names.
        text: The value's own words.
    """

    presence: Presence | None = None
    concepts: frozenset[str] = NONE
    course: Course | None = None
    text: str = ""

    @property
    def is_given(self) -> bool:
        """Whether there is any answer at all."""
        return self.presence is not None or bool(self.concepts) or self.course is not None


UNANSWERED = Answer()


def is_mute(finding: Observation | Finding, context: MappingContext) -> bool:
    """Whether there is no value at all, or one that says nobody knows: nothing is documented then."""
    if finding.data_absent_reason is not None:
        return True
    coded, said = finding.value_codeable_concept, (finding.value_string or "").strip()
    if coded is not None:
        return _NOT_ASKED in named(coded, context, TextDomain.VALUE).concepts
    return not said or _NOT_ASKED in context.terminology.text(said, TextDomain.VALUE)


def answer(finding: Observation | Finding, context: MappingContext) -> Answer:
    """What a finding's value says. A data-absent reason, or no value, is no answer."""
    if finding.data_absent_reason is not None:
        return UNANSWERED
    if finding.value_boolean is not None:
        return Answer(Presence.PRESENT if finding.value_boolean else Presence.ABSENT)
    if finding.value_codeable_concept is not None:
        return coded_answer(finding.value_codeable_concept, context)
    return text_answer(finding.value_string, context)


def coded_answer(value: CodeableConcept, context: MappingContext) -> Answer:
    """A coded value: a word for present or absent, a course, or a finding of its own."""
    name = named(value, context, TextDomain.VALUE, TextDomain.CLINICAL)
    return _answer(name.concepts, name.text)


def text_answer(text: str | None, context: MappingContext) -> Answer:
    """A text value counts only when it is exactly one of the words for present, absent or a course."""
    return _answer(context.terminology.text(text, TextDomain.VALUE), text) if text else UNANSWERED


def _answer(concepts: frozenset[str], text: str) -> Answer:
    presence = next((_PRESENCE[c] for c in _PRESENCE if c in concepts), None)
    course = next((_COURSES[c] for c in _COURSES if c in concepts), None)
    findings = frozenset(c for c in concepts if not c.startswith(("value/", "course/", "attribute/")))
    return Answer(presence, findings, course, text)


def course_of(concepts: frozenset[str]) -> Course | None:
    """The course among concepts, if there is one."""
    return next((_COURSES[c] for c in _COURSES if c in concepts), None)
