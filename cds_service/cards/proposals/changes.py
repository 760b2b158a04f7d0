"""An order with one thing changed: the whole order as received, its own peculiarities included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cds_service.cards.proposals.drafting import CPT, LOINC, SNOMED, concept
from cds_service.cards.proposals.medication_request import dosage
from cds_service.cards.proposals.service_request import code_of
from cds_service.cards.rating import with_rating
from cds_service.errors import CardError
from cds_service.pathway.finding import ProposalKind

if TYPE_CHECKING:
    from cds_service.cards.proposals.drafting import Drafting
    from cds_service.pathway.finding import Proposal

# MRI of the cervical spine without contrast, by code system; the label of the CPT code is ours.
_WITHOUT_CONTRAST = {
    LOINC: concept(LOINC, "30667-0", "MR Cervical spine WO contrast"),
    SNOMED: concept(
        SNOMED, "571891000119109", "Magnetic resonance imaging of cervical spine without contrast (procedure)"
    ),
    CPT: concept(CPT, "72141", "MRI cervical spine without contrast"),
}


def with_priority(proposal: Proposal) -> dict[str, Any]:
    """The order as recorded, with the proposal's priority."""
    order = proposal.order
    if order is None or not order.resource or proposal.priority is None:
        raise CardError("an update needs the order as recorded")
    recorded: dict[str, Any] = json.loads(order.resource)
    return recorded | {"priority": proposal.priority}


def changed_draft(proposal: Proposal, drafting: Drafting) -> dict[str, Any]:
    """The order in hand as received, with the one change that is proposed, and its rating if asked for."""
    draft = proposal.draft
    if draft is None or not draft.has_id:
        raise CardError("an update needs the order as received")
    received: dict[str, Any] = json.loads(draft.resource)
    changed = received | _change(proposal, received, drafting)
    rating = proposal.rating if drafting.options.profile.rates_orders else None
    return with_rating(changed, rating) if rating else changed


def _change(proposal: Proposal, received: dict[str, Any], drafting: Drafting) -> dict[str, Any]:
    if proposal.kind is ProposalKind.RAISE_DRAFT:
        return {"priority": proposal.priority}
    if proposal.kind is ProposalKind.DOSE:
        return {"dosageInstruction": [dosage(drafting)]}
    if proposal.kind is ProposalKind.WITHOUT_CONTRAST:
        return {"code": _code_without_contrast(received, drafting)}
    return {"code": _code_of_successor(proposal, received, drafting)}


def _code_of_successor(proposal: Proposal, received: dict[str, Any], drafting: Drafting) -> dict[str, Any]:
    """What the order becomes; with no successor a code that says nothing, as in an empty order."""
    successor = proposal.successor
    if successor is None:
        return {"coding": [{}]}
    is_mri = successor.kind is ProposalKind.MRI
    return _code_without_contrast(received, drafting) if is_mri else code_of(successor.kind, drafting)


def _code_without_contrast(received: dict[str, Any], drafting: Drafting) -> dict[str, Any]:
    """In the client's own code where it has one; else in the code system of the order; else in LOINC."""
    if ProposalKind.MRI.value in drafting.options.profile.orderables:
        return code_of(ProposalKind.MRI, drafting)
    code = received.get("code")
    codings = code.get("coding") if isinstance(code, dict) else None
    given = [codings] if isinstance(codings, dict) else codings if isinstance(codings, list) else []
    systems = [coding.get("system") for coding in given if isinstance(coding, dict)]
    known = (_WITHOUT_CONTRAST[system] for system in systems if system in _WITHOUT_CONTRAST)
    return next(known, _WITHOUT_CONTRAST[LOINC])
