"""MedicationRequest: ibuprofen as the article doses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cds_service.cards.proposals.drafting import RXNORM, UCUM, concept, orderable, reason_references

if TYPE_CHECKING:
    from cds_service.cards.proposals.drafting import Drafting
    from cds_service.pathway.finding import Proposal

_IBUPROFEN = concept(RXNORM, "5640", "Ibuprofen")
_REASONS = frozenset({"Condition", "Observation"})


def medication_request(proposal: Proposal, drafting: Drafting) -> dict[str, Any]:
    """A draft prescription; no duration is set, since the article gives none."""
    return {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": drafting.options.profile.intent,
        "medicationCodeableConcept": orderable(proposal.kind, _IBUPROFEN, drafting),
        "subject": drafting.subject(),
        **drafting.encounter(),
        "authoredOn": drafting.case.as_of.isoformat(),
        **drafting.requester(),
        **reason_references(proposal.reasons, _REASONS),
        "dosageInstruction": [dosage(drafting)],
    }


def dosage(drafting: Drafting) -> dict[str, Any]:
    """Ibuprofen as the article doses it."""
    limits = drafting.thresholds
    slots = {
        "dose": limits.ibuprofen_dose_mg,
        "period": limits.ibuprofen_period_hours,
        "longest": limits.ibuprofen_period_max_hours,
        "maximum": limits.ibuprofen_daily_maximum_mg,
    }
    return {
        "text": drafting.words.fill("fixed.ibuprofen-dosage", slots),
        "timing": {
            "repeat": {
                "frequency": 1,
                "period": limits.ibuprofen_period_hours,
                "periodMax": limits.ibuprofen_period_max_hours,
                "periodUnit": "h",
            }
        },
        "asNeededBoolean": True,
        "doseAndRate": [{"doseQuantity": _milligrams(limits.ibuprofen_dose_mg)}],
        "maxDosePerPeriod": {
            "numerator": _milligrams(limits.ibuprofen_daily_maximum_mg),
            "denominator": {"value": 1, "unit": "day", "system": UCUM, "code": "d"},
        },
    }


def _milligrams(value: float) -> dict[str, Any]:
    return {"value": int(value) if value.is_integer() else value, "unit": "mg", "system": UCUM, "code": "mg"}
