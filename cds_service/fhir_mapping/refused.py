"""Whether something was left out because the patient did not want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.text_patterns import text_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import CodeableConcept

_CHOICE = text_pattern(
    r"\b(?:refus(?:ed|es|al)|declin(?:ed|es)|unwilling"
    r"|patient(?:'s)? (?:choice|decision|preference|objection))\b"
)
# Others refuse too, and that says nothing of what the patient wants.
_BY_OTHERS = text_pattern(r"\b(?:insur\w*|payer|authori[sz]\w*|coverage|provider|clinic\w*|facility)\b")


def is_refusal(reasons: Iterable[CodeableConcept | None] | None, context: MappingContext) -> bool:
    """Whether one of the reasons says, in words or by the name of its code, that the patient refused."""
    said = (words.telling_words(context, reason) for reason in reasons or ())
    return any(_CHOICE.search(text) and not _BY_OTHERS.search(text) for text in said)
