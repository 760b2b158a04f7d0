"""Nothing of a request reaches the log or an error body, however the call ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.support import LIMIT, PATH, StandIn, client_of

if TYPE_CHECKING:
    import io

MARK = "canary-7391"
ELEMENTS = (
    "id",
    "status",
    "birthDate",
    "gender",
    "code",
    "subject",
    "name",
    "valueQuantity",
    "effectiveDateTime",
    "note",
)
KINDS = {
    "conditions": "Condition",
    "observations": "Observation",
    "serviceRequests": "ServiceRequest",
    "devices": "Device",
}


def marked_resource(kind: str) -> dict[str, Any]:
    return {"resourceType": kind} | {name: f"{MARK} {name}" for name in ELEMENTS}


def marked_request(**changes: Any) -> dict[str, Any]:
    """A request with the marker in every place a client can write to."""
    bundles = {
        key: {"resourceType": "Bundle", "entry": [{"fullUrl": MARK, "resource": marked_resource(kind)}]}
        for key, kind in KINDS.items()
    }
    patient = marked_resource("Patient") | {"id": f"{MARK}-p"}
    return {
        "hook": "patient-view",
        "hookInstance": MARK,
        "fhirServer": f"https://ehr.example.org/{MARK}",
        "fhirAuthorization": {"access_token": MARK, "scope": MARK, "subject": MARK, "patient": MARK},
        "context": {
            "userId": f"Practitioner/{MARK}",
            "patientId": f"{MARK}-p",
            "encounterId": MARK,
            MARK: MARK,
        },
        "prefetch": {"patient": patient, **bundles, MARK: MARK},
        "extension": {MARK: MARK},
        MARK: MARK,
    } | changes


def raising(error: Exception) -> Any:
    def advise(_question: object) -> Any:
        raise error

    return advise


REQUESTS: dict[str, tuple[Any, Any, int]] = {
    "answered": (StandIn(), marked_request(), 200),
    "a lay user": (StandIn(), marked_request(context={"userId": f"Patient/{MARK}", "patientId": MARK}), 200),
    "another patient": (
        StandIn(),
        marked_request(context={"userId": f"Practitioner/{MARK}", "patientId": "x"}),
        412,
    ),
    "another hook": (StandIn(), marked_request(hook=MARK), 400),
    "a bad user": (StandIn(), marked_request(context={"userId": MARK, "patientId": MARK}), 400),
    "a bad context": (StandIn(), marked_request(context={"userId": [MARK], "patientId": MARK}), 400),
    "a bad context type": (StandIn(), marked_request(context=[MARK]), 400),
    "a bad server": (StandIn(), marked_request(fhirServer=[MARK]), 400),
    "no context": (StandIn(), marked_request(context=None), 400),
    "a token without a server": (StandIn(), marked_request(fhirServer=None), 400),
    "an array": (StandIn(), [MARK], 400),
    "a failure quoting data": (raising(ValueError(f"{MARK} cannot be read")), marked_request(), 500),
    "a missing key quoting data": (raising(KeyError(MARK)), marked_request(), 500),
    "recursion": (raising(RecursionError(MARK)), marked_request(), 500),
}


@pytest.mark.parametrize(("advise", "request_", "status"), REQUESTS.values(), ids=REQUESTS)
def test_the_marker_is_nowhere(advise: Any, request_: Any, status: int, log: io.StringIO) -> None:
    answer = client_of(advise).post(PATH, json=request_)
    assert answer.status_code == status, answer.text
    assert MARK not in answer.text
    assert MARK not in str(answer.headers)
    assert log.getvalue(), "every call leaves a line"
    assert MARK not in log.getvalue()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (MARK.encode(), "application/json", 400),
        (json.dumps(marked_request())[:-1].encode(), "application/json", 400),
        (MARK.encode(), f"text/{MARK}", 415),
        (MARK.encode() * LIMIT, "application/json", 413),
    ],
    ids=["text", "cut off", "media type", "too large"],
)
def test_the_marker_is_nowhere_in_refusals(
    body: bytes, content_type: str, status: int, log: io.StringIO
) -> None:
    answer = client_of(StandIn()).post(f"{PATH}?{MARK}={MARK}", data=body, content_type=content_type)
    assert answer.status_code == status
    assert MARK not in answer.text + log.getvalue()


@pytest.mark.parametrize("path", [f"/cds-services/{MARK}", f"/{MARK}", f"{PATH}/{MARK}"])
def test_a_path_is_not_repeated(path: str, log: io.StringIO) -> None:
    answer = client_of(StandIn()).post(path, json=marked_request())
    assert answer.status_code == 404
    assert MARK not in answer.text + log.getvalue()
