"""The trace: what was read, and what every rule made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from cds_service.cards.wording import Words
from cds_service.inspection.facts import fact_rows, order_rows, who
from cds_service.pathway.finding import FlagState
from cds_service.pathway.rules.red_flags.concepts import TARGET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cds_service.advise import Advised, Knowledge
    from cds_service.inspection.facts import FactRow
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.finding import RuleVerdict


class RuleRow(msgspec.Struct, frozen=True):
    """What one rule said: ``state`` is met, possible, not met or undetermined."""

    rule: str
    title: str
    state: str
    why: str
    refs: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """The rule on the pathway page: a recorded serious cause counts under R23."""
        return "R23" if self.rule == TARGET else self.rule


class KeyRow(msgspec.Struct, frozen=True):
    """How one prefetch key was answered."""

    key: str
    state: str
    count: int
    unread: tuple[str, ...] = ()


class InputRow(msgspec.Struct, frozen=True):
    """One input: resource, what it is, what it says, when, and the record's own words."""

    ref: str
    what: str
    value: str
    when: str = ""
    text: str = ""
    duplicates: tuple[str, ...] = ()


class Trace(msgspec.Struct, frozen=True):
    """Everything between the request and the cards."""

    who: str
    keys: tuple[KeyRow, ...]
    not_used: tuple[str, ...]
    inputs: tuple[InputRow, ...]
    rules: tuple[RuleRow, ...]
    facts: dict[str, str]


def trace_of(advised: Advised, knowledge: Knowledge) -> Trace:
    """The trace of an answered call."""
    return Trace(
        who=who(advised.case),
        keys=tuple(_keys(advised)),
        not_used=tuple(_not_used(advised)),
        inputs=tuple(_inputs(advised.case, knowledge)),
        rules=tuple(_rules(advised, knowledge)),
        facts=dict(_facts(advised)),
    )


def _keys(advised: Advised) -> Iterator[KeyRow]:
    for key, data in advised.gathered.data.keys.items():
        unread = tuple(f"{item.ref} {', '.join(item.elements)}".rstrip() for item in data.unreadable)
        yield KeyRow(key, data.state.value, len(data.resources), unread)


def _not_used(advised: Advised) -> Iterator[str]:
    yield from (f"{reason}: {count}" for reason, count in advised.gathered.dropped.items())
    if advised.case.readability.wrong_patient:
        yield f"of another patient: {advised.case.readability.wrong_patient}"


def _inputs(case: NeckPainCase, knowledge: Knowledge) -> Iterator[InputRow]:
    labels = knowledge.terminology.labels
    yield from (_input(row, labels) for row in (*order_rows(case), *fact_rows(case)))
    for visit in case.visits:
        yield InputRow(visit.source.ref, "appointment", "", visit.on.isoformat(), visit.source.text)
    for course in case.courses:
        said = course.course.value
        yield InputRow(course.source.ref, "course of the pain", said, course.on.on.isoformat())
    for unclear in case.readability.not_interpretable:
        yield InputRow(unclear.ref, unclear.what, f"could not be interpreted ({unclear.why})")


def _input(row: FactRow, labels: Mapping[str, str]) -> InputRow:
    """A fact with the names of our value sets in place of their ids."""
    values = [labels.get(value, value) for value in row.values]
    what = ", ".join(labels.get(concept, concept) for concept in row.concepts)
    if not what and values:
        what = values.pop(0)
    return InputRow(
        row.ref,
        what or "nothing a rule reads",
        ", ".join(values),
        ", ".join(row.days),
        row.text,
        row.duplicates,
    )


def _rules(advised: Advised, knowledge: Knowledge) -> Iterator[RuleRow]:
    words = Words(knowledge.guideline, advised.case.as_of)
    possible = {f.rule for f in advised.decision.findings if f.state is FlagState.POSSIBLE}
    for verdict in advised.decision.verdicts:
        yield _rule(verdict, words, is_possible=verdict.rule in possible)


def _rule(verdict: RuleVerdict, words: Words, *, is_possible: bool) -> RuleRow:
    rules = words.guideline.rules
    refs = tuple(dict.fromkeys(item.source.ref for item in verdict.evidence))
    title = rules[verdict.rule].title if verdict.rule in rules else verdict.rule.replace("-", " ")
    state = "possible" if is_possible else verdict.verdict.value
    return RuleRow(verdict.rule, title, state, words.fill(f"why.{verdict.why}", verdict.slots), refs)


def _facts(advised: Advised) -> Iterator[tuple[str, str]]:
    """The numbers the phase rules went by."""
    for name, value in advised.decision.facts.items():
        said = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield name.replace("_", " "), said or "nothing"
