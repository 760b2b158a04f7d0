"""What is offered for the order in hand itself: to leave it out, to put others in its place, to change it.

An order without an id can be neither deleted nor changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import Proposal, ProposalKind
from cds_service.pathway.rules.red_flags.groups import needed_priority

if TYPE_CHECKING:
    from cds_service.pathway.rules.orders.offers import Proposals
    from cds_service.pathway.rules.orders.question import OrderQuestion


def delete(question: OrderQuestion, *, is_recommended: bool = False) -> Proposals:
    """The order in hand left out."""
    if not question.order.has_id:
        return ()
    return (
        Proposal(
            ProposalKind.DELETE, is_recommended=is_recommended, draft=question.order, slots=question.slots()
        ),
    )


def replace(question: OrderQuestion, parts: Proposals, *, is_recommended: bool = False) -> Proposals:
    """The parts in place of the order in hand; beside it when it cannot be deleted."""
    if not parts or not question.order.has_id:
        return parts
    return (
        Proposal(
            ProposalKind.REPLACE,
            is_recommended=is_recommended,
            draft=question.order,
            parts=parts,
            slots=question.slots(parts=tuple(f"@term.part-{part.kind.value}" for part in parts)),
        ),
    )


def replace_or_delete(question: OrderQuestion, parts: Proposals, *, is_recommended: bool) -> Proposals:
    """The parts in its place, or no more than to leave it out; with nothing to offer, that is recommended."""
    if not parts:
        return delete(question, is_recommended=is_recommended)
    return (*replace(question, parts, is_recommended=is_recommended), *delete(question))


def raised(question: OrderQuestion) -> Proposals:
    """The order in hand with the priority its red flags ask for."""
    if not question.order.has_id:
        return ()
    return (
        Proposal(
            ProposalKind.RAISE_DRAFT,
            is_recommended=True,
            priority=needed_priority(question.assessment),
            draft=question.order,
            slots=question.slots(),
        ),
    )


def without_contrast(question: OrderQuestion, *, is_recommended: bool = False) -> Proposals:
    """The order in hand as an MRI without contrast."""
    if not question.order.has_id:
        return ()
    return (
        Proposal(
            ProposalKind.WITHOUT_CONTRAST,
            is_recommended=is_recommended,
            draft=question.order,
            slots=question.slots(),
        ),
    )


def pathway_dose(question: OrderQuestion) -> Proposals:
    """The order in hand with the article's dosage."""
    if not question.order.has_id:
        return ()
    return (Proposal(ProposalKind.DOSE, is_recommended=True, draft=question.order, slots=question.slots()),)
