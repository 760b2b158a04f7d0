"""Orders in the record that still stand, and how urgent they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.record import day

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import Service

ROUTINE, URGENT, ASAP, STAT = "routine", "urgent", "asap", "stat"
# From the least urgent to the most.
PRIORITIES = (ROUTINE, URGENT, ASAP, STAT)
ORDERED = frozenset({"ordered"})
# Where nothing presses, what is drafted or planned is not offered again either.
ORDERED_OR_DRAFTED = frozenset({"ordered", "draft"})
ORDERED_OR_PLANNED = frozenset({"ordered", "draft", "planned"})


def known_priority(priority: str | None) -> str | None:
    """The priority, when it is one of FHIR's."""
    return priority if priority in PRIORITIES else None


def is_as_urgent(priority: str | None, needed: str) -> bool:
    """Whether a priority is as urgent as needed; without one FHIR takes an order as routine."""
    return _rank(priority) >= PRIORITIES.index(needed)


def _rank(priority: str | None) -> int:
    return PRIORITIES.index(known_priority(priority) or ROUTINE)


def open_orders(
    case: NeckPainCase,
    concepts: Collection[str],
    days: int,
    *,
    done: date | None = None,
    statuses: frozenset[str] = ORDERED,
) -> tuple[Service, ...]:
    """Orders of any of the concepts that still stand, the most urgent first, of several the newest.

    Args:
        case: Where they are recorded.
        concepts: What is ordered.
        days: Age at which an order is no longer waited for, last day included.
        done: When the newest thing was done that answers such orders. An order without a date may be older.
        statuses: Of an order that counts.
    """
    found = [s for s in case.services if s.status in statuses and not s.concepts.isdisjoint(concepts)]
    standing = [order for order in found if _stands(case, order, days, done)]
    return tuple(sorted(standing, key=lambda order: -_rank(order.priority)))


def _stands(case: NeckPainCase, order: Service, days: int, done: date | None) -> bool:
    written = day(order.authored)
    if written is None:
        return done is None
    is_answered = done is not None and done >= written
    return not is_answered and (case.as_of - written).days <= days
