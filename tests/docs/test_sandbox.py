"""What the tester's guide promises for the public Sandbox, with drafts in the shape the Sandbox sends."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cds_service.config import NAMES
from tests.docs.markdown import page
from tests.service import client, knowledge

GUIDE = page("sandbox.md")
SNOMED = "http://snomed.info/sct"
CPT = "http://www.ama-assn.org/go/cpt"
NECK_PAIN, FEVER = "81680005", "386661006"


def chart(onset: str | None = "2026-06-10") -> dict[str, Any]:
    """Prefetch as the Sandbox delivers it: what failed is left out."""
    pain = {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": SNOMED, "code": NECK_PAIN}]},
    }
    if onset:
        pain["onsetDateTime"] = onset
    patient = {"resourceType": "Patient", "id": "p1", "birthDate": "1980-01-01", "gender": "female"}
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": pain}]}
    return {"patient": patient, "conditions": bundle}


def imaging(study: str | None, *reasons: str, onset: str | None = "2026-06-10") -> dict[str, Any]:
    """order-select of the PAMA screen; without a study the coding is empty, as when the screen opens."""
    coding = {"code": study, "system": CPT, "display": "a study"} if study else {}
    draft = {
        "resourceType": "ServiceRequest",
        "id": "example-request-id",
        "status": "draft",
        "intent": "plan",
        "code": {"coding": [coding]},
        "subject": {"reference": "Patient/p1"},
        "reasonCode": [{"coding": [{"system": SNOMED, "code": code}]} for code in reasons],
    }
    context = {
        "patientId": "p1",
        "userId": "Practitioner/COREPRACTITIONER1",
        "selections": ["ServiceRequest/example-request-id"],
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": draft}]},
    }
    return call("order-select", context, chart(onset))


def call(hook: str, context: dict[str, Any], prefetch: dict[str, Any]) -> dict[str, Any]:
    request = {
        "hook": hook,
        "hookInstance": "107231ff-0ed1-4bd8-9a31-e1bb5ed5af61",
        "fhirServer": "http://127.0.0.1:18081/fhir",
        "context": context,
        "prefetch": prefetch,
    }
    path = f"/cds-services/neck-pain-{hook}"
    answer = client().post(path, data=json.dumps(request), content_type="application/json")
    return {"status": answer.status_code, **answer.get_json()}


def cards(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(card["source"]["topic"]["code"], card["indicator"]) for card in answer["cards"]]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (imaging(None), []),
        (imaging("72141", NECK_PAIN), [("R46", "warning")]),
        (imaging("72141", NECK_PAIN, onset=None), [("R46u", "info")]),
        (imaging("72141", NECK_PAIN, FEVER), [("R49", "info")]),
        (imaging("72142", NECK_PAIN), [("R50a", "warning")]),
        (imaging("72156", NECK_PAIN), [("R50a", "warning")]),
        (imaging("72125", NECK_PAIN), [("R52a", "warning")]),
    ],
    ids=[
        "screen opened",
        "MRI",
        "MRI, no onset",
        "MRI, fever",
        "contrast",
        "without and with contrast",
        "CT",
    ],
)
def test_the_imaging_screen(answer: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert cards(answer) == expected


def test_patient_view() -> None:
    context = {"patientId": "p1", "userId": "Practitioner/COREPRACTITIONER1"}
    assert cards(call("patient-view", context, chart())) == [("R27", "info")]


def test_a_click_on_the_open_tab_is_refused_as_the_guide_says() -> None:
    context = {"patientId": "p1", "userId": "Practitioner/COREPRACTITIONER1"}
    assert call("order-select", context, chart())["status"] == 400


def test_every_code_to_type_is_one_the_service_reads() -> None:
    terminology = knowledge().terminology
    codes = re.findall(r"`(\d{5,9})`", GUIDE)
    assert len(set(codes)) > 8
    for code in codes:
        system = CPT if len(code) == 5 else SNOMED
        assert terminology.codings(system, code), code


@pytest.mark.parametrize("name", ["sandbox.md", "playground.md"])
def test_every_setting_of_the_pages_guides_exists(name: str) -> None:
    named = set(re.findall(r"CDS_[A-Z_]+", page(name)))
    assert named <= set(NAMES.values())
