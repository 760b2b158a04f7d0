"""Findings that may be there, and are named because nobody can tell: they never pass for absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.facts import NotInterpretable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.pathway.vocabulary import When

# The answer is none we know; the question may be about somebody else, or about what is only feared.
ANSWER, WHOSE = "answer", "whose"
_RED_FLAG = ("red-flag/",)
# What somebody has, not what is asked, taken or done.
_HAD = (*_RED_FLAG, "presenting/", "nsaid-caution/", "relaxant-caution/", "risk/", "imaging/")


def not_understood(
    why: str, concepts: Iterable[str], ref: str, on: When | None, context: MappingContext
) -> list[NotInterpretable]:
    """What is named of these concepts: red flags, and where it is open whose it is all that one can have."""
    kinds = _RED_FLAG if why == ANSWER else _HAD
    named = sorted(concept for concept in concepts if concept.startswith(kinds))
    return [NotInterpretable(ref, context.terminology.labels[concept], why, concept, on) for concept in named]
