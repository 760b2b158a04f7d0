"""Types of the reviewed data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.guideline.units import Units

NOT_REVIEWED = "not yet reviewed"


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything a clinician reviews: unknown members are mistakes."""


class Threshold(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number with its unit, meaning and source."""

    value: int | float | dict[str, float]
    unit: str
    means: str
    rules: list[str]
    article: list[int] = []
    marks: list[str] = []


class RuleText(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule in words.

    Attributes:
        title: Short name; the constant display of the card's topic.
        statement: What the rule says.
        origin: The article, an interpretation of it, or beyond it.
        article: The article's reference numbers.
        marks: Interpretations and disagreements it rests on (I-n, C-n).
        status: "implemented", or why not.
    """

    title: str
    statement: str
    origin: Literal["article", "interpretation", "beyond the article"]
    article: list[int] = []
    marks: list[str] = []
    status: str = "implemented"


class Wording(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text for people, with slots."""

    text: str
    rule: str
    article: list[int] = []
    marks: list[str] = []


class Conflict(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A disagreement between the article and another source."""

    article: str
    other: str
    shown: str


class Citation(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source and how far it was checked."""

    title: str
    checked: Literal["full", "abstract", "extract", "secondary", "not reached"]
    url: str | None = None
    doi: str | None = None


class SourceLink(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What cards cite."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Guideline:
    """The reviewed data, checked and ready.

    Attributes:
        version: Version of the data.
        reviews: Review state of each file.
        numbers: The thresholds with their meaning and source.
    """

    version: str
    title: str
    source: SourceLink
    thresholds: Thresholds
    units: Units
    rules: Mapping[str, RuleText]
    wordings: Mapping[str, Wording]
    conflicts: Mapping[str, Conflict]
    interpretations: Mapping[str, str]
    citations: Mapping[str, Citation]
    override_reasons: Mapping[str, Mapping[str, str]]
    numbers: Mapping[str, Threshold]
    reviews: Mapping[str, str]
