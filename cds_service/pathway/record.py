"""The case turned round: which facts speak about a concept, and when they say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from cds_service.pathway.standing import standing
from cds_service.pathway.vocabulary import Presence, When
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import Allergy, DrugUse, Measurement, Service, Statement

F = TypeVar("F")
N = TypeVar("N", "Statement", "DrugUse", "Service", "Allergy")


class Record(Value, frozen=True):
    """The facts of one case by concept id; made once, so that no rule reads the whole chart again.

    ``named`` are the concepts of all of them: most questions are about none a chart has, and end there.
    """

    as_of: date
    statements: Mapping[str, tuple[Statement, ...]]
    measurements: Mapping[str, tuple[Measurement, ...]]
    drugs: Mapping[str, tuple[DrugUse, ...]]
    services: Mapping[str, tuple[Service, ...]]
    allergies: Mapping[str, tuple[Allergy, ...]]
    named: frozenset[str]

    def names_any(self, concepts: Collection[str]) -> bool:
        """Whether any fact of any kind is about any of the concepts."""
        return not self.named.isdisjoint(concepts)

    def has_statements(self, concepts: Collection[str]) -> bool:
        """Whether any statement names any of the concepts."""
        return not self.statements.keys().isdisjoint(concepts)

    def about(self, concepts: Collection[str]) -> tuple[Statement, ...]:
        """Statements that name any of the concepts, each once, negative ones included."""
        return () if self.named.isdisjoint(concepts) else _once(self.statements, concepts)

    def affirmed(self, concepts: Collection[str]) -> tuple[Statement, ...]:
        """Statements that affirm any of the concepts, suspected ones included, at any clinical status."""
        if self.named.isdisjoint(concepts):
            return ()
        found = _once(self.statements, concepts)
        return tuple([s for s in found if s.presence is not Presence.ABSENT])

    def measured(self, concepts: Collection[str]) -> tuple[Measurement, ...]:
        """Measurements of any of the concepts."""
        return () if self.named.isdisjoint(concepts) else _once(self.measurements, concepts)

    def used(self, concepts: Collection[str]) -> tuple[DrugUse, ...]:
        """Systemic drugs of any of the concepts; forms that act only where they are applied are left out."""
        if self.named.isdisjoint(concepts):
            return ()
        return tuple([d for d in _once(self.drugs, concepts) if d.is_systemic])

    def done(self, concepts: Collection[str]) -> tuple[Service, ...]:
        """Services of any of the concepts that were carried out."""
        if self.named.isdisjoint(concepts):
            return ()
        return tuple([s for s in _once(self.services, concepts) if s.status == "done"])

    def allergic(self, concepts: Collection[str]) -> tuple[Allergy, ...]:
        """Allergy entries that name any of the concepts."""
        return () if self.named.isdisjoint(concepts) else _once(self.allergies, concepts)

    def days_since(self, on: date) -> int:
        """Whole days from a date to the day of the call; negative never occurs."""
        return (self.as_of - on).days

    def is_within(self, on: date | None, days: int) -> bool:
        """Whether a date lies in a look-back of so many days, its last day included."""
        return on is not None and self.days_since(on) <= days

    def may_be_within(self, on: date | None, days: int) -> bool:
        """Whether something may be of a look-back: what bears no date is not known to be older."""
        return on is None or self.days_since(on) <= days


def record_of(case: NeckPainCase) -> Record:
    """A case by concept; every rule that asks gets the same one."""
    made = case.worked_out.get("record")
    if not isinstance(made, Record):
        made = case.worked_out["record"] = _record_of(case)
    return made


def _record_of(case: NeckPainCase) -> Record:
    statements = _by_concept(standing(case.statements))
    measurements = _by_quantity(case.measurements)
    drugs, services = _by_concept(case.drugs), _by_concept(case.services)
    allergies = _by_concept(case.allergies)
    named = frozenset[str]().union(statements, measurements, drugs, services, allergies)
    return Record(case.as_of, statements, measurements, drugs, services, allergies, named)


def _by_concept(facts: Iterable[N]) -> Mapping[str, tuple[N, ...]]:
    index: defaultdict[str, list[N]] = defaultdict(list)
    for fact in facts:
        for concept in fact.concepts:
            index[concept].append(fact)
    return {concept: tuple(found) for concept, found in index.items()}


def _by_quantity(measurements: Iterable[Measurement]) -> Mapping[str, tuple[Measurement, ...]]:
    index: defaultdict[str, list[Measurement]] = defaultdict(list)
    for measurement in measurements:
        index[measurement.concept].append(measurement)
    return {concept: tuple(found) for concept, found in index.items()}


def _once(index: Mapping[str, tuple[F, ...]], concepts: Collection[str]) -> tuple[F, ...]:
    """Facts of several concepts, each once."""
    named = sorted(index.keys() & concepts)
    if not named:
        return ()
    if len(named) == 1:
        return index[named[0]]
    return tuple({id(fact): fact for concept in named for fact in index[concept]}.values())


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
