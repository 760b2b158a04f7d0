"""Types of the reviewed data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Literal

import msgspec

from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.guideline.units import Units

NOT_REVIEWED: Literal["not yet reviewed"] = "not yet reviewed"


class Review(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A review that took place: who looked, when, and when to look again."""

    reviewed_by: list[str]
    reviewed_on: date
    next_review: date


ReviewState = Review | Literal["not yet reviewed"]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything a clinician reviews: unknown members are mistakes.

    Attributes:
        review: Review of this entry; the loader fills in that of the file where there is none.
    """

    review: ReviewState | None = None


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
        sources: Keys of citations for what is beyond the article.
        status: "implemented", or why not.
    """

    title: str
    statement: str
    origin: Literal["article", "interpretation", "beyond the article"]
    article: list[int] = []
    marks: list[str] = []
    sources: list[str] = []
    status: str = "implemented"


class Wording(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text for people, with slots."""

    text: str
    rule: str
    article: list[int] = []
    marks: list[str] = []


class OrderSituation(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order in hand, what is the case, and the card it meets.

    Attributes:
        order: What is ordered.
        when: What is the case.
        card: Indicator of the card, or "silent".
        rule: The rule that says so.
        wording: Key of the summary, "" for silence.
        offers: What the card suggests, "" for nothing.
    """

    order: str
    when: str
    card: Literal["silent", "info", "warning", "critical"]
    rule: str
    wording: str = ""
    offers: str = ""


class Conflict(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A disagreement of the article with itself or with another source.

    Attributes:
        kind: Which of the two.
        article: What the article says.
        other: What else is said, or what is missing.
        resolution: What we make of it.
        shown: Rules whose cards say so.
        sources: Keys of citations.
    """

    kind: Literal["within the article", "with another source"]
    article: str
    other: str
    resolution: str
    shown: list[str]
    sources: list[str]


class Interpretation(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How we read the article where it is silent or ambiguous.

    Attributes:
        gap: What the article leaves open.
        choice: How we read it.
        question: What the clinical owner is asked to decide.
        sources: Keys of citations, where another source was followed.
    """

    gap: str
    choice: str
    question: str
    sources: list[str] = []


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


class Guideline(Value, frozen=True):
    """The reviewed data, checked and ready.

    Attributes:
        version: Version of the data.
        reviews: Review state of each file, which holds for every entry without one of its own.
        numbers: The thresholds with their meaning and source.
    """

    version: str
    title: str
    source: SourceLink
    thresholds: Thresholds
    units: Units
    rules: Mapping[str, RuleText]
    wordings: Mapping[str, Wording]
    order_situations: Mapping[str, OrderSituation]
    conflicts: Mapping[str, Conflict]
    interpretations: Mapping[str, Interpretation]
    citations: Mapping[str, Citation]
    override_reasons: Mapping[str, Mapping[str, str]]
    numbers: Mapping[str, Threshold]
    reviews: Mapping[str, ReviewState]
