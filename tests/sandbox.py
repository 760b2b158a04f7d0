"""The public CDS Hooks Sandbox as a client of the tests: its requests, its tokens, its use of answers.

After its source of 31 March 2026: ``src/middleware/cds-execution.js``, ``src/components/Pama/pama.jsx``,
``src/components/CardList/card-list.jsx`` and ``src/reducers/medication-reducers.js``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jwt

from tests.contract.signing import ec_key, public_jwk

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = dict[str, Any]
ORIGIN = "https://sandbox.cds-hooks.org"
KEYS_URL = f"{ORIGIN}/.well-known/jwks.json"
KEY_ID = "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f"
USER = "Practitioner/COREPRACTITIONER1"
RATING = "http://fhir.org/argonaut/Extension/pama-rating"
CPT, SNOMED = "http://www.ama-assn.org/go/cpt", "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def study(code: str) -> Json:
    """A study of the imaging screen's list; the wording of CPT is not ours to repeat."""
    return {"code": code, "display": f"Study {code}", "system": CPT}


def reason(code: str, display: str) -> Json:
    """A reason of the imaging screen's list."""
    return {"code": code, "display": display, "system": SNOMED}


NECK_PAIN = reason("81680005", "Neck pain (finding)")
FEVER = reason("386661006", "Fever (finding)")


def key_set() -> Json:
    """A key set as the Sandbox publishes it, with a key of the tests: its own is not theirs to sign with."""
    return {"keys": [public_jwk(ec_key("sandbox"), KEY_ID, alg="ES384")]}


