"""An application with a stand-in for the pathway, and requests to send to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from cds_service.advise import Advised, Question
from cds_service.app import create_app
from cds_service.fhir_access.gather import Gathered, gather
from cds_service.hooks.endpoints import Endpoints
from cds_service.pathway.case import NeckPainCase, Subject
from cds_service.pathway.finding import Decision
from cds_service.pathway.vocabulary import User

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PATH = "/cds-services/neck-pain-patient-view"
LIMIT = 50_000
CASE = NeckPainCase(
    as_of=date(2026, 5, 4),
    subject=Subject("Patient/p-1", None, "Practitioner/d-1"),
    user=User.CLINICIAN,
    age_years=None,
    sex=None,
)


@dataclass
class StandIn:
    """Gathers as the service does, then answers with a fixed body; remembers what it was asked."""

    response: dict[str, Any] = field(default_factory=lambda: {"cards": []})
    questions: list[Question] = field(default_factory=list)
    gathered: list[Gathered] = field(default_factory=list)

    def __call__(self, question: Question) -> Advised:
        self.questions.append(question)
        found = gather(question.call)
        self.gathered.append(found)
        return Advised(found, CASE, Decision(), self.response)


def client_of(advise: Any) -> FlaskClient:
    """A test client of the application with this advisor."""
    return create_app(Endpoints(advise, LIMIT, {"guideline_version": "g-1"})).test_client()


def patient_view(**changes: Any) -> dict[str, Any]:
    """A complete small request; a change to ``...`` leaves the member out."""
    request = {
        "hook": "patient-view",
        "hookInstance": "7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10",
        "context": {"userId": "Practitioner/d-1", "patientId": "p-1"},
        "prefetch": {"patient": {"resourceType": "Patient", "id": "p-1"}},
    } | changes
    return {name: value for name, value in request.items() if value is not ...}
