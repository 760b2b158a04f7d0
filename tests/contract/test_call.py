"""A call of the service: what is accepted, what is refused and how (C-10 to C-20, C-39, C-69)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.support import LIMIT, PATH, StandIn, client_of, patient_view

JSON = "application/json"


def test_no_advice_is_an_empty_list_of_cards() -> None:
    answer = client_of(StandIn()).post(PATH, json=patient_view())
    assert (answer.status_code, answer.get_json()) == (200, {"cards": []})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_type == JSON


def test_the_cards_of_the_pathway_are_the_answer() -> None:
    card = {"uuid": "u-1", "summary": "S", "indicator": "info", "source": {"topic": {"code": "R23"}}}
    cards = {"cards": [card]}
    assert client_of(StandIn(cards)).post(PATH, json=patient_view()).get_json() == cards


@pytest.mark.parametrize(
    "path",
    [f"{PATH}/", "/cds-services//neck-pain-patient-view"],
    ids=["trailing slash", "slash of a typed discovery URL"],
)
def test_extra_slashes_are_read_as_meant(path: str) -> None:
    assert client_of(StandIn()).post(path, json=patient_view()).status_code == 200


TOLERATED: dict[str, dict[str, Any]] = {
    "version 1.0 without fhirServer and prefetch of other keys": {},
    "unknown members": {"rest": {"deep": [1, None]}, "user": "x"},
    "an extension": {"extension": {"com.epic.cdshooks.request.bpa-trigger-action": "60"}},
    "a null extension": {"extension": None},
    "an extension that is no object": {"extension": "x"},
    "fhirServer with a trailing slash and a token": {
        "fhirServer": "https://ehr.example.org/fhir/",
        "fhirAuthorization": {
            "access_token": "opaque",
            "token_type": "bearer",
            "expires_in": 300,
            "scope": "x (y)",
            "subject": "s",
        },
    },
    "an expiry as text": {
        "fhirServer": "https://ehr.example.org/fhir",
        "fhirAuthorization": {"access_token": "opaque", "expires_in": "300"},
    },
    "a null fhirAuthorization": {"fhirAuthorization": None},
    "a hookInstance that is no UUID": {"hookInstance": "abc"},
    "a prefixed patient id": {"context": {"userId": "Practitioner/d-1", "patientId": "Patient/p-1"}},
    "an absolute user": {"context": {"userId": "https://ehr.example/Practitioner/d-1", "patientId": "p-1"}},
    "a null encounter": {"context": {"userId": "Practitioner/d-1", "patientId": "p-1", "encounterId": None}},
    "an unknown context member": {"context": {"userId": "Practitioner/d-1", "patientId": "p-1", "x": [1]}},
    "an unknown prefetch key": {
        "prefetch": {"patient": {"resourceType": "Patient", "id": "p-1"}, "other": {"a": 1}, "more": "text"}
    },
    "the wrapper before version 1.0": {
        "prefetch": {
            "patient": {"response": {"status": "200"}, "resource": {"resourceType": "Patient", "id": "p-1"}}
        }
    },
}


@pytest.mark.parametrize("changes", TOLERATED.values(), ids=TOLERATED)
def test_what_real_clients_send_is_accepted(changes: dict[str, Any]) -> None:
    stand_in = StandIn()
    answer = client_of(stand_in).post(PATH, json=patient_view(**changes))
    assert answer.status_code == 200, answer.text
    assert stand_in.questions[0].call.patient_id == "p-1"
    assert stand_in.questions[0].call.user_ref == "Practitioner/d-1"


@pytest.mark.parametrize(
    ("usual", "twice"),
    [
        pytest.param('"hook": ', '"hook": 5, "hook": ', id="of the request"),
        pytest.param('"patientId": ', '"patientId": 5, "patientId": ', id="of the context"),
    ],
)
def test_of_a_member_that_stands_twice_the_last_wins(usual: str, twice: str) -> None:
    stand_in = StandIn()
    body = json.dumps(patient_view())
    assert usual in body
    answer = client_of(stand_in).post(PATH, data=body.replace(usual, twice), content_type=JSON)
    assert answer.status_code == 200, answer.text
    assert stand_in.questions[0].call.patient_id == "p-1"


def test_the_encounter_is_handed_on_as_a_bare_id() -> None:
    stand_in = StandIn()
    context = {"userId": "Practitioner/d-1", "patientId": "p-1", "encounterId": "Encounter/e-1"}
    client_of(stand_in).post(PATH, json=patient_view(context=context))
    assert stand_in.questions[0].call.encounter_id == "e-1"


def test_a_repeated_call_is_answered_again() -> None:
    client = client_of(StandIn())
    assert [client.post(PATH, json=patient_view()).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("user", ["Patient/p-1", "RelatedPerson/r-1"])
def test_a_patient_or_relative_gets_no_card_whatever_is_sent(user: str) -> None:
    stand_in = StandIn({"cards": [{"summary": "S"}]})
    request = patient_view(context={"userId": user, "patientId": "p-1"}, prefetch=...)
    answer = client_of(stand_in).post(PATH, json=request)
    assert (answer.status_code, answer.get_json()) == (200, {"cards": []})
    assert not stand_in.questions


@pytest.mark.parametrize(
    "content_type", [JSON, "application/json; charset=utf-8", "application/fhir+json", "APPLICATION/JSON"]
)
def test_json_media_types_are_accepted(content_type: str) -> None:
    answer = client_of(StandIn()).post(PATH, data=json.dumps(patient_view()), content_type=content_type)
    assert answer.status_code == 200


REFUSED: dict[str, tuple[dict[str, Any], int, str, list[str]]] = {
    "no hook": ({"hook": ...}, 400, "member-missing", ["hook"]),
    "no hookInstance": ({"hookInstance": ...}, 400, "member-missing", ["hookInstance"]),
    "no context": ({"context": ...}, 400, "member-missing", ["context"]),
    "null and empty members": (
        {"hook": None, "hookInstance": ""},
        400,
        "member-missing",
        ["hook", "hookInstance"],
    ),
    "a number for a hook": ({"hook": 5}, 400, "member-invalid", ["hook"]),
    "an array for the context": ({"context": []}, 400, "member-invalid", ["context"]),
    "text for the prefetch": ({"prefetch": "x"}, 400, "member-invalid", ["prefetch"]),
    "a number for fhirServer": ({"fhirServer": 1}, 400, "member-invalid", ["fhirServer"]),
    "another hook": ({"hook": "order-sign"}, 400, "hook-mismatch", []),
    "a token without its server": (
        {"fhirAuthorization": {"access_token": "t"}},
        400,
        "authorization-without-server",
        [],
    ),
    "an empty context": ({"context": {}}, 400, "member-missing", ["context.userId", "context.patientId"]),
    "a number for the patient": (
        {"context": {"userId": "Practitioner/d-1", "patientId": 5}},
        400,
        "member-invalid",
        ["context.patientId"],
    ),
    "an empty patient behind its type": (
        {"context": {"userId": "Practitioner/d-1", "patientId": "Patient/"}},
        400,
        "member-invalid",
        ["context.patientId (expected an id)"],
    ),
    "ids that are none": (
        {"context": {"userId": "Practitioner/d-1", "patientId": "a b", "encounterId": "\u0000"}},
        400,
        "member-invalid",
        ["context.patientId (expected an id)", "context.encounterId (expected an id)"],
    ),
    "ids that turn the direction of what follows": (
        {"context": {"userId": "Practitioner/a\u202eb", "patientId": "p-1", "encounterId": "e\u2028"}},
        400,
        "member-invalid",
        ["context.userId (expected ResourceType/id)", "context.encounterId (expected an id)"],
    ),
    "a user that is markup": (
        {"context": {"userId": "Practitioner/<b>", "patientId": "p-1"}},
        400,
        "member-invalid",
        ["context.userId (expected ResourceType/id)"],
    ),
    "a user without a type": (
        {"context": {"userId": "d-1", "patientId": "p-1"}},
        400,
        "member-invalid",
        ["context.userId (expected ResourceType/id)"],
    ),
    "no patient": ({"prefetch": {}}, 412, "clinical-data-unavailable", ["patient"]),
    "no prefetch at all": ({"prefetch": ...}, 412, "clinical-data-unavailable", ["patient"]),
    "a null prefetch": ({"prefetch": None}, 412, "clinical-data-unavailable", ["patient"]),
    "a null patient": ({"prefetch": {"patient": None}}, 412, "clinical-data-unavailable", ["patient"]),
    "another patient": (
        {"prefetch": {"patient": {"resourceType": "Patient", "id": "p-2"}}},
        412,
        "clinical-data-unavailable",
        ["patient"],
    ),
    "a patient that is an error": (
        {"prefetch": {"patient": {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}}},
        412,
        "clinical-data-unavailable",
        ["patient"],
    ),
}


@pytest.mark.parametrize(("changes", "status", "code", "names"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_refused_and_named(
    changes: dict[str, Any], status: int, code: str, names: list[str]
) -> None:
    answer = client_of(StandIn()).post(PATH, json=patient_view(**changes))
    outcome = answer.get_json()
    assert answer.status_code == status
    assert outcome["resourceType"] == "OperationOutcome"
    assert {issue["details"]["coding"][0]["code"] for issue in outcome["issue"]} == {code}
    assert [issue["diagnostics"].partition(": ")[2] for issue in outcome["issue"] if names] == names
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


BASE = json.dumps(patient_view())[:-1]
BROKEN: dict[str, bytes] = {
    "an array": b"[]",
    "a string": b'"x"',
    "null": b"null",
    "nothing": b" ",
    "cut off": BASE.encode(),
    "NaN": f'{BASE},"x":NaN}}'.encode(),
    "Infinity": f'{BASE},"x":-Infinity}}'.encode(),
    "a number that overflows": f'{BASE},"x":[1e400]}}'.encode(),
    "a negative number that overflows": f'{BASE},"x": -12.5E+0310}}'.encode(),
    "an integer that overflows": f'{BASE},"x":{"9" * 400}}}'.encode(),
    "a lone high surrogate": BASE.encode() + b',"x":"\\ud800"}',
    "a lone low surrogate": BASE.encode() + b',"x":"\\udc00"}',
    "not UTF-8": BASE.encode() + b',"x":"\xff"}',
    "UTF-16": json.dumps(patient_view()).encode("utf-16"),
    "a byte order mark": json.dumps(patient_view()).encode("utf-8-sig"),
    "nested too deep": f'{BASE},"x":{"[" * 20000}{"]" * 20000}}}'.encode(),
    "a comment": f"{BASE}/* x */}}".encode(),
    "a trailing comma": f"{BASE},}}".encode(),
    "two values": f"{BASE}}}{{}}".encode(),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_what_is_not_json_is_a_400(body: bytes) -> None:
    answer = client_of(StandIn()).post(PATH, data=body, content_type=JSON)
    assert answer.status_code == 400, answer.text
    assert answer.get_json()["issue"][0]["details"]["coding"][0]["code"] == "not-json"


FINE: dict[str, str] = {
    "an id that looks like a large number": '"x":"1e400", "y":["a-1e999","5.00e+500"]',
    "a number that is large": '"x":1.7e308',
    "a number that vanishes": '"x":1e-400',
    "a surrogate pair": '"x":"\\ud83d\\ude00"',
    "two members of one name, the last wins": '"hook":"order-sign","hook":"patient-view"',
}


@pytest.mark.parametrize("members", FINE.values(), ids=FINE)
def test_odd_json_is_still_json(members: str) -> None:
    answer = client_of(StandIn()).post(PATH, data=f"{BASE},{members}}}", content_type=JSON)
    assert answer.status_code == 200, answer.text


def test_what_is_nested_too_deeply_is_no_json_though_a_member_is_of_a_wrong_form() -> None:
    answer = client_of(StandIn()).post(PATH, data='{"hook":1,"x":' + "[" * 20_000, content_type=JSON)
    assert answer.status_code == 400


def test_of_two_members_of_one_name_the_last_wins() -> None:
    answer = client_of(StandIn()).post(PATH, data=f'{BASE},"hook":"order-sign"}}', content_type=JSON)
    assert answer.get_json()["issue"][0]["details"]["coding"][0]["code"] == "hook-mismatch"


def test_the_order_of_checks() -> None:
    client = client_of(StandIn())
    too_large = b"x" * (LIMIT + 1)
    steps = [
        (client.post("/cds-services/nope", data=too_large, content_type="text/plain"), 404),
        (client.delete(PATH, data=too_large, content_type="text/plain"), 405),
        (client.post(PATH, data=too_large, content_type="text/plain"), 413),
        (client.post(PATH, data=b"{", content_type="text/plain"), 415),
        (client.post(PATH, data=b"{", content_type=JSON), 400),
        (client.post(PATH, json=patient_view(hook="order-sign", context={})), 400),
        (client.post(PATH, json=patient_view(context={}, prefetch={})), 400),
        (client.post(PATH, json=patient_view(prefetch={})), 412),
    ]
    assert [answer.status_code for answer, _ in steps] == [status for _, status in steps]
    assert all(answer.get_json()["resourceType"] == "OperationOutcome" for answer, _ in steps)


@pytest.mark.parametrize("path", ["/", "/nope", "/.well-known/cds-services", f"{PATH}/nope"])
def test_anything_else_is_not_found(path: str) -> None:
    answer = client_of(StandIn()).get(path)
    assert (answer.status_code, answer.get_json()["issue"][0]["code"]) == (404, "not-found")


def test_a_failure_of_ours_is_a_500_that_says_nothing_but_a_reference() -> None:
    def fail(_question: object) -> Any:
        raise KeyError("secret of the patient")

    answer = client_of(fail).post(PATH, json=patient_view())
    assert answer.status_code == 500
    outcome = answer.get_json()
    assert outcome["issue"][0]["code"] == "exception"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "Reference: " in outcome["issue"][0]["diagnostics"]


def test_data_of_an_older_fhir_version_gets_no_card() -> None:
    orders = {
        "resourceType": "Bundle",
        "entry": [{"resource": {"resourceType": "MedicationOrder", "id": "m"}}],
    }
    prefetch = {"patient": {"resourceType": "Patient", "id": "p-1"}, "medicationRequests": orders}
    stand_in = StandIn({"cards": [{"summary": "S"}]})
    client_of(stand_in).post(PATH, json=patient_view(prefetch=prefetch))
    assert stand_in.gathered[0].is_old_version


def test_health_and_readiness() -> None:
    client = client_of(StandIn())
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {
        "status": "ready",
        "callers": "anyone",
        "selfTest": "passed",
        "store": "ok",
        "guideline_version": "g-1",
    }


def test_options_is_answered_without_a_body() -> None:
    answer = client_of(StandIn()).options(PATH)
    assert answer.status_code == 200
    assert "POST" in answer.headers["Allow"]
