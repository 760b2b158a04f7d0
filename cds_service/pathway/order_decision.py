"""From the orders in hand to a decision: each judged by itself, the most serious cards first (3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.finding import GRAVEST_FIRST, Advice, Line, Section
from cds_service.pathway.order_rating import rated
from cds_service.pathway.rated_offers import with_ratings
from cds_service.pathway.rules.orders.judge import judge_order
from cds_service.pathway.rules.orders.outside import advice_outside
from cds_service.pathway.rules.orders.question import OrderQuestion
from cds_service.pathway.rules.orders.wares import Ware, ware_of
from cds_service.pathway.rules.red_flag_cards import red_flag_outcome
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.draft_order import DraftOrder, RatedOrder
    from cds_service.pathway.eligibility import Eligibility
    from cds_service.pathway.wishes import Wishes

# What runs in comfort care: the safety of the drugs that comfort.
_IN_COMFORT_CARE = frozenset({Ware.NSAID, Ware.RELAXANT})


class JudgedOrders(Value, frozen=True):
    """The cards on the orders in hand, those that did not fit or are not wanted, and ratings of imaging."""

    advice: tuple[Advice, ...] = ()
    also: tuple[Advice, ...] = ()
    muted: tuple[Advice, ...] = ()
    ratings: tuple[RatedOrder, ...] = ()


def judge_orders_outside(
    orders: tuple[DraftOrder, ...],
    eligibility: Eligibility,
    thresholds: Thresholds,
    wishes: Wishes,
) -> JudgedOrders:
    """Orders for a patient the pathway does not apply to, or may not."""
    judged = _judged(orders)
    return _settled(judged, advice_outside(judged, eligibility), thresholds, wishes, is_evaluated=False)


def judge_orders(
    orders: tuple[DraftOrder, ...],
    assessment: Assessment,
    thresholds: Thresholds,
    wishes: Wishes,
    *,
    is_comfort_care: bool = False,
) -> JudgedOrders:
    """At most one card an order."""
    outcome = red_flag_outcome(assessment, thresholds)
    judged = _judged(orders)
    spoken_of = judged
    if is_comfort_care:
        spoken_of = tuple(order for order in judged if ware_of(order) in _IN_COMFORT_CARE)
    found = []
    for order in spoken_of:
        others = frozenset[str]().union(*(o.concepts for o in orders if o is not order))
        question = OrderQuestion(assessment, thresholds, outcome, order, others)
        advice = judge_order(question)
        if advice is not None:
            found.append(with_ratings(advice, question) if wishes.rates_offers else advice)
    return _settled(judged, found, thresholds, wishes, is_evaluated=not is_comfort_care)


def _judged(orders: Iterable[DraftOrder]) -> tuple[DraftOrder, ...]:
    return tuple(order for order in orders if order.is_judged)


def _settled(
    judged: tuple[DraftOrder, ...],
    advice: Iterable[Advice],
    thresholds: Thresholds,
    wishes: Wishes,
    *,
    is_evaluated: bool,
) -> JudgedOrders:
    """The most serious first; what is beyond the limit is named on the last card."""
    everything = sorted(advice, key=_severity)
    by_order: Mapping[str, Advice] = {a.order.name: a for a in everything if a.order}
    ratings = (rated(order, by_order.get(order.name), is_evaluated=is_evaluated) for order in judged)
    speaking = [a for a in everything if a.rule not in wishes.muted]
    shown, also = speaking[: thresholds.max_cards], speaking[thresholds.max_cards :]
    if shown and also:
        names = tuple(f"@term.card-{further.rule}" for further in also)
        last = shown[-1]
        shown[-1] = structs.replace(last, lines=(*last.lines, Line(Section.ALSO, "also", {"cards": names})))
    muted = tuple(a for a in everything if a.rule in wishes.muted)
    return JudgedOrders(tuple(shown), tuple(also), muted, tuple(r for r in ratings if r is not None))


def _severity(advice: Advice) -> tuple[int, int]:
    return GRAVEST_FIRST.index(advice.indicator), advice.order.place if advice.order else 0
