"""Which prefetch key feeds which facts: one mapper a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import structs

from cds_service.fhir_mapping import (
    allergy_intolerance,
    appointment,
    care_plan,
    device,
    encounter,
    flag,
    imaging_report,
    medication_administration,
    medication_request,
    medication_statement,
    procedure,
    service_request,
)
from cds_service.fhir_mapping.goal import map_goal
from cds_service.fhir_mapping.medication import drug_of
from cds_service.fhir_mapping.observation import map_observation
from cds_service.fhir_mapping.references import contained, ref_of, target
from cds_service.fhir_r4.resources import DiagnosticReport, Observation
from cds_service.pathway.facts import NotInterpretable
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.mapped import Mapped
    from cds_service.fhir_mapping.medication import Medications
    from cds_service.pathway.facts import DrugUse

F = TypeVar("F")


class Around(Value, frozen=True):
    """What a mapper may look at beside its own resource."""

    medications: Medications
    neck_refs: frozenset[str]
    results: Mapping[str, Observation] = msgspec.field(default_factory=dict)


Mapper = Callable[[Any, "MappingContext", "Mapped", Around], None]


def _keep(found: F | None, facts: list[F]) -> None:
    if found is not None:
        facts.append(found)


def _keep_or_name(
    use: DrugUse | None, resource: Any, context: MappingContext, mapped: Mapped, around: Around
) -> None:
    """A drug in use of which nothing says what it is could be any: it is named, never silently dropped."""
    if use is not None:
        mapped.drugs.append(use)
    elif resource.status == "active" and not drug_of(resource, around.medications, context).is_told:
        mapped.not_interpretable.append(NotInterpretable(ref_of(resource), resource.resource_type, "drug"))


def _medication_statements(resource: Any, context: MappingContext, mapped: Mapped, around: Around) -> None:
    use = medication_statement.drug_use(resource, around.medications, context)
    _keep_or_name(use, resource, context, mapped, around)
    _keep(medication_statement.refusal(resource, around.medications, context), mapped.refusals)


def _medication_requests(resource: Any, context: MappingContext, mapped: Mapped, around: Around) -> None:
    if medication_request.counts(resource):
        use = medication_request.drug_use(resource, around.medications, context)
        _keep_or_name(use, resource, context, mapped, around)


def _medication_administrations(
    resource: Any, context: MappingContext, mapped: Mapped, around: Around
) -> None:
    _keep(medication_administration.drug_use(resource, around.medications, context), mapped.drugs)


def _procedures(resource: Any, context: MappingContext, mapped: Mapped, _around: Around) -> None:
    procedure.map_procedure(resource, context, mapped)


def _service_requests(resource: Any, context: MappingContext, mapped: Mapped, _around: Around) -> None:
    _keep(service_request.order(resource, context), mapped.services)


def _diagnostic_reports(resource: Any, context: MappingContext, mapped: Mapped, around: Around) -> None:
    _keep(imaging_report.from_report(resource, context), mapped.imaging)
    _results(resource, context, mapped, around)


def _results(report: DiagnosticReport, context: MappingContext, mapped: Mapped, around: Around) -> None:
    """Results a report carries inside itself, or that came along with it; others are in ``observations``."""
    if report.status in ("entered-in-error", "cancelled"):
        return
    wanted = {target(result) for result in report.result or ()}
    for ref in sorted(around.results.keys() & wanted):
        map_observation(around.results[ref], context, mapped)
    for inside in contained(report):
        if isinstance(inside, Observation) and f"#{inside.id}" in wanted:
            _map_contained(inside, report, context, mapped)


def _map_contained(
    inside: Observation, report: DiagnosticReport, context: MappingContext, mapped: Mapped
) -> None:
    ref = f"{ref_of(report)}#{inside.id}"
    if inside.modifier_extension:
        mapped.not_interpretable.append(NotInterpretable(ref, "Observation", "modifier"))
        return
    dated = structs.replace(inside, issued=inside.issued or report.effective_date_time or report.issued)
    map_observation(dated, context, mapped, ref=ref)


def _imaging_studies(resource: Any, context: MappingContext, mapped: Mapped, _around: Around) -> None:
    _keep(imaging_report.from_study(resource, context), mapped.imaging)


def _allergies(resource: Any, context: MappingContext, mapped: Mapped, _around: Around) -> None:
    found = allergy_intolerance.allergy(resource, context)
    _keep(found, mapped.allergies)
    if found is not None and not allergy_intolerance.is_told(resource, context):
        mapped.not_interpretable.append(NotInterpretable(ref_of(resource), resource.resource_type, "allergy"))


def _encounters(resource: Any, context: MappingContext, mapped: Mapped, _around: Around) -> None:
    mapped.services.extend(encounter.services(resource, context))


def _appointments(resource: Any, context: MappingContext, mapped: Mapped, around: Around) -> None:
    _keep(appointment.visit(resource, around.neck_refs, context), mapped.visits)
    _keep(appointment.session(resource, context), mapped.services)


def _devices(resource: Any, context: MappingContext, mapped: Mapped, _around: Around) -> None:
    _keep(device.implant(resource, context), mapped.implants)


def _flags(resource: Any, context: MappingContext, mapped: Mapped, _around: Around) -> None:
    _keep(flag.statement(resource, context), mapped.statements)


def _goals(resource: Any, context: MappingContext, mapped: Mapped, _around: Around) -> None:
    map_goal(resource, context, mapped)


def _care_plans(resource: Any, context: MappingContext, mapped: Mapped, _around: Around) -> None:
    mapped.services.extend(care_plan.services(resource, context))
    _keep(care_plan.weight_plan(resource, context), mapped.statements)


# What is read once something has named a pain (case.py).
MAPPERS: Mapping[str, Mapper] = {
    "medicationStatements": _medication_statements,
    "medicationRequests": _medication_requests,
    "medicationAdministrations": _medication_administrations,
    "procedures": _procedures,
    "serviceRequests": _service_requests,
    "diagnosticReports": _diagnostic_reports,
    "imagingStudies": _imaging_studies,
    "allergies": _allergies,
    "encounters": _encounters,
    "appointments": _appointments,
    "devices": _devices,
    "flags": _flags,
    "goals": _goals,
    "carePlans": _care_plans,
}
