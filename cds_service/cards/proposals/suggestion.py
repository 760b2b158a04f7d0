"""A proposal as a suggestion of CDS Hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cds_service.cards.options import card_uuid
from cds_service.cards.proposals.appointment import appointment
from cds_service.cards.proposals.medication_request import medication_request
from cds_service.cards.proposals.priority import with_priority
from cds_service.cards.proposals.service_request import service_request
from cds_service.cards.proposals.validation import checked
from cds_service.pathway.finding import ProposalKind

if TYPE_CHECKING:
    from cds_service.cards.proposals.drafting import Drafting
    from cds_service.pathway.finding import Advice, Proposal


def suggestion(proposal: Proposal, advice: Advice, position: int, drafting: Drafting) -> dict[str, Any]:
    """Label, id and the one action of a proposal."""
    slots = {"priority": proposal.priority or "routine"} | dict(proposal.slots)
    slots["priority"] = proposal.priority or "routine"
    key = f"suggestion.{proposal.kind.value}"
    made: dict[str, Any] = {
        "label": drafting.words.fill(f"{key}.label", slots),
        "uuid": card_uuid(drafting.options, advice.rule, str(position)),
        "actions": [_action(proposal, drafting.words.fill(f"{key}.description", slots), drafting)],
    }
    return made | ({"isRecommended": True} if proposal.is_recommended else {})


def _action(proposal: Proposal, description: str, drafting: Drafting) -> dict[str, Any]:
    if proposal.kind is ProposalKind.RAISE_PRIORITY:
        # Echoed as received, its own peculiarities included: not ours to correct.
        return {"type": "update", "description": description, "resource": with_priority(proposal)}
    return {"type": "create", "description": description, "resource": checked(_resource(proposal, drafting))}


def _resource(proposal: Proposal, drafting: Drafting) -> dict[str, Any]:
    if proposal.kind is ProposalKind.IBUPROFEN:
        return medication_request(proposal, drafting)
    if proposal.kind is ProposalKind.FOLLOW_UP:
        return appointment(proposal, drafting)
    return service_request(proposal, drafting)
