"""Appointment: the follow-up visit, proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cds_service.cards.proposals.drafting import reason_references
from cds_service.errors import CardError

if TYPE_CHECKING:
    from cds_service.cards.proposals.drafting import Drafting
    from cds_service.pathway.finding import Proposal

_REASONS = frozenset({"Condition", "Procedure", "Observation", "ImmunizationRecommendation"})


def appointment(proposal: Proposal, drafting: Drafting) -> dict[str, Any]:
    """A proposed visit within the window; the patient has yet to agree."""
    if proposal.period is None:
        raise CardError("a follow-up needs its window")
    first, last = proposal.period
    return {
        "resourceType": "Appointment",
        "status": "proposed",
        "description": drafting.words.fill("fixed.follow-up"),
        **reason_references(proposal.reasons, _REASONS),
        "requestedPeriod": [{"start": first.isoformat(), "end": last.isoformat()}],
        "participant": [{"actor": drafting.subject(), "required": "required", "status": "needs-action"}],
    }
