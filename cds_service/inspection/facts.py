"""The facts of a case as lines for a person, each with the resource it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.pathway.facts import (
    Allergy,
    DrugUse,
    ImagingReport,
    Implant,
    Measurement,
    Service,
    Statement,
)
from cds_service.pathway.rules.orders.wares import ware_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.draft_order import DraftOrder
    from cds_service.pathway.vocabulary import When


class FactRow(msgspec.Struct, frozen=True):
    """One fact as a person reads it.

    Attributes:
        ref: The resource it stands in.
        concepts: What it is about, as ids of our value sets.
        values: What it says.
        days: When, with a word before each date where one is needed.
        text: The record's own words. Patient data: escape before showing.
        duplicates: Further resources that say the same.
    """

    ref: str
    concepts: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    text: str = ""
    duplicates: tuple[str, ...] = ()


def who(case: NeckPainCase) -> str:
    """The patient: reference, age, sex."""
    age = case.age_years
    years = "age not known" if age is None else f"{age.at_least} to {age.at_most} years"
    if age is not None and age.at_least == age.at_most:
        years = f"{age.at_least} years"
    return f"{case.subject.patient_ref}, {years}, {case.sex.value if case.sex else 'sex not recorded'}"


def fact_rows(case: NeckPainCase) -> Iterator[FactRow]:
    """Every fact that was read, in the order the rules get them; orders in hand are apart."""
    facts: tuple[Any, ...] = (
        *case.statements, *case.measurements, *case.drugs, *case.allergies, *case.services, *case.imaging,
        *case.implants,
    )  # fmt: skip
    yield from map(_row, facts)


def order_rows(case: NeckPainCase) -> Iterator[FactRow]:
    """Each order in hand: what it is, and whether it is judged."""
    yield from map(_order, case.orders or ())


def _order(order: DraftOrder) -> FactRow:
    hand = "order in hand" if order.is_judged else "another draft"
    dose = "" if order.daily_dose_mg is None else f"{order.daily_dose_mg:g} mg a day at most"
    reasons = f"because of {', '.join(sorted(order.reasons))}" if order.reasons else ""
    concepts = ", ".join(sorted(order.concepts))
    values = (hand, ware_of(order).value, concepts, order.priority or "", dose, reasons)
    return FactRow(order.source.ref, values=tuple(filter(None, values)), text=order.source.text)


def fact_lines(case: NeckPainCase) -> Iterator[str]:
    """Who, then every fact in the order the rules get them."""
    yield who(case)
    yield from (f"{row.ref}: {_words(row)}" for row in fact_rows(case))
    yield from (f"{visit.source.ref}: appointment on {visit.on.isoformat()}" for visit in case.visits)
    yield from (f"{c.source.ref}: pain {c.course.value}, {_day(c.on)}" for c in case.courses)
    yield from (f"{row.ref}: {_words(row)}" for row in order_rows(case))
    yield from (
        f"{n.ref}: {n.what} could not be interpreted ({n.why})" for n in case.readability.not_interpretable
    )


def _words(row: FactRow) -> str:
    parts = [", ".join(row.concepts), *row.values, *row.days]
    if row.text:
        parts.append(f'"{row.text}"')
    if row.duplicates:
        parts.append(f"also in {', '.join(row.duplicates)}")
    return "; ".join(part for part in parts if part)


def _row(fact: Any) -> FactRow:
    values, days = _particulars(fact)
    source, concepts = fact.source, tuple(sorted(getattr(fact, "concepts", ())))
    return FactRow(
        ref=source.ref,
        concepts=concepts,
        values=tuple(filter(None, values)),
        days=tuple(filter(None, days)),
        text=source.text,
        duplicates=source.duplicates,
    )


def _particulars(fact: Any) -> tuple[list[str], list[str]]:
    """What a fact says, and when."""
    match fact:
        case Statement():
            activity = "active" if fact.is_active else "not active"
            return [fact.presence.value, activity], [
                _day(fact.onset, "onset"),
                _day(fact.recorded, "recorded"),
            ]
        case Measurement():
            value = (
                "" if fact.value is None else f"{fact.comparator or ''}{fact.value:g} {fact.unit}".rstrip()
            )
            return [fact.concept, value], [_day(fact.taken)]
        case DrugUse():
            use = "now" if fact.is_current else "ended"
            return [fact.ingredient, fact.intake.value, use], [_day(fact.start, "from")]
        case Allergy():
            return [f"reaction {fact.reaction.value}"], [_day(fact.recorded, "recorded")]
        case Service():
            return [fact.status], [_day(fact.performed), _day(fact.authored, "ordered")]
        case ImagingReport():
            return [", ".join(sorted(fact.findings))], [_day(fact.performed)]
        case Implant():
            label = fact.label.value if fact.label else "no MR label"
            return [label], [_day(fact.implanted, "implanted")]
    return [], []


def _day(when: When | None, word: str = "on") -> str:
    if when is None:
        return ""
    about = "" if when.precision.value == "day" else f" (by {when.precision.value})"
    return f"{word} {when.on.isoformat()}{about}"
