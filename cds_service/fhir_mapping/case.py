"""The case of one patient on one day, assembled from what was gathered.

A chart without neck or occipital pain is the usual one: what can name a pain is read first, and the rest only
when something did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.fhir_mapping import appointment, condition, encounter, questionnaire_response
from cds_service.fhir_mapping.context import MappingContext
from cds_service.fhir_mapping.dates import recorded_span
from cds_service.fhir_mapping.draft_order import InHand, read_in_hand
from cds_service.fhir_mapping.drugs import cancelled_prescriptions_removed, from_long_term_codes
from cds_service.fhir_mapping.gestation import gestations
from cds_service.fhir_mapping.mapped import Mapped
from cds_service.fhir_mapping.medication import medications_by_ref
from cds_service.fhir_mapping.merge import merged_statements, newest_first
from cds_service.fhir_mapping.observation import map_observations
from cds_service.fhir_mapping.order_reasons import with_reasons
from cds_service.fhir_mapping.patient import age_years, is_deceased, sex
from cds_service.fhir_mapping.prefetch_keys import MAPPERS, Around
from cds_service.fhir_mapping.readable import (
    Readable,
    readability,
    readability_of_states,
    readable,
    without,
)
from cds_service.fhir_mapping.references import is_of_other_patient, ref_of
from cds_service.fhir_mapping.remembered import UnknownCode, codes_for_request
from cds_service.fhir_r4.resources import Appointment, Observation
from cds_service.pathway.case import NeckPainCase, Subject
from cds_service.pathway.vocabulary import User, When

if TYPE_CHECKING:
    from datetime import datetime

    from cds_service.clinical_data import ClinicalData
    from cds_service.fhir_r4.resources import Patient
    from cds_service.guideline.units import Units
    from cds_service.pathway.facts import Measurement, Statement, Visit
    from cds_service.terminology import Terminology

PAIN = "presenting/"
_LAY_USERS = ("Patient/", "RelatedPerson/")


def orders_in_hand(
    data: ClinicalData, terminology: Terminology, units: Units, now: datetime
) -> InHand | None:
    """The orders in hand, read before the chart is; None when the hook is not about orders."""
    if data.orders is None:
        return None
    return read_in_hand(data, data.orders, _context(data, terminology, units, now, None))


def build_case(
    data: ClinicalData, terminology: Terminology, units: Units, now: datetime, in_hand: InHand | None = None
) -> NeckPainCase:
    """Everything the pathway asks about one patient.

    Args:
        data: What was gathered, by prefetch key.
        terminology: Codes and phrases.
        units: Accepted units.
        now: The clinical moment, in the time zone of the EHR.
        in_hand: The orders in hand.
    """
    found = readable(data)
    if in_hand is not None:
        found = without(found, in_hand.refs)
    patient: Patient | None = next(iter(found.resources.get("patient", ())), None)
    context = _context(data, terminology, units, now, patient)
    mapped = _first_look(found, context)
    if in_hand is not None:
        context.unmapped.update(in_hand.unmapped)
        on_record = _refs(found) if in_hand.reasons.shown else frozenset()
        mapped.statements = with_reasons(mapped.statements, in_hand.reasons, on_record)
        mapped.measurements += in_hand.reasons.measurements
        mapped.not_interpretable += in_hand.reasons.not_interpretable
    if any(concept.startswith(PAIN) for s in mapped.statements for concept in s.concepts):
        _everything_else(data, found, context, mapped)
    case = _case(data, found, context, mapped, patient)
    return case if in_hand is None else _with_orders(case, in_hand)


def _refs(found: Readable) -> frozenset[str]:
    """Every entry a reason can refer to."""
    keys = ("conditions", "observations")
    return frozenset(ref_of(resource) for key in keys for resource in found.resources.get(key, ()))


def _with_orders(case: NeckPainCase, in_hand: InHand) -> NeckPainCase:
    wrong = case.readability.wrong_patient + in_hand.wrong_patient
    return structs.replace(
        case, orders=in_hand.orders, readability=structs.replace(case.readability, wrong_patient=wrong)
    )


def quiet_case(data: ClinicalData, now: datetime, in_hand: InHand | None = None) -> NeckPainCase:
    """The case of a chart in which nothing named a pain: who it is about, and what could be read."""
    case = NeckPainCase(
        as_of=now.date(),
        subject=_subject(data),
        user=_user(data),
        age_years=None,
        sex=None,
        readability=readability_of_states(data),
    )
    if in_hand is None:
        return case
    readability = structs.replace(case.readability, unmapped=in_hand.unmapped_by_system)
    return _with_orders(structs.replace(case, readability=readability), in_hand)


def _subject(data: ClinicalData) -> Subject:
    encounter_ref = f"Encounter/{data.encounter_id}" if data.encounter_id else None
    return Subject(f"Patient/{data.patient_id}", encounter_ref, data.user_ref)


def _user(data: ClinicalData) -> User:
    return User.PATIENT if data.user_ref.startswith(_LAY_USERS) else User.CLINICIAN


def _context(
    data: ClinicalData, terminology: Terminology, units: Units, now: datetime, patient: Patient | None
) -> MappingContext:
    zone = now.tzinfo
    if zone is None:
        raise ValueError("the clinical moment needs a time zone")
    unmapped: set[UnknownCode] = set()
    bare = MappingContext(
        terminology,
        units,
        now.date(),
        zone,
        data.patient_id,
        codes_for_request(terminology, unmapped),
        data.encounter_id,
        unmapped=unmapped,
    )
    if patient is None:
        return bare
    born = _born(patient, bare)
    return structs.replace(bare, born=born, age=age_years(born, bare.as_of), sex=sex(patient))


def _born(patient: Patient, context: MappingContext) -> When | None:
    """Birth date as a span; its latest day is not capped, so that a partial one gives the whole range."""
    span = recorded_span(patient.birth_date, context) if patient.birth_date else None
    if span is None or span[0] > context.as_of:
        return None
    return When(min(span[1], context.as_of), span[2], span[0])


def _first_look(found: Readable, context: MappingContext) -> Mapped:
    """What the resources say that can bring a patient into the pathway."""
    mapped = Mapped()
    for entry in found.resources.get("conditions", ()):
        said = condition.statement(entry, context)
        if said is not None:
            mapped.statements.append(said)
    for visit in found.resources.get("encounters", ()):
        mapped.statements.extend(encounter.reasons(visit, context))
    for response in found.resources.get("questionnaireResponses", ()):
        mapped.statements.extend(questionnaire_response.statements(response, context))
        mapped.not_interpretable.extend(questionnaire_response.unclear(response, context))
    map_observations(found.resources.get("observations", ()), context, mapped)
    return mapped


def _everything_else(data: ClinicalData, found: Readable, context: MappingContext, mapped: Mapped) -> None:
    medications = medications_by_ref(r for key in data.keys.values() for r in key.included)
    neck = frozenset(s.source.ref for s in mapped.statements if any(c.startswith(PAIN) for c in s.concepts))
    around = Around(medications, neck, _results_that_came_along(data, found))
    for key, mapper in MAPPERS.items():
        for resource in found.resources.get(key, ()):
            mapper(resource, context, mapped, around)
    mapped.visits += _drafted_visits(data, neck, context)
    mapped.measurements += gestations(found, mapped.statements)
    mapped.drugs += from_long_term_codes(mapped.statements)
    mapped.drugs = cancelled_prescriptions_removed(mapped.drugs, mapped.refusals, context.terminology)
    mentions = [encounter.mention(visit, context) for visit in found.resources.get("encounters", ())]
    mapped.statements = encounter.with_mentions(mapped.statements, [m for m in mentions if m])
    if mapped.observed_on:
        mapped.statements = [_with_observed(s, mapped) for s in mapped.statements]
    if mapped.focused:
        _attach_courses(mapped)
    mapped.measurements += _scores_that_count(found, mapped)


def _scores_that_count(found: Readable, mapped: Mapped) -> list[Measurement]:
    """Focused pain scores, unless each condition they are about is in the chart and another one than this."""
    here = {
        s.source.ref for s in mapped.statements if any(c.startswith((PAIN, "red-flag/")) for c in s.concepts)
    }
    elsewhere = {ref_of(condition) for condition in found.resources.get("conditions", ())} - here
    return [focused.score for focused in mapped.focused_scores if not focused.refs <= elsewhere]


def _drafted_visits(data: ClinicalData, neck: frozenset[str], context: MappingContext) -> list[Visit]:
    """Visits among the drafts: they are not proposed again."""
    beside = (companion.resource for companion in (data.orders.companions if data.orders else ()))
    found = (appointment.visit(r, neck, context) for r in beside if isinstance(r, Appointment))
    return [visit for visit in found if visit is not None]


def _with_observed(statement: Statement, mapped: Mapped) -> Statement:
    """The statement with the newest day something was observed about it; it never sets an onset."""
    on = mapped.observed_on.get(statement.source.ref)
    last = statement.last_mentioned
    if on is None or (last is not None and last.on >= on.on):
        return statement
    return structs.replace(statement, last_mentioned=on)


def _results_that_came_along(data: ClinicalData, found: Readable) -> dict[str, Observation]:
    """Observations of this patient beside the matches, which a report may name as its results."""
    beside = [r for key in data.keys.values() for r in key.included if isinstance(r, Observation)]
    read = {ref_of(resource) for resource in found.resources.get("observations", ())} if beside else set()
    return {
        ref_of(r): r
        for r in beside
        if ref_of(r) not in read and not r.modifier_extension and not is_of_other_patient(r, data.patient_id)
    }


def _attach_courses(mapped: Mapped) -> None:
    """Courses about a pain are the pain's; those about anything else belong to that statement."""
    for focused in mapped.focused:
        about = [s for s in mapped.statements if s.source.ref in focused.refs]
        if any(concept.startswith(PAIN) for s in about for concept in s.concepts):
            mapped.courses.append(focused.statement)
    mapped.statements = [_with_course(s, mapped) for s in mapped.statements]


