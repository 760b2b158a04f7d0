"""Whether anything in a chart can name a neck or occipital pain, by the bytes of its codes.

Says yes too often rather than too seldom: whatever is unusual is left to the whole reading of the chart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.fhir_mapping.concepts import NONE, distinct, texts
from cds_service.fhir_mapping.observed_finding import CARRIERS
from cds_service.fhir_mapping.remembered import Remembered, remembered
from cds_service.fhir_mapping.site_specific import HEADACHE
from cds_service.fhir_r4.elements import CodeableConcept, Coding
from cds_service.fhir_r4.late import UNDECODABLE
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from cds_service.clinical_data import ClinicalData
    from cds_service.fhir_r4.resources import Observation, ResponseItem
    from cds_service.terminology import Terminology

PAIN = "presenting/"
_CONCEPT = msgspec.json.Decoder(CodeableConcept | None)


def may_name_pain(data: ClinicalData, terminology: Terminology) -> bool:
    """Whether the chart has to be read whole.

    Args:
        data: Gathered from a request that was decoded in one go.
        terminology: Codes and phrases.
    """
    look = _Look(terminology)
    by_key: dict[str, Callable[[Any], bool]] = {
        "conditions": lambda condition: look.at_concept(condition.code_as_sent),
        "encounters": lambda visit: look.at_concepts(visit.reason_code),
        "questionnaireResponses": lambda response: look.at_items(response.item),
        "observations": look.at_observation,
    }
    return any(
        any(map(names_pain, data.keys[key].resources))
        for key, names_pain in by_key.items()
        if key in data.keys and data.keys[key].resources
    )


class _Look:
    """One look at a chart; what a code in these very bytes named is remembered."""

    def __init__(self, terminology: Terminology) -> None:
        self._terminology = terminology
        self._known: Remembered[frozenset[str] | None] = remembered(terminology, "concepts", set())
        self._judged: dict[bytes, bool | None] = {}

    def at_concept(self, raw: msgspec.Raw) -> bool:
        return bool(raw) and _is_pain(self._concepts(bytes(raw)))

    def at_concepts(self, concepts: Iterable[CodeableConcept] | None) -> bool:
        """A list of concepts."""
        return any(_is_pain(self._named(concept)) for concept in concepts or ())

    def at_observation(self, observation: Observation) -> bool:
        """By its code; by its value where the code leaves it open; with unknown parts it has to be read."""
        code = bytes(observation.code_as_sent)
        if code not in self._judged:
            self._judged[code] = self._judge(code)
        names_pain = self._judged[code]
        if names_pain is None:
            return bool(observation.component_as_sent) or self.at_concept(
                observation.value_codeable_concept_as_sent
            )
        return names_pain

    def _judge(self, code: bytes) -> bool | None:
        """Whether a code names a pain; None: that is left to its value."""
        named = self._concepts(code)
        if _is_pain(named):
            return True
        return None if not named or named & CARRIERS else False

    def at_items(self, items: Iterable[ResponseItem] | None) -> bool:
        """Questions, and answers by coding."""
        return any(_is_pain(self._asked(item)) for item in _all_items(items))

    def _asked(self, item: ResponseItem) -> frozenset[str]:
        """What the question, without its mark, and its coded answers name."""
        codings = tuple(answer.value_coding for answer in item.answer or () if answer.value_coding)
        question = self._text((item.text or "").replace("?", " "))
        return question | self._named(CodeableConcept(codings)) | self._words(codings)

    def _words(self, codings: Iterable[Coding]) -> frozenset[str]:
        return NONE.union(*(self._text(coding.display or "") for coding in codings))

    def _concepts(self, raw: bytes) -> frozenset[str] | None:
        """Concepts of a CodeableConcept in bytes; None when it cannot be read."""
        known = self._known
        if raw in known:
            return known[raw]
        found = known.recall(raw)
        return self._decoded(raw) if found is None else found

    def _decoded(self, raw: bytes) -> frozenset[str] | None:
        try:
            concept = _CONCEPT.decode(raw) if raw else None
        except UNDECODABLE:
            return self._known.keep(raw, None, None)
        return self._known.keep(raw, concept, self._named(concept) if concept else NONE)

    def _named(self, concept: CodeableConcept) -> frozenset[str]:
        named = NONE
        for coding in concept.coding or ():
            named |= self._terminology.codings(coding.system, coding.code)
        if named:
            return named
        for text in distinct(texts(concept)):
            named |= self._text(text)
        return named

    def _text(self, text: str) -> frozenset[str]:
        return self._terminology.text(text, TextDomain.MEASUREMENT, TextDomain.CLINICAL)


def _is_pain(concepts: frozenset[str] | None) -> bool:
    """A pain, a headache whose site decides, or something that could not be read."""
    if not concepts:
        return concepts is None
    return HEADACHE in concepts or any(concept.startswith(PAIN) for concept in concepts)


def _all_items(items: Iterable[ResponseItem] | None) -> Iterator[ResponseItem]:
    for item in items or ():
        yield item
        yield from _all_items(item.item)
        for answer in item.answer or ():
            yield from _all_items(answer.item)
