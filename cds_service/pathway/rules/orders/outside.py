"""Orders for patients the pathway is not evaluated for: imaging of the neck gets a word why (R2, R3, R3b)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import Advice, Evidence, Indicator, Line, Section
from cds_service.pathway.record import day
from cds_service.pathway.rules.orders.wares import is_cervical_imaging

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.pathway.draft_order import DraftOrder
    from cds_service.pathway.eligibility import Eligibility

_UNREADABLE = "conditions-unreadable"
_WORDINGS = {"R3": "R3", "R3b": "R3b"}


def advice_outside(orders: Iterable[DraftOrder], eligibility: Eligibility) -> tuple[Advice, ...]:
    """One card for each imaging order of a child, of unknown age, or with an unread problem list."""
    wording = "R2-unread" if eligibility.why == _UNREADABLE else _WORDINGS.get(eligibility.rule)
    if wording is None:
        return ()
    return tuple(_card(order, eligibility, wording) for order in orders if is_cervical_imaging(order))


def _card(order: DraftOrder, eligibility: Eligibility, wording: str) -> Advice:
    return Advice(
        rule=eligibility.rule,
        wording=wording,
        indicator=Indicator.INFO,
        rules=(eligibility.rule,),
        evidence=(Evidence(eligibility.rule, order, day(order.authored)),),
        lines=(Line(Section.STEP, "not-evaluated", rule=eligibility.rule),),
        order=order,
    )
