"""Drugs that other entries speak about: long-term-use codes, and prescriptions that were never taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.facts import DrugRefusal, DrugUse, Statement
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
    """The drugs without prescriptions a not-taken statement for the same drug speaks against."""
    refused = {(r.concepts, terminology.ingredient(r.source.text)) for r in refusals}
    return [
        drug
        for drug in drugs
        if drug.intake is Intake.TAKEN or (drug.concepts, drug.ingredient) not in refused
    ]
