"""Drugs taken, prescribed and given."""

from __future__ import annotations

import msgspec

from cds_service.fhir_r4.elements import (
    CodeableConcept,
    Dosage,
    Element,
    Identifier,
    NamedReference,
    Period,
    Quantity,
    Ratio,
    Reference,
)
from cds_service.fhir_r4.late import Late, as_sent
from cds_service.fhir_r4.resources.resource import Resource

Raw = msgspec.Raw


class Ingredient(Element, frozen=True):
    """One ingredient of a drug."""

    item_codeable_concept: CodeableConcept | None = None
    strength: Ratio | None = None


class Medication(Resource, frozen=True):
    """A drug others refer to."""

    identifier: tuple[Identifier, ...] | None = None
    code: CodeableConcept | None = None
    form: CodeableConcept | None = None
    ingredient: tuple[Ingredient, ...] | None = None


class MedicationStatement(Resource, frozen=True):
    """What is said to be taken."""

    status: str | None = None
    medication_codeable_concept_as_sent: Raw = as_sent("medicationCodeableConcept")
    medication_reference: NamedReference | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    date_asserted: str | None = None
    status_reason: tuple[CodeableConcept, ...] | None = None
    reason_code: tuple[CodeableConcept, ...] | None = None
    dosage_as_sent: Raw = as_sent("dosage")

    medication_codeable_concept = Late[CodeableConcept](
        "medication_codeable_concept_as_sent", CodeableConcept
    )
    dosage = Late[tuple[Dosage, ...]]("dosage_as_sent", tuple[Dosage, ...])


class DispenseRequest(Element, frozen=True):
    """How long a prescription lasts."""

    validity_period: Period | None = None
    number_of_repeats_allowed: int | None = None
    expected_supply_duration: Quantity | None = None


class MedicationRequest(Resource, frozen=True):
    """A prescription."""

    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    medication_codeable_concept_as_sent: Raw = as_sent("medicationCodeableConcept")
    medication_reference: NamedReference | None = None
    subject: Reference | None = None
    authored_on: str | None = None
    reason_code: tuple[CodeableConcept, ...] | None = None
    dosage_instruction: tuple[Dosage, ...] | None = None
    dispense_request: DispenseRequest | None = None

    medication_codeable_concept = Late[CodeableConcept](
        "medication_codeable_concept_as_sent", CodeableConcept
    )


class MedicationAdministration(Resource, frozen=True):
    """A dose that was given."""

    status: str | None = None
    medication_codeable_concept_as_sent: Raw = as_sent("medicationCodeableConcept")
    medication_reference: NamedReference | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    reason_code: tuple[CodeableConcept, ...] | None = None
    dosage: Dosage | None = None

    medication_codeable_concept = Late[CodeableConcept](
        "medication_codeable_concept_as_sent", CodeableConcept
    )
