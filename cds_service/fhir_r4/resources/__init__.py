"""Resources of FHIR R4, as far as the pathway reads them."""

from __future__ import annotations

from cds_service.fhir_r4.resources.care import (
    Activity,
    ActivityDetail,
    CarePlan,
    Device,
    DeviceName,
    DiagnosticReport,
    Goal,
    ImagingStudy,
    Procedure,
    Series,
    ServiceRequest,
)
from cds_service.fhir_r4.resources.findings import (
    AllergyIntolerance,
    Answer,
    Condition,
    Finding,
    Flag,
    Observation,
    QuestionnaireResponse,
    Reaction,
    ResponseItem,
)
from cds_service.fhir_r4.resources.medications import (
    DispenseRequest,
    Ingredient,
    Medication,
    MedicationAdministration,
    MedicationRequest,
    MedicationStatement,
)
from cds_service.fhir_r4.resources.persons import (
    Appointment,
    Encounter,
    EncounterDiagnosis,
    Hospitalization,
    Participant,
    Patient,
)
from cds_service.fhir_r4.resources.resource import Resource

__all__ = [
    "STRUCTS",
    "Activity",
    "ActivityDetail",
    "AllergyIntolerance",
    "Answer",
    "Appointment",
    "CarePlan",
    "Condition",
    "Device",
    "DeviceName",
    "DiagnosticReport",
    "DispenseRequest",
    "Encounter",
    "EncounterDiagnosis",
    "Finding",
    "Flag",
    "Goal",
    "Hospitalization",
    "ImagingStudy",
    "Ingredient",
    "Medication",
    "MedicationAdministration",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Participant",
    "Patient",
    "Procedure",
    "QuestionnaireResponse",
    "Reaction",
    "Resource",
    "ResponseItem",
    "Series",
    "ServiceRequest",
]

STRUCTS: dict[str, type[Resource]] = {
    kind.__name__: kind
    for kind in (
        Patient,
        Condition,
        Observation,
        Medication,
        MedicationStatement,
        MedicationRequest,
        MedicationAdministration,
        Procedure,
        ServiceRequest,
        DiagnosticReport,
        ImagingStudy,
        AllergyIntolerance,
        Encounter,
        Appointment,
        Device,
        QuestionnaireResponse,
        Flag,
        Goal,
        CarePlan,
    )
}
