"""Orders in a clinician's hand: what is read of them beyond what is read of orders in the record."""

from __future__ import annotations

from cds_service.fhir_r4.elements import NamedReference  # noqa: TC001 - read at run time, by the decoder
from cds_service.fhir_r4.resources import MedicationRequest, Resource, ServiceRequest


class DraftServiceRequest(ServiceRequest, frozen=True):
    """A draft order with the entries it gives as its reasons."""

    reason_reference: tuple[NamedReference, ...] | None = None


class DraftMedicationRequest(MedicationRequest, frozen=True):
    """A draft prescription with the entries it gives as its reasons."""

    reason_reference: tuple[NamedReference, ...] | None = None


DRAFTS: dict[str, type[Resource]] = {
    "ServiceRequest": DraftServiceRequest,
    "MedicationRequest": DraftMedicationRequest,
}
