"""MedicationStatement to drugs taken, and to drugs explicitly not taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import is_future, is_today, period_end, period_start, when
from cds_service.fhir_mapping.dosage import daily_dose_mg
from cds_service.fhir_mapping.medication import as_given, drug_of
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_mapping.refused import is_refusal
from cds_service.pathway.facts import DrugRefusal, DrugUse
from cds_service.pathway.vocabulary import Intake, Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.medication import Drug
    from cds_service.fhir_r4.resources import Medication, MedicationStatement
    from cds_service.pathway.vocabulary import When

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
    drug, daily_dose = _dosed(statement, drug, context)
    period, moment = statement.effective_period, when(statement.effective_date_time, context)
    ended = period_end(period, context)
    end = ended or moment
    if statement.status == "stopped" and end is None:
        return None
    # An end before today counts more than the status, which may be out of date.
    goes_on = statement.status == "active" and (ended is None or ended.on >= context.as_of)
    return DrugUse(
        concepts=drug.concepts,
        source=Source(ref_of(statement), drug.text),
        intake=Intake.TAKEN,
        ingredient=drug.ingredient,
        is_systemic=drug.is_systemic,
        start=period_start(period, context) or moment,
        end=None if goes_on else end,
        is_current=goes_on or _lasts(statement, end, context),
        daily_dose_mg=daily_dose,
        reasons=words.any_named(statement.reason_code, context, TextDomain.CLINICAL),
    )


def _dosed(statement: MedicationStatement, drug: Drug, context: MappingContext) -> tuple[Drug, float | None]:
    """The drug by the way it is given, and how much of it a day; renewals of a drug repeat their dosage."""
    key = drug, bytes(statement.dosage_as_sent)
    found = context.dosed.get(key)
    if found is None:
        dosages = statement.dosage or ()
        given = as_given(drug, dosages, context)
        found = context.dosed[key] = given, daily_dose_mg(dosages, given.strength_mg)
    return found


def _lasts(statement: MedicationStatement, end: When | None, context: MappingContext) -> bool:
    """Whether it is taken today, though its course is over with this day or has a later end."""
    if statement.status == "stopped":
        return False
    period = statement.effective_period
    return is_today(end, context) or (period is not None and is_future(period.end, context))


def refusal(
    statement: MedicationStatement, known: Mapping[str, Medication], context: MappingContext
) -> DrugRefusal | None:
    """A drug recorded as not taken."""
    if statement.status != "not-taken":
        return None
    drug = drug_of(statement, known, context)
    if not drug.concepts:
        return None
    asserted = when(statement.date_asserted, context)
    moment = when(statement.effective_date_time, context)
    return DrugRefusal(
        drug.concepts,
        Source(ref_of(statement), drug.text),
        on=period_start(statement.effective_period, context) or moment or asserted,
        until=_refused_until(statement, moment, asserted, context),
        is_patients_choice=is_refusal(statement.status_reason, context),
    )


def _refused_until(
    statement: MedicationStatement, moment: When | None, asserted: When | None, context: MappingContext
) -> When | None:
    """Newest day the statement speaks of; of a period without an end that is today."""
    period = statement.effective_period
    ended = period_end(period, context)
    if period is not None and ended is None:
        return None
    return max((w for w in (ended, moment, asserted) if w is not None), key=lambda w: w.on, default=None)
