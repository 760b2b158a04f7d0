"""Which rules are asked about an order, by precedence (3.2); the first that speaks makes its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.rules.orders.before import judge_emergency, judge_injury, judge_repeat
from cds_service.pathway.rules.orders.contrast import with_mri_safety
from cds_service.pathway.rules.orders.ct import is_ct_agreed, judge_ct
from cds_service.pathway.rules.orders.drugs import (
    judge_analgesic_order,
    judge_opioid_order,
    judge_relaxant_order,
)
from cds_service.pathway.rules.orders.mri import (
    judge_conditional_device,
    judge_device,
    judge_flagged,
    judge_timing,
)
from cds_service.pathway.rules.orders.myelography import judge_myelography, with_cautions
from cds_service.pathway.rules.orders.plain_film import judge_film
from cds_service.pathway.rules.orders.referral import judge_injection, judge_surgical_referral
from cds_service.pathway.rules.orders.wares import MRI_WARES, Ware

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cds_service.pathway.finding import Advice
    from cds_service.pathway.rules.orders.question import OrderQuestion

_BEFORE = (judge_emergency, judge_injury, judge_repeat)
_MRI = (judge_device, *_BEFORE, judge_flagged, judge_timing, judge_conditional_device)
_RULES: Mapping[Ware, tuple[Callable[[OrderQuestion], Advice | None], ...]] = {
    Ware.MRI: _MRI,
    Ware.MRI_CONTRAST: _MRI,
    Ware.CT_MYELOGRAPHY: (*_BEFORE, judge_myelography),
    Ware.CT: (judge_emergency, judge_repeat, judge_ct),
    Ware.XRAY: (*_BEFORE, judge_film),
    Ware.NSAID: (judge_analgesic_order,),
    Ware.RELAXANT: (judge_relaxant_order,),
    Ware.OPIOID: (judge_opioid_order,),
    Ware.SURGERY: (judge_surgical_referral,),
    Ware.INJECTION: (judge_injection,),
}
_SAYS_NOTHING_OF_SAFETY = ("R58", "S4")
# R59 and R61: silence.
_NO_RULES: tuple[Callable[[OrderQuestion], Advice | None], ...] = ()


def judge_order(question: OrderQuestion) -> Advice | None:
    """The card on one order; None when the pathway agrees or has nothing to say."""
    if question.ware is Ware.CT and is_ct_agreed(question):
        return None
    rules = _RULES.get(question.ware, _NO_RULES)
    advice = next((advice for rule in rules if (advice := rule(question)) is not None), None)
    if question.ware is Ware.CT_MYELOGRAPHY:
        return with_cautions(question, advice)
    is_of_another_reason = advice is not None and advice.rule in _SAYS_NOTHING_OF_SAFETY
    is_mri = question.ware in MRI_WARES
    return with_mri_safety(question, advice) if advice and is_mri and is_of_another_reason else advice
