"""What of an answer is kept: rules, ids and verdicts, never a word about the patient."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cds_service.metrics import Counted
from cds_service.records.entries import Answered, ShownCard, ShownSuggestion
from cds_service.telemetry import uuid_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_service.advise import Advised
    from cds_service.caller import Caller
    from cds_service.protocol.discovery import ServiceDescription

EVALUATED = "evaluated"
EXPLANATION = "org.neck-pain-cds.explanation"


def as_kept(
    service: ServiceDescription,
    caller: Caller,
    hook_instance: str,
    outcome: str | Advised,
    versions: Mapping[str, str],
) -> Answered:
    """A call as it is kept.

    Args:
        service: That answered.
        caller: Who asked.
        hook_instance: As received.
        outcome: The evaluation, or why there was none.
        versions: Of what answered.
    """
    now = datetime.now(UTC)
    if isinstance(outcome, str):
        return Answered(now, caller.name, service.id, service.hook, None, outcome)
    cards = outcome.response["cards"]
    if not cards:
        return Answered(now, caller.name, service.id, service.hook, None, EVALUATED)
    return Answered(
        at=now,
        client=caller.name,
        service=service.id,
        hook=service.hook,
        hook_instance=uuid_or_none(hook_instance),
        outcome=EVALUATED,
        verdicts=dict(Counter([said.verdict for said in outcome.decision.verdicts])),
        versions=dict(versions),
        cards=tuple(_card(card, position) for position, card in enumerate(cards)),
    )


def _card(card: dict[str, Any], position: int) -> ShownCard:
    explanation = card.get("extension", {}).get(EXPLANATION, {})
    rule = card["source"]["topic"]["code"]
    return ShownCard(
        uuid=card["uuid"],
        rule=rule,
        indicator=card["indicator"],
        position=position,
        rules=tuple(explanation.get("rules", (rule,))),
        suggestions=tuple(
            ShownSuggestion(suggestion["uuid"], place, _kind(suggestion))
            for place, suggestion in enumerate(card.get("suggestions", ()))
        ),
    )


def _kind(suggestion: dict[str, Any]) -> str:
    """What the first action does to what ("create ServiceRequest")."""
    for action in suggestion.get("actions", ()):
        target = (
            action.get("resource", {}).get("resourceType") or action.get("resourceId", "").partition("/")[0]
        )
        return f"{action['type']} {target}"[:64]
    return "none"


def as_counted(outcome: str | Advised) -> Counted:
    """What the metrics count of a call."""
    if isinstance(outcome, str):
        return Counted(outcome=outcome)
    return Counted(
        outcome=EVALUATED,
        cards=tuple(card["source"]["topic"]["code"] for card in outcome.response["cards"]),
        rules=tuple([said.rule for said in outcome.decision.verdicts]),
        verdicts=tuple([said.verdict for said in outcome.decision.verdicts]),
        unmapped=outcome.case.readability.unmapped,
        keys=tuple(outcome.gathered.data.keys),
        states=tuple([data.state for data in outcome.gathered.data.keys.values()]),
    )
