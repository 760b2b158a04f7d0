"""What the words of a record say about place, side, level and character of a complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.vocabulary import Side, Site
from cds_service.text_patterns import text_pattern
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext

_LEVEL = text_pattern(r"\b(C[1-8]|T1)(?:\s*[-/]\s*(?:C)?([2-8]|T1))?\b")
_QUALITY_WORDS = {
    "paroxysmal": "paroxysmal",
    "paroxysms": "paroxysmal",
    "lancinating": "lancinating",
    "shooting": "shooting",
    "stabbing": "stabbing",
    "electric": "electric",
    "sudden": "sudden",
    "severe": "severe",
    "intractable": "intractable",
    "refractory": "intractable",
    "progressive": "progressing",
    "progressing": "progressing",
    "worsening": "progressing",
}
_QUALITY = text_pattern(
    rf"(?<!\bnon )(?<!\bnon-)(?<!\bnot )(?<!\bno )(?<!\bwithout )\b({'|'.join(_QUALITY_WORDS)})\b"
)


class Described(Value, frozen=True):
    """Place, side, level and character in a text.

    Attributes:
        sites: Body regions.
        side: Side of the body.
        levels: Root levels ("C7") and disc levels ("C6-7"), by a strict pattern.
        qualities: Words for the character of a pain.
    """

    sites: frozenset[Site]
    side: Side | None
    levels: frozenset[str]
    qualities: frozenset[str]


NOWHERE = Described(frozenset(), None, frozenset(), frozenset())


def described(words: str, context: MappingContext) -> Described:
    """What a text says; a chart repeats its words, so each is looked at once a request."""
    found = context.described.get(words)
    if found is None:
        side = context.terminology.side(words)
        found = context.described[words] = Described(
            sites_in(words, context),
            Side(side) if side else None,
            _levels(words),
            frozenset(_QUALITY_WORDS[word.lower()] for word in _QUALITY.findall(words)),
        )
    return found


def sites_in(words: str, context: MappingContext) -> frozenset[Site]:
    """Body regions in a text of which nothing else is asked."""
    return frozenset(map(Site, context.terminology.sites(words)))


def _levels(words: str) -> frozenset[str]:
    found = set()
    for upper, lower in _LEVEL.findall(words):
        lower_level = lower.upper()
        found.add(f"{upper.upper()}-{lower_level}" if lower_level else upper.upper())
    return frozenset(found)
