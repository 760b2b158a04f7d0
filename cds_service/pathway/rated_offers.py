"""What an order in hand would be rated once a suggestion of its card is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.draft_order import Rating
from cds_service.pathway.finding import ProposalKind
from cds_service.pathway.order_rating import rated
from cds_service.pathway.rules.orders.judge import judge_order
from cds_service.pathway.rules.orders.question import OrderQuestion

if TYPE_CHECKING:
    from cds_service.pathway.draft_order import DraftOrder
    from cds_service.pathway.finding import Advice, Proposal

_STUDIES = {
    ProposalKind.WITHOUT_CONTRAST: "imaging/mri-cervical-wo",
    ProposalKind.MRI: "imaging/mri-cervical-wo",
    ProposalKind.CT_MYELOGRAPHY: "imaging/ct-myelography-cervical",
    ProposalKind.CT_CERVICAL: "imaging/ct-cervical-wo",
}
_CHANGES = frozenset({ProposalKind.DELETE, ProposalKind.REPLACE, ProposalKind.WITHOUT_CONTRAST})


def with_ratings(advice: Advice, question: OrderQuestion) -> Advice:
    """The advice, each proposal that changes the order with the rating this leads to."""
    if question.order.kind != "ServiceRequest" or not advice.proposals:
        return advice
    proposals = (structs.replace(p, rating=_rating(p, question)) for p in advice.proposals)
    return structs.replace(advice, proposals=tuple(proposals))


def _rating(proposal: Proposal, question: OrderQuestion) -> Rating | None:
    if proposal.kind is ProposalKind.RAISE_DRAFT:
        return _of(structs.replace(question.order, priority=proposal.priority), question)
    if proposal.kind not in _CHANGES:
        return None
    study = _STUDIES.get((proposal.successor or proposal).kind)
    # Nothing that is imaging is left.
    if study is None:
        return Rating.NO_GUIDELINES_APPLY
    return _of(structs.replace(question.order, concepts=frozenset({study})), question)


def _of(order: DraftOrder, question: OrderQuestion) -> Rating | None:
    changed = OrderQuestion(
        question.assessment, question.thresholds, question.outcome, order, question.drafted
    )
    found = rated(order, judge_order(changed), is_evaluated=True)
    return found.rating if found else None
