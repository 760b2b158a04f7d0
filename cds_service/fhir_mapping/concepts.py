"""CodeableConcepts to concepts of ours: by code first, by fixed phrases where no code is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_service.fhir_r4.elements import CodeableConcept
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.terminology import TextDomain

NONE: frozenset[str] = frozenset()
# A code that can be a word: a key is figures, with a letter or two.
_LETTERS = re.compile(r"[A-Za-z]{3}")
_DOUBT = re.compile(r"\b(?:suspected|suspicion|possible|probable|likely)\b", re.IGNORECASE)


class Named(Value, frozen=True):
    """What a CodeableConcept names.

    Attributes:
        concepts: Concept ids, empty when it names nothing of ours.
        is_text_only: Matched by phrase, no code of it is known.
        text: The record's own words.
        is_doubtful: The words themselves say "suspected" (text matches only).
    """

    concepts: frozenset[str]
    is_text_only: bool
    text: str
    is_doubtful: bool = False


UNNAMED = Named(NONE, False, "")


def named(concept: CodeableConcept | None, context: MappingContext, *domains: TextDomain) -> Named:
    """Concepts of the codes; when none of them is known, of the text and displays."""
    if concept is None:
        return UNNAMED
    found = context.named.get((domains, concept))
    if found is None:
        found = context.named[domains, concept] = look_up(concept, context, domains)
    return found


def look_up(concept: CodeableConcept, context: MappingContext, domains: tuple[TextDomain, ...]) -> Named:
    """As ``named``, for callers who remember the answer themselves."""
    coded = coded_concepts(concept, context)
    if coded:
        return Named(
            coded, False, next(texts(concept), "") or _own_name(concept, context) or wording(concept)
        )
    context.unmapped.update((c.system, c.code) for c in concept.coding or () if c.code)
    for text in distinct(texts(concept)):
        found = context.terminology.text(text, *domains)
        if found:
            return Named(found, True, text, bool(_DOUBT.search(text)))
    return UNNAMED


def _own_name(concept: CodeableConcept, context: MappingContext) -> str:
    """Our name of a code that came without any words."""
    names = (context.terminology.display(c.system, c.code) for c in concept.coding or ())
    return next(filter(None, names), "")


def distinct(words: Iterable[str]) -> Iterable[str]:
    """Each text once, whatever its case: displays of several systems tend to say the same."""
    first: dict[str, str] = {}
    for text in words:
        first.setdefault(text.lower(), text)
    return first.values()


def coded_concepts(concept: CodeableConcept, context: MappingContext) -> frozenset[str]:
    """Concepts of all codings together."""
    found = NONE
    known = context.terminology.codings
    for coding in concept.coding or ():
        found |= known(coding.system, coding.code)
    return found


def any_named(
    concepts: Iterable[CodeableConcept] | None, context: MappingContext, *domains: TextDomain
) -> frozenset[str]:
    """Concepts of several CodeableConcepts together."""
    return NONE.union(*(named(concept, context, *domains).concepts for concept in concepts or ()))


def texts(concept: CodeableConcept) -> Iterator[str]:
    """The text and the displays, as far as there are any."""
    if concept.text:
        yield concept.text
    for coding in concept.coding or ():
        if coding.display and coding.display != concept.text:
            yield coding.display


def in_words(concept: CodeableConcept) -> CodeableConcept:
    """The concept; where it has no words, its code is its text: some write a name there, and no key."""
    codes = (coding.code for coding in concept.coding or ())
    code = next((code for code in codes if code and _LETTERS.search(code)), None)
    if code is None or any(texts(concept)):
        return concept
    return CodeableConcept(concept.coding, code)


def wording(concept: CodeableConcept | None) -> str:
    """How the record words it: text, else a display, else a code."""
    if concept is None:
        return ""
    codes = (coding.code for coding in concept.coding or () if coding.code)
    return next(texts(concept), None) or next(codes, "")


def telling_words(context: MappingContext, *concepts: CodeableConcept | None) -> str:
    """All words of several concepts; a code of ours that came without its name is given it."""
    bare = (c for concept in concepts if concept for c in concept.coding or () if not c.display)
    names = (context.terminology.display(coding.system, coding.code) for coding in bare)
    return " ; ".join(filter(None, (all_words(*concepts), *names)))


def all_words(*concepts: CodeableConcept | None) -> str:
    """All words of several concepts in one text, for sites, sides, levels and qualities."""
    return " ; ".join(text for concept in concepts if concept for text in texts(concept))
