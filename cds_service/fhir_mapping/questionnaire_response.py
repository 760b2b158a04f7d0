"""QuestionnaireResponse to statements: a question in the words of a finding, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping.asked import bearing_of, perhaps_named
from cds_service.fhir_mapping.concepts import named
from cds_service.fhir_mapping.dates import when
from cds_service.fhir_mapping.described import described
from cds_service.fhir_mapping.not_understood import ANSWER, WHOSE, not_understood
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_mapping.values import UNANSWERED, Answer, coded_answer, text_answer
from cds_service.fhir_r4.elements import CodeableConcept
from cds_service.pathway.facts import Statement
from cds_service.pathway.vocabulary import Presence, Source
from cds_service.terminology import TextDomain
from cds_service.terminology.questions import Bearing, Bearings, as_asked, bearings
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import Answer as ItemAnswer
    from cds_service.fhir_r4.resources import QuestionnaireResponse, ResponseItem
    from cds_service.pathway.facts import NotInterpretable

_READ = frozenset({"completed", "amended"})


class Question(Value, frozen=True):
    """An item as it is read.

    Attributes:
        text: Its words, without the mark and the choices.
        names: What they name.
        perhaps: What they name of the patient, when they ask of others as well.
        own: What they make of the answers.
        inherited: What the headings above make of an affirmation.
        answers: As given.
    """

    text: str
    names: frozenset[str]
    perhaps: frozenset[str]
    own: Bearings
    inherited: Bearing
    answers: tuple[ItemAnswer, ...]


def statements(response: QuestionnaireResponse, context: MappingContext) -> Iterator[Statement]:
    """Findings of a finished questionnaire."""
    authored = when(response.authored, context)
    for question in _questions(response, context):
        asked = described(question.text, context)
        for said in (_said(answer, context) for answer in question.answers):
            meant = _findings(question.names) | said.concepts
            is_hers = bearing_of(said, question.own, question.inherited) is Bearing.OWN
            if meant and said.is_given and is_hers:
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


def unclear(response: QuestionnaireResponse, context: MappingContext) -> Iterator[NotInterpretable]:
    """What was answered, but not in words of ours, or of nobody knows whom: never taken for no."""
    authored = when(response.authored, context)
    for question in _questions(response, context):
        for why, concepts in _in_doubt(question, context).items():
            yield from not_understood(why, concepts, ref_of(response), authored, context)


def _in_doubt(question: Question, context: MappingContext) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {ANSWER: set(), WHOSE: set()}
    for answer in question.answers:
        said = _said(answer, context)
        if _is_unclear(answer, said, context):
            found[ANSWER] |= question.names | question.perhaps
        elif not said.is_given or said.presence is Presence.ABSENT:
            continue
        elif bearing_of(said, question.own, question.inherited) is Bearing.IN_DOUBT:
            found[WHOSE] |= question.names | question.perhaps | said.concepts
    return found


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
    items: tuple[ResponseItem, ...] | None, inherited: Bearing, context: MappingContext
) -> Iterator[Question]:
    for item in items or ():
        text = as_asked(item.text or "")
        own = bearings(text)
        if own.subject is Bearing.NOT_OWN:
            continue  # with all that is asked below it
        if item.answer:
            names = context.terminology.text(text, TextDomain.CLINICAL)
            perhaps = perhaps_named(text, names, own, context)
            yield Question(text, names, perhaps, own, inherited, item.answer)
        under = max(inherited, own.of_parts)
        yield from _below(item.item, under, context)
        for answer in item.answer or ():
            yield from _below(answer.item, under, context)


def _said(answer: ItemAnswer, context: MappingContext) -> Answer:
    if answer.value_boolean is not None:
        return Answer(Presence.PRESENT if answer.value_boolean else Presence.ABSENT)
    if answer.value_coding is not None:
        return coded_answer(CodeableConcept((answer.value_coding,)), context)
    return text_answer(answer.value_string, context) if answer.value_string else UNANSWERED
