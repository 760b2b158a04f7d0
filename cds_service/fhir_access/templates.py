"""The FHIR queries we ask clients to prefetch, and what each may bring.

Only keys the rules read are asked for. Templates stay in the subset every client can resolve: first-level
tokens, no modifiers, no repeated parameters, no ``_include``. Family history is not asked for: the pathway
takes no account of it, on purpose.
"""

from __future__ import annotations

from cds_service.value import Value

PATIENT_KEY = "patient"
PATIENT_TOKEN = "{{context.patientId}}"  # noqa: S105 - a template token of CDS Hooks, not a secret


class DataNeed(Value, frozen=True):
    """One prefetch key.

    Attributes:
        key: Name of the key.
        resource_type: Type the query asks for.
        template: The query.
        is_read: An instance read; otherwise a search, answered by a Bundle.
        page_size: ``_count`` of the query; exactly that many matches may be a cut-off set.
    """

    key: str
    resource_type: str
    template: str
    is_read: bool = False
    page_size: int | None = None


def _search(key: str, resource_type: str, *, newest_first_by: str = "", page_size: int = 500) -> DataNeed:
    order = f"&_sort=-{newest_first_by}" if newest_first_by else ""
    template = f"{resource_type}?patient={PATIENT_TOKEN}{order}&_count={page_size}"
    return DataNeed(key, resource_type, template, page_size=page_size)


NEEDS: tuple[DataNeed, ...] = (
    DataNeed(PATIENT_KEY, "Patient", f"Patient/{PATIENT_TOKEN}", is_read=True),
    _search("conditions", "Condition"),
    # Newest first: where a client cuts the set, the part that decides is there.
    _search("observations", "Observation", newest_first_by="date", page_size=1000),
    _search("medicationStatements", "MedicationStatement"),
    _search("medicationRequests", "MedicationRequest"),
    _search("medicationAdministrations", "MedicationAdministration"),
    _search("procedures", "Procedure"),
    _search("serviceRequests", "ServiceRequest"),
    _search("diagnosticReports", "DiagnosticReport", newest_first_by="date"),
    _search("imagingStudies", "ImagingStudy"),
    _search("allergies", "AllergyIntolerance"),
    _search("encounters", "Encounter", newest_first_by="date"),
    _search("appointments", "Appointment"),
    _search("devices", "Device"),
    _search("questionnaireResponses", "QuestionnaireResponse"),
    _search("flags", "Flag"),
    _search("goals", "Goal"),
    _search("carePlans", "CarePlan"),
)


def templates(needs: tuple[DataNeed, ...] = NEEDS) -> dict[str, str]:
    """Key to query, as discovery publishes it."""
    return {need.key: need.template for need in needs}
