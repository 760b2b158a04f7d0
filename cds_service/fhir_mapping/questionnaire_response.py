"""QuestionnaireResponse to statements: a question in the words of a finding, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping.concepts import named
from cds_service.fhir_mapping.dates import when
from cds_service.fhir_mapping.described import described
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_mapping.values import UNANSWERED, Answer, coded_answer, text_answer
from cds_service.fhir_r4.elements import CodeableConcept
from cds_service.pathway.facts import NotInterpretable, Statement
from cds_service.pathway.vocabulary import Presence, Source
from cds_service.terminology import TextDomain
from cds_service.terminology.negation import is_about_others, is_turned_away

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import Answer as ItemAnswer
    from cds_service.fhir_r4.resources import QuestionnaireResponse, ResponseItem

_READ = frozenset({"completed", "amended"})


def statements(response: QuestionnaireResponse, context: MappingContext) -> Iterator[Statement]:
    """Findings of a finished questionnaire."""
    if response.status not in _READ:
        return
    authored = when(response.authored, context)
    for item in _items(response.item):
        # The question mark asks; it does not doubt.
        question = (item.text or "").replace("?", " ")
        asked = described(question, context)
        concepts = _findings(context.terminology.text(question, TextDomain.CLINICAL))
        is_denied = is_turned_away(question)
        for said in (_said(answer, context) for answer in item.answer or ()):
            meant = concepts if is_denied else concepts | said.concepts
            if meant and said.is_given:
                yield Statement(
                    concepts=meant,
                    source=Source(ref_of(response), question.strip()),
                    kind="QuestionnaireResponse",
                    presence=said.presence or Presence.PRESENT,
                    recorded=authored,
                    sites=asked.sites,
                    side=asked.side,
                    levels=asked.levels,
                    qualities=described(question + " " + said.text, context).qualities,
                    is_text_only=True,
                )


def unclear(response: QuestionnaireResponse, context: MappingContext) -> Iterator[NotInterpretable]:
    """Red flags that were asked about and answered, but not in words of ours: never taken for no."""
    if response.status not in _READ:
        return
    authored = when(response.authored, context)
    for item in _items(response.item):
        asked = context.terminology.text((item.text or "").replace("?", " "), TextDomain.CLINICAL)
        flag = min((c for c in asked if c.startswith("red-flag/")), default=None)
        if flag is not None and any(_is_unclear(answer, context) for answer in item.answer or ()):
            label = context.terminology.labels.get(flag, flag)
            yield NotInterpretable(ref_of(response), label, "answer", flag, authored)


def _is_unclear(answer: ItemAnswer, context: MappingContext) -> bool:
    if _said(answer, context).is_given:
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


def _items(items: tuple[ResponseItem, ...] | None) -> Iterator[ResponseItem]:
    for item in items or ():
        if is_about_others(item.text or ""):
            continue  # with all that is asked below it
        yield item
        yield from _items(item.item)
        for answer in item.answer or ():
            yield from _items(answer.item)


def _said(answer: ItemAnswer, context: MappingContext) -> Answer:
    if answer.value_boolean is not None:
        return Answer(Presence.PRESENT if answer.value_boolean else Presence.ABSENT)
    if answer.value_coding is not None:
        return coded_answer(CodeableConcept((answer.value_coding,)), context)
    return text_answer(answer.value_string, context) if answer.value_string else UNANSWERED
