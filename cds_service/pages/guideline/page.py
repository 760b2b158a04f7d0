"""Every rule with all that belongs to it, grouped, and searched by words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.guideline.model import Review
from cds_service.pages.guideline.flow import decision_flow
from cds_service.pages.guideline.value_sets import ValueSet, concepts_by_rule, value_sets
from cds_service.pages.templating import render
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cds_service.advise import Knowledge
    from cds_service.config import Settings
    from cds_service.guideline.model import (
        Citation,
        Conflict,
        Guideline,
        Interpretation,
        ReviewState,
        RuleText,
        Threshold,
    )

# Headings of the page, each with the first rule under it, in the order of the guideline data.
GROUPS = {
    "R1": "Who is in the pathway",
    "R5": "Red flags",
    "R23": "When a red flag is found",
    "R27": "Treatment, reassessment and when to image",
    "R37": "Which imaging",
    "R39": "Surgery, pitfalls, occipital neuralgia, background",
    "R46": "Orders",
    "S1": "Safety rules beyond the article",
}
# Kinds of wording, as they are named for a reader.
KINDS = {
    "summary": "Card",
    "flag": "Red flag on a card",
    "suggestion": "Suggestion",
    "line": "Line of the detail",
    "order-note": "Note of a proposed order",
}


class RuleView(Value, frozen=True):
    """One rule with everything that belongs to it."""

    id: str
    text: RuleText
    numbers: Mapping[str, Threshold]
    interpretations: Mapping[str, Interpretation]
    conflicts: Mapping[str, Conflict]
    sources: Mapping[str, Citation]
    sets: tuple[ValueSet, ...]
    wordings: tuple[tuple[str, str], ...]
    other_marks: tuple[str, ...]
    haystack: str = ""

    @property
    def is_active(self) -> bool:
        """Whether this version applies the rule."""
        return self.text.status == "implemented"


class Group(Value, frozen=True):
    """Rules under one heading."""

    name: str
    rules: tuple[RuleView, ...]


def pathway_page(knowledge: Knowledge, settings: Settings, query: str) -> str:
    """The page; with a query the rules that hold all its words, in any of what belongs to them."""
    guideline = knowledge.guideline
    groups = tuple(_found(_groups(guideline), query.casefold().split()))
    return render(
        "pathway.html",
        settings,
        guideline=guideline,
        groups=groups,
        query=query,
        found=sum(len(group.rules) for group in groups),
        total=len(guideline.rules),
        flow=decision_flow(guideline),
        review=review_words,
        said=threshold_words,
        within=_of_kind(guideline, "within the article"),
        other=_of_kind(guideline, "with another source"),
    )


def _found(groups: tuple[Group, ...], words: list[str]) -> Iterator[Group]:
    for group in groups:
        rules = tuple(rule for rule in group.rules if all(word in rule.haystack for word in words))
        if rules:
            yield Group(group.name, rules)


def _of_kind(guideline: Guideline, kind: str) -> dict[str, Conflict]:
    return {key: conflict for key, conflict in guideline.conflicts.items() if conflict.kind == kind}


# The guideline of this process with its rules as the page shows them; kept together, so that another
# guideline never gets the rules of this one.
_MADE: list[tuple[Guideline, tuple[Group, ...]]] = []


def _groups(guideline: Guideline) -> tuple[Group, ...]:
    """All rules, made when the first page is asked for."""
    for known, groups in _MADE:
        if known is guideline:
            return groups
    made = tuple(_grouped([_view(rule, guideline) for rule in guideline.rules]))
    _MADE[:] = [(guideline, made)]
    return made


def _grouped(rules: list[RuleView]) -> Iterator[Group]:
    starts = [number for number, rule in enumerate(rules) if rule.id in GROUPS]
    for first, end in zip(starts, [*starts[1:], len(rules)], strict=True):
        yield Group(GROUPS[rules[first].id], tuple(rules[first:end]))


def _view(rule: str, guideline: Guideline) -> RuleView:
    text = guideline.rules[rule]
    numbers = {name: number for name, number in guideline.numbers.items() if rule in number.rules}
    marks = [*text.marks, *(mark for number in numbers.values() for mark in number.marks)]
    interpretations = {m: guideline.interpretations[m] for m in marks if m in guideline.interpretations}
    conflicts = {
        key: conflict
        for key, conflict in guideline.conflicts.items()
        if key in text.marks or rule in conflict.shown
    }
    sets = tuple(value_sets()[concept] for concept in concepts_by_rule().get(rule, ()))
    view = RuleView(
        id=rule,
        text=text,
        numbers=numbers,
        interpretations=interpretations,
        conflicts=conflicts,
        sources={key: guideline.citations[key] for key in text.sources},
        sets=sets,
        wordings=tuple(_wordings(rule, guideline)),
        other_marks=tuple(dict.fromkeys(m for m in marks if m not in interpretations and m not in conflicts)),
    )
    return structs.replace(view, haystack=" ".join(_words(view)).casefold())


def _wordings(rule: str, guideline: Guideline) -> Iterator[tuple[str, str]]:
    """The sentences a card can show for a rule, by kind."""
    for key, wording in guideline.wordings.items():
        kind = KINDS.get(key.partition(".")[0])
        if wording.rule == rule and kind:
            yield kind, wording.text


def _words(view: RuleView) -> Iterator[str]:
    """Everything the search looks at: also codes and their displays."""
    yield from (view.id, view.text.title, view.text.statement, view.text.origin)
    yield from (f"{number.means} {threshold_words(number)}" for number in view.numbers.values())
    yield from (f"{key} {entry.gap} {entry.choice}" for key, entry in view.interpretations.items())
    yield from (f"{key} {entry.article} {entry.other}" for key, entry in view.conflicts.items())
    yield from (words for _, words in view.wordings)
    for value_set in view.sets:
        yield f"{value_set.concept} {value_set.title}"
        yield from (f"{c.code} {c.display}" for include in value_set.includes for c in include.concept)


def threshold_words(number: Threshold) -> str:
    """A number with its unit: ``38 Cel``."""
    if isinstance(number.value, dict):
        return ", ".join(f"{name} {value:g}" for name, value in number.value.items()) + f" {number.unit}"
    unit = UNITS.get(number.unit, number.unit)
    return f"{number.value:g} {unit}".rstrip()


# UCUM units that read badly to people.
UNITS = {"d": "days", "a": "years", "1": "", "%": "percent", "{score}": "points"}


def review_words(state: ReviewState | None) -> str:
    """What is known of the review of an entry."""
    if not isinstance(state, Review):
        return "not yet reviewed"
    return f"reviewed {state.reviewed_on} by {', '.join(state.reviewed_by)}; next {state.next_review}"
