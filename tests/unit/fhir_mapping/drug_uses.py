"""Drugs in use from one entry each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cds_service.fhir_mapping import medication_request, medication_statement
from tests.mapping import RXNORM, coded, context, resource

if TYPE_CHECKING:
    from cds_service.pathway.facts import DrugUse


IBUPROFEN = coded(RXNORM, "5640", "Ibuprofen")


def taken(known: dict[str, Any] | None = None, **members: Any) -> DrugUse | None:
    """A statement about ibuprofen, in use; ``known`` are drugs by their reference."""
    entry = resource(
        "MedicationStatement", **({"status": "active", "medicationCodeableConcept": IBUPROFEN} | members)
    )
    return medication_statement.drug_use(entry, known or {}, context())


def prescribed(**members: Any) -> DrugUse | None:
    """A prescription of ibuprofen from the first of June."""
    usual = {
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": IBUPROFEN,
        "authoredOn": "2026-06-01",
    }
    return medication_request.drug_use(resource("MedicationRequest", **(usual | members)), {}, context())
