"""The rating appropriate-use programmes ask for: what the pathway makes of an imaging order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.draft_order import RatedOrder, Rating
from cds_service.pathway.rules.orders.wares import Ware, ware_of

if TYPE_CHECKING:
    from cds_service.pathway.draft_order import DraftOrder
    from cds_service.pathway.finding import Advice

# Cards that agree with the study and ask for something beside it.
_AGREEING = frozenset({"R49", "R50b", "R50c"})
# Cards without a verdict: nothing was evaluated, or something else comes first.
_OPEN = frozenset({"R2", "R3", "R3b", "R46u", "S4", "S5", "S7", "S11"})
_ADVANCED = frozenset({Ware.MRI, Ware.MRI_CONTRAST, Ware.CT, Ware.CT_MYELOGRAPHY})
_IMAGING = "imaging/"
_UNDATED = "R46u"


def rated(order: DraftOrder, advice: Advice | None, *, is_evaluated: bool) -> RatedOrder | None:
    """The rating of one order; None for what is no advanced imaging."""
    if order.kind != "ServiceRequest":
        return None
    if ware_of(order) in _ADVANCED:
        return RatedOrder(order, _rating(advice) if is_evaluated else Rating.NO_GUIDELINES_APPLY)
    is_other_kind = order.concepts and not any(concept.startswith(_IMAGING) for concept in order.concepts)
    # What we do not know may be imaging: a client that shows ratings is told that there is none.
    is_film = ware_of(order) is Ware.XRAY
    return None if is_other_kind or is_film else RatedOrder(order, Rating.NO_GUIDELINES_APPLY)


def _rating(advice: Advice | None) -> Rating:
    if advice is None or advice.rule in _AGREEING or advice.wording == "S8-conditional":
        return Rating.APPROPRIATE
    if advice.rule in _OPEN or _UNDATED in advice.rules:
        return Rating.NO_GUIDELINES_APPLY
    return Rating.NOT_APPROPRIATE
