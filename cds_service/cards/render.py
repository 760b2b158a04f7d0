"""A decision to the cards of a CDS Hooks response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cds_service.cards.detail import detail
from cds_service.cards.evidence_text import flag_phrase
from cds_service.cards.explanation import KEY, explanation
from cds_service.cards.gaps import gaps_of
from cds_service.cards.options import RenderOptions, card_uuid
from cds_service.cards.proposals import Drafting, for_client, suggestions
from cds_service.cards.rating import system_actions
from cds_service.cards.wording import Words

if TYPE_CHECKING:
    from cds_service.cards.gaps import Gaps
    from cds_service.guideline.model import Guideline
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.finding import Advice, Decision, SlotValue

__all__ = ["RenderOptions", "render"]


def render(
    decision: Decision, case: NeckPainCase, guideline: Guideline, options: RenderOptions
) -> dict[str, Any]:
    """The response body; no empty or null members.

    Raises:
        CardError: Code and guideline data do not fit together, or a proposed resource is not valid FHIR.
    """
    is_rated = options.profile.rates_orders and bool(decision.ratings)
    if options.profile.is_silent or not (decision.advice or is_rated):
        return {"cards": []}
    words = Words(guideline, case.as_of)
    gaps = gaps_of(decision, words)
    drafting = Drafting(case, guideline.thresholds, words, options)
    fitting = [for_client(advice, options.profile.creates, words) for advice in decision.advice]
    cards = [_card(advice, gaps, words, drafting) for advice in fitting]
    return {"cards": cards} | (system_actions(decision.ratings, words) if is_rated else {})


def _card(advice: Advice, gaps: Gaps, words: Words, drafting: Drafting) -> dict[str, Any]:
    options = drafting.options
    card: dict[str, Any] = {
        "uuid": card_uuid(options, advice.rule, advice.order.name if advice.order else ""),
        "summary": words.summary(advice.wording, _slots(advice, words)),
        "detail": detail(advice, gaps, words),
        "indicator": advice.indicator.value,
        "source": _source(advice, words, options),
    }
    card |= suggestions(advice, drafting)
    if advice.override:
        card["overrideReasons"] = _override_reasons(advice.override, words, options)
    card["links"] = _links(advice, words, options)
    if options.profile.has_explanation:
        card["extension"] = {KEY: explanation(advice, gaps, words)}
    return card


def _slots(advice: Advice, words: Words) -> dict[str, SlotValue]:
    """The advice's own slots, and the first evidence in our own words."""
    computed: dict[str, SlotValue] = (
        {"flag": flag_phrase(advice.evidence[0], words)} if advice.evidence else {}
    )
    return computed | {"more": 0} | dict(advice.slots)


def _source(advice: Advice, words: Words, options: RenderOptions) -> dict[str, Any]:
    guideline = words.guideline
    topic = {
        "system": f"{options.code_base}/CodeSystem/pathway-rule",
        "code": advice.rule,
        "display": guideline.rules[advice.rule].title,
    }
    return {"label": guideline.source.label, "url": guideline.source.url, "topic": topic}


def _override_reasons(kind: str, words: Words, options: RenderOptions) -> list[dict[str, str]]:
    system = f"{options.code_base}/CodeSystem/override-reason"
    reasons = words.guideline.override_reasons[kind]
    return [{"system": system, "code": code, "display": display} for code, display in reasons.items()]


def _links(advice: Advice, words: Words, options: RenderOptions) -> list[dict[str, str]]:
    links = [
        {"label": words.fill("fixed.link-article"), "url": words.guideline.source.url, "type": "absolute"}
    ]
    if options.base_url:
        own = f"{options.base_url}/pathway#{advice.rule}"
        links.append({"label": words.fill("fixed.link-pathway"), "url": own, "type": "absolute"})
    return links
