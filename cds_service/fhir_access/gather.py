"""Gather the data of one call, by prefetch key.

Prefetch is the only source so far. Reading from ``fhirServer`` belongs here too: between classifying and
judging what is missing, for the keys whose state is NOT_TRIED.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cds_service.clinical_data import ClinicalData, DataState, KeyData
from cds_service.errors import ClinicalDataUnavailable
from cds_service.fhir_access.classify import Classified, classify
from cds_service.fhir_access.templates import NEEDS, PATIENT_KEY, DataNeed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_service.clinical_data import OrdersInHand
    from cds_service.fhir_access.plain import Value


# Keys whose resources have a clinical status, which changed its form with R4.
WITH_STATUS = ("conditions", "allergies")


@dataclass(frozen=True, slots=True)
class Call:
    """What gathering needs to know of a hook call.

    Attributes:
        patient_id: Bare id.
        encounter_id: Bare id, if given.
        user_ref: ``Type/id``.
        prefetch: As received, or decoded already where it is plain.
        required: Keys without which there is no answer.
        orders: The drafts of an order hook; None for other hooks.
    """

    patient_id: str
    encounter_id: str | None
    user_ref: str
    prefetch: Mapping[str, Value]
    required: frozenset[str]
    orders: OrdersInHand | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """The data, what was not used of it by reason, and whether it is of FHIR before R4."""

    data: ClinicalData
    dropped: Counter[str]

    @property
    def is_old_version(self) -> bool:
        """Resource types that only DSTU2 or STU3 have, or no clinical status in the form of R4."""
        has_status = any(self.data.keys[key].resources for key in WITH_STATUS if key in self.data.keys)
        return self.dropped["old-version"] > 0 or (self.dropped["old-status"] > 0 and not has_status)


def gather(call: Call, needs: tuple[DataNeed, ...] = NEEDS) -> Gathered:
    """Every key the service asks for, with its state.

    Raises:
        ClinicalDataUnavailable: A required key is not there; names the key.
    """
    classified = {need.key: classify(call.prefetch.get(need.key), need) for need in needs}
    if PATIENT_KEY in classified:
        classified[PATIENT_KEY] = _of_this_patient(classified[PATIENT_KEY], call.patient_id)
    keys = {key: found.data for key, found in classified.items()}
    missing = [key for key in sorted(call.required) if not keys[key].resources]
    if missing:
        raise ClinicalDataUnavailable(*missing)
    dropped = Counter[str]()
    for found in classified.values():
        if found.dropped:
            dropped.update(found.dropped)
    if call.orders is not None:
        dropped.update(call.orders.dropped)
    return Gathered(
        ClinicalData(call.patient_id, call.encounter_id, call.user_ref, keys, call.orders), dropped
    )


def _of_this_patient(found: Classified, patient_id: str) -> Classified:
    """A Patient with another id is nobody we were asked about."""
    if any(patient.id not in (None, patient_id) for patient in found.data.resources):
        return Classified(KeyData(DataState.NOT_TRIED), {"wrong-patient": 1})
    return found