@dataclass
class Sandbox:
    """One tester in one browser.

    Attributes:
        http: Sends to the service.
        base: The service's address as the tester typed it.
        prefetch: What it got from its FHIR server; None when nothing.
        patient_id: The patient chosen.
        study: Study on the imaging screen; empty when there is none.
        reasons: Reasons on the imaging screen.
        rating: What its rating box says.
    """

    http: Any
    base: str
    prefetch: Json | None
    patient_id: str = "p-1"
    study: Json = field(default_factory=dict)
    reasons: list[Json] = field(default_factory=list)
    rating: str = "unknown"

    def headers(self, url: str, *, issuer: str = ORIGIN) -> dict[str, str]:
        """Of every call: its token for exactly this URL, and its origin."""
        now = int(time.time())
        claims = {"iss": issuer, "aud": url, "exp": now + 300, "iat": now, "jti": str(uuid4())}
        header = {"kid": KEY_ID, "jku": KEYS_URL}
        token = jwt.encode(claims, ec_key("sandbox"), "ES384", headers=header)
        return {"Authorization": f"Bearer {token}", "Accept": "application/json", "Origin": ORIGIN}

    def preflight(self, path: str, method: str, headers: str) -> Any:
        """What the browser asks before the call."""
        asked = {
            "Origin": ORIGIN,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": headers,
        }
        return self.http.options(path, headers=asked)

    def post(self, path: str, body: Json) -> Any:
        """A call as its browser sends it."""
        return self.http.post(path, json=body, headers=self.headers(self.base + path))

    def call(self, service: str, hook: str, context: Json) -> Any:
        """A hook call; ``prefetch`` is left out when there is none."""
        body = {
            "hookInstance": str(uuid4()),
            "hook": hook,
            "fhirServer": "http://127.0.0.1:18081/fhir",
            "context": {"patientId": self.patient_id, "userId": USER, **context},
        }
        answer = self.post(
            f"/cds-services/{service}",
            body | ({"prefetch": self.prefetch} if self.prefetch is not None else {}),
        )
        if answer.status_code == 200:
            self._take_ratings(answer.json)
        return answer

    def open_patient(self) -> Json:
        """The Patient View screen."""
        found: Json = self.call("neck-pain-patient-view", "patient-view", {}).json
        return found

    def imaging(self) -> Json:
        """order-select of the imaging screen, with what is chosen now."""
        draft = {
            "resourceType": "ServiceRequest",
            "id": "example-request-id",
            "status": "draft",
            "intent": "plan",
            "code": _without_undefined({"coding": [self.study], "text": self.study.get("display")}),
            "subject": {"reference": f"Patient/{self.patient_id}"},
            "reasonCode": [{"coding": [r], "text": r["display"]} for r in self.reasons],
        }
        drafts = {"resourceType": "Bundle", "entry": [{"resource": draft}]}
        context = {"selections": ["ServiceRequest/example-request-id"], "draftOrders": drafts}
        found: Json = self.call("neck-pain-order-select", "order-select", context).json
        return found

    def choose(self, code: str, *reasons: Json) -> Json:
        """Choose a study and reasons."""
        self.study, self.reasons = study(code), list(reasons)
        return self.imaging()

    def accept_imaging(self, suggestion: Json) -> Json | None:
        """A click on a suggestion of the imaging screen: nothing happens without an update.

        Raises:
            KeyError, IndexError, TypeError: Where the page throws as well.
        """
        updates = [action["resource"] for action in suggestion["actions"] if action["type"] == "update"]
        for resource in updates:
            (self.rating, *_) = _ratings(resource)
            self.study = resource["code"]["coding"][0]
            self.reasons = [code["coding"][0] for code in resource["reasonCode"]]
        return self.imaging() if updates else None

    def prescribing(self, drug: Json | None, hook: str = "order-select", **members: Any) -> Json:
        """order-select of Rx View, order-sign of Rx Sign; before a drug is chosen there is no intent."""
        draft: Json = {
            "resourceType": "MedicationRequest",
            "id": "request-123",
            "status": "draft",
            "subject": {"reference": f"Patient/{self.patient_id}"},
        }
        if drug is not None:
            draft |= {
                "intent": "order",
                "category": {
                    "coding": [{"system": f"{_THO}/medicationrequest-category", "code": "community"}]
                },
                "medicationCodeableConcept": drug,
            }
        drafts = {"resourceType": "Bundle", "entry": [{"resource": draft | members}]}
        chosen = {"selections": ["MedicationRequest/request-123"]} if hook == "order-select" else {}
        found: Json = self.call(f"neck-pain-{hook}", hook, {**chosen, "draftOrders": drafts}).json
        return found

    def feedback(self, service: str, item: Json) -> Any:
        """``POST <service>/feedback``, one item each."""
        return self.post(f"/cds-services/{service}/feedback", {"feedback": [item]})

    def _take_ratings(self, answer: Json) -> None:
        """The first rating of the updates in ``extension.systemActions``; it is never cleared."""
        actions = answer.get("extension", {}).get("systemActions", [])
        found = [rating for a in actions if a["type"] == "update" for rating in _ratings(a["resource"])]
        self.rating = next(iter(found), self.rating)


_THO = "http://terminology.hl7.org/CodeSystem"


def _ratings(resource: Json) -> Sequence[str]:
    values = [e["valueCodeableConcept"] for e in resource.get("extension", []) if e["url"] == RATING]
    return [coding["code"] for value in values for coding in value["coding"]]


def _without_undefined(value: Json) -> Json:
    return {name: member for name, member in value.items() if member is not None}


def tablets(name: str, code: str) -> Json:
    """A drug of the prescribing screens."""
    return {"text": name, "coding": [{"display": name, "system": RXNORM, "code": code}]}


def taken(count: int, times: int) -> Json:
    """Dosage of the prescribing screens: so many pills so many times a day."""
    timing = {
        "repeat": {
            "frequency": times,
            "period": 1,
            "periodUnit": "d",
            "boundsPeriod": {"start": "2026-06-15"},
        }
    }
    dose = {"doseQuantity": {"value": count, "system": "http://unitsofmeasure.org", "code": "{pill}"}}
    return {"dosageInstruction": [{"timing": timing, "doseAndRate": [dose]}]}
