"""MedicationRequest to drugs prescribed: intake is not confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import period_start, when
from cds_service.fhir_mapping.dosage import daily_dose_mg, supply_end
from cds_service.fhir_mapping.medication import as_given, drug_of
from cds_service.fhir_mapping.references import ref_of
from cds_service.pathway.facts import DrugUse
from cds_service.pathway.vocabulary import Intake, Source, When
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import Medication, MedicationRequest

_COUNTED = frozenset({"active", "completed", "stopped"})
_ORDERED = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})


def counts(request: MedicationRequest) -> bool:
    """Whether it is an order to take the drug: no draft, no plan, no order not to."""
    return request.status in _COUNTED and request.intent in _ORDERED and not request.do_not_perform


def drug_use(
    request: MedicationRequest, known: Mapping[str, Medication], context: MappingContext
) -> DrugUse | None:
    """The drug as prescribed; None for drafts, plans, orders not to take it, and drugs none of ours."""
    if not counts(request):
        return None
    drug = drug_of(request, known, context)
    if not drug.concepts:
        return None
    drug = as_given(drug, request.dosage_instruction or (), context)
    start = _start(request, context)
    supply = supply_end(start, request.dispense_request, request.dosage_instruction, context)
    return DrugUse(
        concepts=drug.concepts,
        source=Source(ref_of(request), drug.text),
        intake=Intake.PRESCRIBED,
        ingredient=drug.ingredient,
        is_systemic=drug.is_systemic,
        start=start,
        end=_end(request, start, supply, context),
        is_current=_is_in_use(request, supply, context),
        daily_dose_mg=daily_dose_mg(request.dosage_instruction, drug.strength_mg),
        reasons=words.any_named(request.reason_code, context, TextDomain.CLINICAL),
    )


def _start(request: MedicationRequest, context: MappingContext) -> When | None:
    validity = request.dispense_request.validity_period if request.dispense_request else None
    return when(request.authored_on, context) or period_start(validity, context)


def _end(
    request: MedicationRequest, start: When | None, supply: date | None, context: MappingContext
) -> When | None:
    """Supply end if past; a finished prescription without one is known for its first day only."""
    if supply is not None and supply < context.as_of:
        return When(supply)
    if request.status == "active":
        return None
    return start if supply is None else When(context.as_of)


def _is_in_use(request: MedicationRequest, supply: date | None, context: MappingContext) -> bool:
    """Active ones to the end of their supply; of completed ones only the supply tells that they last."""
    if request.status == "active":
        return supply is None or supply >= context.as_of
    return request.status == "completed" and supply is not None and supply >= context.as_of