def _with_course(statement: Statement, mapped: Mapped) -> Statement:
    said = [f.statement for f in mapped.focused if statement.source.ref in f.refs]
    newest = max(said, key=lambda s: (s.on.on, s.source.ref), default=None)
    if newest is None or (statement.course_on and statement.course_on.on > newest.on.on):
        return statement
    return structs.replace(statement, course=newest.course, course_on=newest.on)


def _case(
    data: ClinicalData, found: Readable, context: MappingContext, mapped: Mapped, patient: Patient | None
) -> NeckPainCase:
    return NeckPainCase(
        as_of=context.as_of,
        subject=_subject(data),
        user=_user(data),
        age_years=context.age,
        sex=context.sex,
        is_deceased=patient is not None and is_deceased(patient, context),
        statements=merged_statements(mapped.statements),
        measurements=newest_first(mapped.measurements),
        drugs=newest_first(mapped.drugs),
        refusals=newest_first(mapped.refusals),
        allergies=newest_first(mapped.allergies),
        services=newest_first(mapped.services),
        imaging=newest_first(mapped.imaging),
        implants=newest_first(mapped.implants),
        visits=newest_first(mapped.visits),
        courses=newest_first(mapped.courses),
        readability=readability(data, found, mapped.not_interpretable, context),
    )
