"""MedicationStatement to drugs taken, and to drugs explicitly not taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import is_future, period_end, period_start, when
from cds_service.fhir_mapping.dosage import daily_dose_mg
from cds_service.fhir_mapping.medication import as_given, drug_of
from cds_service.fhir_mapping.references import ref_of
from cds_service.pathway.facts import DrugRefusal, DrugUse
from cds_service.pathway.vocabulary import Intake, Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import Medication, MedicationStatement

_COUNTED = frozenset({"active", "completed", "stopped"})


def drug_use(
    statement: MedicationStatement, known: Mapping[str, Medication], context: MappingContext
) -> DrugUse | None:
    """The drug as taken; None when the status does not count or the drug is none of ours.

    ``stopped`` counts up to its end date; without one nobody knows until when it was taken.
    """
    if statement.status not in _COUNTED:
        return None
    drug = drug_of(statement, known, context)
    if not drug.concepts:
        return None
    dosages = statement.dosage or ()
    drug = as_given(drug, dosages, context)
    period = statement.effective_period
    end = period_end(period, context) or when(statement.effective_date_time, context)
    if statement.status == "stopped" and end is None:
        return None
    lasts = period is not None and (not period.end or is_future(period.end, context))
    return DrugUse(
        concepts=drug.concepts,
        source=Source(ref_of(statement), drug.text),
        intake=Intake.TAKEN,
        ingredient=drug.ingredient,
        is_systemic=drug.is_systemic,
        start=period_start(period, context) or when(statement.effective_date_time, context),
        end=None if statement.status == "active" and not _has_ended(statement, context) else end,
        is_current=statement.status == "active" and (lasts or not _has_ended(statement, context)),
        daily_dose_mg=daily_dose_mg(dosages, drug.strength_mg),
        reasons=words.any_named(statement.reason_code, context, TextDomain.CLINICAL),
    )


def _has_ended(statement: MedicationStatement, context: MappingContext) -> bool:
    """Whether a period end on or before today is recorded; the status alone may be out of date."""
    end = period_end(statement.effective_period, context)
    return end is not None and end.on < context.as_of


def refusal(
    statement: MedicationStatement, known: Mapping[str, Medication], context: MappingContext
) -> DrugRefusal | None:
    """A drug recorded as not taken."""
    if statement.status != "not-taken":
        return None
    drug = drug_of(statement, known, context)
    if not drug.concepts:
        return None
    period = statement.effective_period
    on = period_start(period, context) or when(statement.effective_date_time, context)
    source = Source(ref_of(statement), drug.text)
    return DrugRefusal(drug.concepts, source, on or when(statement.date_asserted, context))
