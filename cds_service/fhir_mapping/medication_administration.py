"""MedicationAdministration to drugs given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import is_today, period_end, period_start, when
from cds_service.fhir_mapping.medication import as_given, drug_of
from cds_service.fhir_mapping.references import ref_of
from cds_service.pathway.facts import DrugUse
from cds_service.pathway.vocabulary import Intake, Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import Medication, MedicationAdministration

_COUNTED = frozenset({"completed", "in-progress", "stopped"})


def drug_use(
    administration: MedicationAdministration, known: Mapping[str, Medication], context: MappingContext
) -> DrugUse | None:
    """The drug as given; None when it was not, or is none of ours."""
    if administration.status not in _COUNTED:
        return None
    drug = drug_of(administration, known, context)
    if not drug.concepts:
        return None
    drug = as_given(drug, [administration.dosage] if administration.dosage else [], context)
    once = when(administration.effective_date_time, context)
    end = period_end(administration.effective_period, context) or once
    is_of_today = administration.status == "completed" and is_today(end, context)
    return DrugUse(
        concepts=drug.concepts,
        source=Source(ref_of(administration), drug.text),
        intake=Intake.TAKEN,
        ingredient=drug.ingredient,
        is_systemic=drug.is_systemic,
        start=period_start(administration.effective_period, context) or once,
        end=end,
        is_current=administration.status == "in-progress" or is_of_today,
        reasons=words.any_named(administration.reason_code, context, TextDomain.CLINICAL),
    )
