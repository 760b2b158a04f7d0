"""Drugs that other entries speak about: long-term-use codes, and prescriptions that were never taken."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cds_service.pathway.facts import DrugRefusal, DrugUse, Statement
from cds_service.pathway.record import first_day
from cds_service.pathway.vocabulary import Intake, Presence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cds_service.terminology import Terminology

DRUG = "drug/"


def from_long_term_codes(statements: Iterable[Statement]) -> Iterator[DrugUse]:
    """Drugs named by "long-term (current) use of ..." diagnoses."""
    for statement in statements:
        concepts = frozenset(c for c in statement.concepts if c.startswith(DRUG))
        if concepts and statement.presence is Presence.PRESENT:
            yield DrugUse(
                concepts=concepts,
                source=statement.source,
                intake=Intake.PRESCRIBED,
                start=statement.onset or statement.recorded,
                end=statement.abated,
                is_current=statement.is_active,
            )


def cancelled_prescriptions_removed(
    drugs: Iterable[DrugUse], refusals: Iterable[DrugRefusal], terminology: Terminology
) -> list[DrugUse]:
    """The drugs without prescriptions a not-taken statement for the same drug speaks against.

    What was not taken before a prescription was written says nothing about that prescription.
    """
    refused: dict[object, list[DrugRefusal]] = defaultdict(list)
    for refusal in refusals:
        refused[refusal.concepts, terminology.ingredient(refusal.source.text)].append(refusal)
    return [
        drug
        for drug in drugs
        if drug.intake is Intake.TAKEN
        or not any(_speaks_of(refusal, drug) for refusal in refused.get((drug.concepts, drug.ingredient), ()))
    ]


def _speaks_of(refusal: DrugRefusal, drug: DrugUse) -> bool:
    return refusal.until is None or drug.start is None or refusal.until.on >= first_day(drug.start)
