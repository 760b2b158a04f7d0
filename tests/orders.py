"""Calls of the order hooks, and drafts to send with them. All patients are invented."""

from __future__ import annotations

import json
from typing import Any

from tests.service import AS_OF, client

PATIENT_ID = "p-1"
SUBJECT = {"reference": f"Patient/{PATIENT_ID}"}
LOINC, SNOMED, CPT = "http://loinc.org", "http://snomed.info/sct", "http://www.ama-assn.org/go/cpt"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
PATIENT = {"resourceType": "Patient", "id": PATIENT_ID, "gender": "female", "birthDate": "1980-03-01"}
EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}
KEYS = (
    *(
        "conditions",
        "observations",
        "medicationStatements",
        "medicationRequests",
        "medicationAdministrations",
    ),
    *("procedures", "serviceRequests", "diagnosticReports", "imagingStudies", "allergies", "encounters"),
    *("appointments", "devices", "questionnaireResponses", "flags", "goals", "carePlans"),
)

Json = dict[str, Any]


def coded(system: str, code: str, display: str = "", text: str = "") -> Json:
    """A CodeableConcept."""
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


MRI = coded(LOINC, "30667-0", "MR Cervical spine WO contrast")
CONTRAST_MRI = coded(LOINC, "24937-5", "MR Cervical spine WO and W contrast IV")
NECK_PAIN = coded(SNOMED, "81680005", "Neck pain")
IBUPROFEN = coded(RXNORM, "5640", "Ibuprofen")


def service(code: Any = MRI, number: Any = "d1", **members: Any) -> Json:
    """A draft ServiceRequest; a member of ``...`` is left out."""
    made = {
        "resourceType": "ServiceRequest",
        "id": number,
        "status": "draft",
        "intent": "order",
        "code": code,
        "subject": SUBJECT,
    } | members
    return {name: value for name, value in made.items() if value is not ...}


def prescription(code: Any = IBUPROFEN, number: Any = "m1", **members: Any) -> Json:
    """A draft MedicationRequest."""
    made = {
        "resourceType": "MedicationRequest",
        "id": number,
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": code,
        "subject": SUBJECT,
    } | members
    return {name: value for name, value in made.items() if value is not ...}


def condition(code: Json = NECK_PAIN, number: str = "c1", **members: Any) -> Json:
    """An active Condition of ten days before the day of the tests."""
    return {
        "resourceType": "Condition",
        "id": number,
        "clinicalStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
            ]
        },
        "code": code,
        "subject": SUBJECT,
        "onsetDateTime": "2026-06-05",
    } | members


def bundle(*resources: Json) -> Json:
    """A searchset."""
    entries = [{"resource": r, "search": {"mode": "match"}} for r in resources]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries)} | (
        {"entry": entries} if entries else {}
    )


def prefetch(**keys: Json) -> Json:
    """A complete chart, empty but for the patient and the keys given."""
    return {"patient": PATIENT} | dict.fromkeys(KEYS, EMPTY) | keys


NECK_PAIN_CHART = prefetch(conditions=bundle(condition()))


R46 = ["R46 warning"]
FEVER = condition(coded(SNOMED, "386661006", "Fever"), "c2", onsetDateTime="2026-06-14")


def dose(milligrams: float, hours: float) -> Json:
    """A dosage: so many milligrams every so many hours."""
    return {
        "timing": {"repeat": {"frequency": 1, "period": hours, "periodUnit": "h"}},
        "doseAndRate": [{"doseQuantity": {"value": milligrams, "unit": "mg", "code": "mg"}}],
    }


def request(
    *drafts: Json, hook: str = "order-select", selected: list[str] | None = None, **changes: Any
) -> Json:
    """A call with these drafts, all of them selected unless said otherwise."""
    context: Json = {
        "userId": "Practitioner/d-1",
        "patientId": PATIENT_ID,
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": draft} for draft in drafts]},
    }
    if hook == "order-select":
        refs = [f"{d['resourceType']}/{d.get('id')}" for d in drafts if d["resourceType"] != "Medication"]
        context["selections"] = refs if selected is None else selected
    made = {
        "hook": hook,
        "hookInstance": "7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10",
        "context": context | changes.pop("context", {}),
        "prefetch": NECK_PAIN_CHART,
    } | changes
    return {name: value for name, value in made.items() if value is not ...}


def post(body: Json, made_client: Any = None) -> Any:
    """The HTTP answer."""
    path = f"/cds-services/neck-pain-{body['hook']}"
    return (made_client or client(AS_OF)).post(path, data=json.dumps(body), content_type="application/json")


def answer(body: Json, made_client: Any = None) -> Json:
    """The body of a call that must succeed."""
    got = post(body, made_client)
    assert got.status_code == 200, got.get_data(as_text=True)
    found: Json = json.loads(got.get_data())
    return found


def cards(*drafts: Json, **changes: Any) -> list[Json]:
    """The cards on these drafts."""
    found: list[Json] = answer(request(*drafts, **changes))["cards"]
    return found


def said(*drafts: Json, **changes: Any) -> list[str]:
    """Rule and indicator of each card."""
    return [f"{card['source']['topic']['code']} {card['indicator']}" for card in cards(*drafts, **changes)]
