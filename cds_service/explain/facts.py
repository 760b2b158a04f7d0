"""The facts of a case as lines for a person, each with the resource it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


def fact_lines(case: NeckPainCase) -> Iterator[str]:
    """Who, then every fact in the order the rules get them."""
    age = case.age_years
    years = "age not known" if age is None else f"{age.at_least} to {age.at_most} years"
    if age is not None and age.at_least == age.at_most:
        years = f"{age.at_least} years"
    yield f"{case.subject.patient_ref}, {years}, {case.sex.value if case.sex else 'sex not recorded'}"
    facts: tuple[Any, ...] = (
        *case.statements, *case.measurements, *case.drugs, *case.allergies, *case.services, *case.imaging,
        *case.implants,
    )  # fmt: skip
    yield from (f"{fact.source.ref}: {_words(fact)}" for fact in facts)
    yield from (f"{visit.source.ref}: appointment on {visit.on.isoformat()}" for visit in case.visits)
    yield from (f"{c.source.ref}: pain {c.course.value}, {_day(c.on)}" for c in case.courses)
    yield from (_order(order) for order in case.orders or ())
    yield from (
        f"{n.ref}: {n.what} could not be interpreted ({n.why})" for n in case.readability.not_interpretable
    )


def _order(order: DraftOrder) -> str:
    """An order in hand: what it is, and whether it is judged."""
    hand = "order in hand" if order.is_judged else "another draft"
    dose = "" if order.daily_dose_mg is None else f"{order.daily_dose_mg:g} mg a day at most"
    reasons = f"because of {', '.join(sorted(order.reasons))}" if order.reasons else ""
    parts = [
        hand,
        ware_of(order).value,
        ", ".join(sorted(order.concepts)),
        order.priority or "",
        dose,
        reasons,
    ]
    if order.source.text:
        parts.append(f'"{order.source.text}"')
    return f"{order.source.ref}: {'; '.join(part for part in parts if part)}"


def _words(fact: Any) -> str:
    parts = [", ".join(sorted(getattr(fact, "concepts", ()))), *_particulars(fact)]
    if fact.source.text:
        parts.append(f'"{fact.source.text}"')
    if fact.source.duplicates:
        parts.append(f"also in {', '.join(fact.source.duplicates)}")
    return "; ".join(part for part in parts if part)


def _particulars(fact: Any) -> list[str]:
    match fact:
        case Statement():
            activity = "active" if fact.is_active else "not active"
            return [fact.presence.value, activity, _day(fact.onset, "onset"), _day(fact.recorded, "recorded")]
        case Measurement():
            value = (
                "" if fact.value is None else f"{fact.comparator or ''}{fact.value:g} {fact.unit}".rstrip()
            )
            return [fact.concept, value, _day(fact.taken)]
        case DrugUse():
            return [
                fact.ingredient,
                fact.intake.value,
                "now" if fact.is_current else "ended",
                _day(fact.start, "from"),
            ]
        case Allergy():
            return [f"reaction {fact.reaction.value}", _day(fact.recorded, "recorded")]
        case Service():
            return [fact.status, _day(fact.performed), _day(fact.authored, "ordered")]
        case ImagingReport():
            return [", ".join(sorted(fact.findings)), _day(fact.performed)]
        case Implant():
            return [fact.label.value if fact.label else "no MR label", _day(fact.implanted, "implanted")]
    return []


def _day(when: When | None, word: str = "on") -> str:
    if when is None:
        return ""
    about = "" if when.precision.value == "day" else f" (by {when.precision.value})"
    return f"{word} {when.on.isoformat()}{about}"
