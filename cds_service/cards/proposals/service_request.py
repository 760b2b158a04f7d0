"""ServiceRequest: imaging, physical therapy and referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cds_service.cards.proposals.drafting import LOINC, SNOMED, concept, orderable, reason_references
from cds_service.pathway.finding import ProposalKind

if TYPE_CHECKING:
    from cds_service.cards.proposals.drafting import Drafting
    from cds_service.pathway.finding import Proposal

_IMAGING = {"text": "Imaging"}
_THERAPY = {"text": "Physical therapy"}
_REFERRAL = {"text": "Referral"}
# Codes verified against complete code lists; nothing else is ever emitted.
_CODES: dict[ProposalKind, tuple[dict[str, Any], dict[str, Any]]] = {
    ProposalKind.MRI: (_IMAGING, concept(LOINC, "30667-0", "MR Cervical spine WO contrast")),
    ProposalKind.CT_MYELOGRAPHY: (_IMAGING, concept(LOINC, "24934-2", "CT Cervical spine W contrast IT")),
    ProposalKind.CT_CERVICAL: (_IMAGING, concept(LOINC, "30592-0", "CT Cervical spine WO contrast")),
    ProposalKind.PHYSICAL_THERAPY: (
        _THERAPY,
        concept(SNOMED, "444831000124102", "Referral for physical therapy (procedure)"),
    ),
    ProposalKind.SPINE_SURGERY: (
        _REFERRAL,
        concept(SNOMED, "308482002", "Referral to neurosurgeon (procedure)"),
    ),
    ProposalKind.NEUROLOGY: (_REFERRAL, concept(SNOMED, "308474002", "Referral to neurologist (procedure)")),
    ProposalKind.PAIN_MEDICINE: (
        _REFERRAL,
        concept(SNOMED, "306265007", "Referral to pain management specialist (procedure)"),
    ),
}
_REASONS = frozenset({"Condition", "Observation", "DiagnosticReport", "DocumentReference"})


def code_of(kind: ProposalKind, drafting: Drafting) -> dict[str, Any]:
    """What it is ordered by, in the client's own code where it has one."""
    return orderable(kind, _CODES[kind][1], drafting)


def service_request(proposal: Proposal, drafting: Drafting) -> dict[str, Any]:
    """A draft order for the signed-in clinician to complete."""
    category, _ = _CODES[proposal.kind]
    resource: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": drafting.options.profile.intent,
        "category": [category],
        "priority": proposal.priority or "routine",
        "code": code_of(proposal.kind, drafting),
        "subject": drafting.subject(),
        **drafting.encounter(),
        "authoredOn": drafting.case.as_of.isoformat(),
        **drafting.requester(),
        **reason_references(proposal.reasons, _REASONS),
    }
    if proposal.kind is ProposalKind.PHYSICAL_THERAPY:
        resource["orderDetail"] = [{"text": drafting.words.fill("fixed.exercise")}]
    notes = drafting.notes(proposal)
    return resource | ({"note": notes} if notes else {})
