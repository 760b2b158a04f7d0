"""QuestionnaireResponse to statements: a question in the words of a finding, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping.concepts import NONE, named
from cds_service.fhir_mapping.dates import when
from cds_service.fhir_mapping.described import described
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_mapping.values import UNANSWERED, Answer, coded_answer, text_answer
from cds_service.fhir_r4.elements import CodeableConcept
from cds_service.pathway.facts import NotInterpretable, Statement
from cds_service.pathway.vocabulary import Presence, Source
from cds_service.terminology import TextDomain
from cds_service.terminology.questions import Bearing, about_whom, as_asked, below, of_answer, without_others
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import Answer as ItemAnswer
    from cds_service.fhir_r4.resources import QuestionnaireResponse, ResponseItem

_READ = frozenset({"completed", "amended"})


class Question(Value, frozen=True):
    """An item as it is read.

    Attributes:
        text: Its words, without the mark and the choices.
        names: What they name.
        heading: What the headings above make of an affirmation.
        own: What it makes of a finding its answer names, headings included.
        perhaps: What it names of the patient, when it asks of others as well.
        answers: As given.
    """

    text: str
    names: frozenset[str]
    heading: Bearing
    own: Bearing
    perhaps: frozenset[str]
    answers: tuple[ItemAnswer, ...]


def statements(response: QuestionnaireResponse, context: MappingContext) -> Iterator[Statement]:
    """Findings of a finished questionnaire."""
    authored = when(response.authored, context)
    for question in _questions(response, context):
        asked = described(question.text, context)
        for said in (_said(answer, context) for answer in question.answers):
            meant = _meant(question, said)
            if meant and said.is_given:
                yield Statement(
                    concepts=meant,
                    source=Source(ref_of(response), question.text),
                    kind="QuestionnaireResponse",
                    presence=said.presence or Presence.PRESENT,
                    recorded=authored,
                    sites=asked.sites,
                    side=asked.side,
                    levels=asked.levels,
                    qualities=described(question.text + " " + said.text, context).qualities,
                    is_text_only=True,
                )


def _meant(question: Question, said: Answer) -> frozenset[str]:
    """What an answer says of the patient: of another's, or of one in doubt, nothing."""
    if question.heading is not Bearing.OWN:
        return NONE
    named = _findings(question.names)
    return named | said.concepts if question.own is Bearing.OWN else named


def unclear(response: QuestionnaireResponse, context: MappingContext) -> Iterator[NotInterpretable]:
    """Red flags answered, but not in words of ours, or of nobody knows whom: never taken for no."""
    authored = when(response.authored, context)
    for question in _questions(response, context):
        for flag in sorted(_flags_in_doubt(question, context)):
            label = context.terminology.labels.get(flag, flag)
            yield NotInterpretable(ref_of(response), label, "answer", flag, authored)


def _flags_in_doubt(question: Question, context: MappingContext) -> frozenset[str]:
    found: set[str] = set()
    for answer in question.answers:
        said = _said(answer, context)
        if _is_unclear(answer, said, context):
            found.update(sorted(_flags(question.names))[:1])
        elif said.is_given and said.presence is not Presence.ABSENT:
            found |= _flags(question.perhaps)
            found |= _flags(said.concepts) if question.own is Bearing.IN_DOUBT else NONE
            found |= _flags(question.names) if question.heading is Bearing.IN_DOUBT else NONE
    return frozenset(found)


def _flags(concepts: frozenset[str]) -> frozenset[str]:
    return frozenset(c for c in concepts if c.startswith("red-flag/"))


def _is_unclear(answer: ItemAnswer, understood: Answer, context: MappingContext) -> bool:
    if understood.is_given:
        return False
    if answer.value_coding is not None:
        said = named(CodeableConcept((answer.value_coding,)), context, TextDomain.VALUE).concepts
    elif answer.value_string:
        said = context.terminology.text(answer.value_string, TextDomain.VALUE)
    else:
        numbers = (answer.value_integer, answer.value_decimal, answer.value_quantity)
        return any(number is not None for number in numbers)
    return "value/unknown" not in said


def _findings(concepts: frozenset[str]) -> frozenset[str]:
    return frozenset(c for c in concepts if not c.startswith(("obs/", "course/")))


def _questions(response: QuestionnaireResponse, context: MappingContext) -> Iterator[Question]:
    """What a finished questionnaire asks about the patient."""
    if response.status in _READ:
        yield from _below(response.item, Bearing.OWN, context)


def _below(
    items: tuple[ResponseItem, ...] | None, heading: Bearing, context: MappingContext
) -> Iterator[Question]:
    for item in items or ():
        text = as_asked(item.text or "")
        if about_whom(text) is Bearing.NOT_OWN:
            continue  # with all that is asked below it
        if item.answer:
            names = context.terminology.text(text, TextDomain.CLINICAL)
            is_of_both = not names and about_whom(text) is Bearing.IN_DOUBT
            perhaps = (
                context.terminology.text(without_others(text), TextDomain.CLINICAL) if is_of_both else NONE
            )
            yield Question(text, names, heading, max(heading, of_answer(text)), perhaps, item.answer)
        under = max(heading, below(text))
        yield from _below(item.item, under, context)
        for answer in item.answer or ():
            yield from _below(answer.item, under, context)


def _said(answer: ItemAnswer, context: MappingContext) -> Answer:
    if answer.value_boolean is not None:
        return Answer(Presence.PRESENT if answer.value_boolean else Presence.ABSENT)
    if answer.value_coding is not None:
        return coded_answer(CodeableConcept((answer.value_coding,)), context)
    return text_answer(answer.value_string, context) if answer.value_string else UNANSWERED
