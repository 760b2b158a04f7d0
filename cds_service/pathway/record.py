"""The case turned round: which facts speak about a concept, and when they say so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from cds_service.pathway.vocabulary import Presence, When

if TYPE_CHECKING:
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import Allergy, DrugUse, Measurement, Service, Statement

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Record:
    """The facts of one case by concept id; made once, so that no rule reads the whole chart again."""

    as_of: date
    statements: Mapping[str, tuple[Statement, ...]]
    measurements: Mapping[str, tuple[Measurement, ...]]
    drugs: Mapping[str, tuple[DrugUse, ...]]
    services: Mapping[str, tuple[Service, ...]]
    allergies: Mapping[str, tuple[Allergy, ...]]

    def about(self, concepts: Iterable[str]) -> tuple[Statement, ...]:
        """Statements that name any of the concepts, each once, negative ones included."""
        return _once(self.statements, concepts)

    def affirmed(self, concepts: Iterable[str]) -> tuple[Statement, ...]:
        """Statements that affirm any of the concepts, suspected ones included, at any clinical status."""
        return tuple(s for s in self.about(concepts) if s.presence is not Presence.ABSENT)

    def measured(self, concepts: Iterable[str]) -> tuple[Measurement, ...]:
        """Measurements of any of the concepts."""
        return _once(self.measurements, concepts)

    def used(self, concepts: Iterable[str]) -> tuple[DrugUse, ...]:
        """Systemic drugs of any of the concepts; forms that act only where they are applied are left out."""
        return tuple(d for d in _once(self.drugs, concepts) if d.is_systemic)

    def done(self, concepts: Iterable[str]) -> tuple[Service, ...]:
        """Services of any of the concepts that were carried out."""
        return tuple(s for s in _once(self.services, concepts) if s.status == "done")

    def allergic(self, concepts: Iterable[str]) -> tuple[Allergy, ...]:
        """Allergy entries that name any of the concepts."""
        return _once(self.allergies, concepts)

    def days_since(self, on: date) -> int:
        """Whole days from a date to the day of the call; negative never occurs."""
        return (self.as_of - on).days

    def is_within(self, on: date | None, days: int) -> bool:
        """Whether a date lies in a look-back of so many days, its last day included."""
        return on is not None and self.days_since(on) <= days


def record_of(case: NeckPainCase) -> Record:
    """A case by concept; every rule that asks gets the same one."""
    made = case.worked_out.get("record")
    if not isinstance(made, Record):
        made = case.worked_out["record"] = _record_of(case)
    return made


def _record_of(case: NeckPainCase) -> Record:
    return Record(
        as_of=case.as_of,
        statements=_by_concept(_without_ended_mentions(case.statements), lambda fact: fact.concepts),
        measurements=_by_concept(case.measurements, lambda fact: (fact.concept,)),
        drugs=_by_concept(case.drugs, lambda fact: fact.concepts),
        services=_by_concept(case.services, lambda fact: fact.concepts),
        allergies=_by_concept(case.allergies, lambda fact: fact.concepts),
    )


def _without_ended_mentions(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements; the reason of a visit is active no longer than the entry that says it is over.

    A visit for a pregnancy or a fever tells of its day and has no status that anybody could change later.
    """
    entries = _by_concept((s for s in statements if s.kind == "Condition"), lambda s: s.concepts)
    for statement in statements:
        is_mention = statement.kind == "Encounter" and not statement.is_current_encounter
        is_ended = is_mention and ends_mention(statement, _once(entries, statement.concepts))
        yield replace(statement, is_active=False) if is_ended else statement


def ends_mention(mention: Statement, entries: Iterable[Statement]) -> bool:
    """Whether any of the entries says that what was mentioned is over since."""
    said = mention.recorded
    return said is not None and any(_ends(entry, said.on) for entry in entries)


def _ends(entry: Statement, said: date) -> bool:
    """Whether an entry says that what was so on a day is over since."""
    if entry.presence is Presence.ABSENT:
        return entry.recorded is not None and entry.recorded.on > said
    if entry.is_active:
        return False
    ended = entry.abated.on if entry.abated else entry.newest_on
    return ended is not None and ended >= said


def _by_concept(facts: Iterable[F], concepts: Callable[[F], Iterable[str]]) -> Mapping[str, tuple[F, ...]]:
    index: dict[str, list[F]] = {}
    for fact in facts:
        for concept in concepts(fact):
            index.setdefault(concept, []).append(fact)
    return {concept: tuple(found) for concept, found in index.items()}


def _once(index: Mapping[str, tuple[F, ...]], concepts: Iterable[str]) -> tuple[F, ...]:
    found = {id(fact): fact for concept in concepts for fact in index.get(concept, ())}
    return tuple(found.values())


def day(when: When | None) -> date | None:
    """The day a recorded date stands for: the latest it allows."""
    return None if when is None else when.on


def first_day(when: When) -> date:
    """The earliest day a recorded date allows."""
    return when.earliest or when.on


def started_on(statement: Statement) -> date | None:
    """Day the thing itself began, as far as the entry tells."""
    return day(start_of(statement))


def start_of(statement: Statement) -> When | None:
    """Start of the thing itself; without an onset, when it was first recorded, or first named at a visit."""
    return statement.onset or statement.recorded or statement.first_mentioned


def stated_on(statement: Statement) -> date | None:
    """Newest date of the entry itself (onset or recording); a mere mention only where neither is known."""
    own = [when.on for when in (statement.onset, statement.recorded) if when is not None]
    return max(own, default=day(statement.last_mentioned))


def newest_on(statement: Statement, as_of: date) -> date | None:
    """Newest dated evidence for an entry; a reason for today's encounter is evidence of today."""
    return as_of if statement.is_current_encounter else statement.newest_on
