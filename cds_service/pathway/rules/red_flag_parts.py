"""Parts the red-flag cards share: the rules and names of their evidence, and how orders are told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cds_service.pathway.open_orders import known_priority
from cds_service.pathway.record import day
from cds_service.pathway.rules.red_flags.groups import present_evidence

if TYPE_CHECKING:
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.facts import Service
    from cds_service.pathway.finding import Evidence, SlotValue
    from cds_service.pathway.vocabulary import Source


def rules_of(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """Rules of evidence, each once."""
    return tuple(dict.fromkeys(item.rule for item in evidence if item.rule != "R23"))


def flag_name(evidence: Evidence) -> str:
    """Wording key of the noun phrase for a flag, as a slot value."""
    return f"@flag.{evidence.name or evidence.rule}"


def flag_names(assessment: Assessment) -> tuple[str, ...]:
    """Noun phrases of the present flags, as slot values."""
    return tuple(dict.fromkeys(flag_name(e) for e in present_evidence(assessment)))


def reasons_for(assessment: Assessment) -> tuple[Source, ...]:
    """The index condition, then the triggers."""
    sources = [assessment.episode.index.source, *(e.source for e in present_evidence(assessment))]
    return tuple(dict.fromkeys(sources))


def order_slots(order: Service, needed: str) -> dict[str, SlotValue]:
    """Date and priority of an order, and the priority that is needed."""
    return {
        "date": day(order.authored) or "@term.date-unknown",
        "priority": f"@term.priority-{known_priority(order.priority) or 'not-stated'}",
        "needed": f"@term.priority-{needed}",
    }
