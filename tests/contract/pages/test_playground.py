"""The playground: facts change, nothing of a pasted record stays."""

from __future__ import annotations

import io
import json
import logging
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from cds_service import telemetry
from cds_service.pages.playground.cases import choices
from cds_service.vignettes.model import load_vignettes
from cds_service.vignettes.run import run_vignettes
from tests.pages import Read, pages_client
from tests.service import AS_OF, client, prefetch_keys

MARK = "canary-7391"
PAGE = "/playground"


def page(**fields: Any) -> Read:
    answer = pages_client().get(PAGE, query_string=fields)
    assert answer.status_code == 200
    return Read(answer.text)


def pasted(body: Any, **fields: Any) -> Read:
    text = body if isinstance(body, str) else json.dumps(body)
    answer = pages_client().post(PAGE, data={"body": text} | fields)
    assert answer.status_code == 200
    return Read(answer.text)


def request_of(case: str) -> dict[str, Any]:
    return choices()[case].build(AS_OF)


def test_no_case_hides_another() -> None:
    vignettes = load_vignettes(Path("fixtures/vignettes"))
    requests = list(Path("fixtures/hook_requests").glob("*.json"))
    assert len(choices()) == len(requests) + sum(len(vignette.cases) for vignette in vignettes)


def test_a_large_chart_can_be_pasted() -> None:
    request = request_of("V5.1")
    (observation,) = request["prefetch"]["observations"]["entry"]
    request["prefetch"]["observations"]["entry"] = [
        {"resource": observation["resource"] | {"id": f"o-{number}"}} for number in range(1500)
    ]
    assert len(json.dumps(request)) > 600_000
    assert "Red flag: CRP 14 mg/L" in pasted(request).text


def test_a_body_over_the_limit_is_refused() -> None:
    answer = pages_client(max_body_bytes=2048).post(PAGE, data={"body": "x" * 7000})
    assert answer.status_code == 413
    assert answer.content_type.startswith("text/html")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"order": "order:contrast MRI"}, "Card R50a appeared."),
        ({"order": "order:MRI cervical spine without contrast", "sign": "1"}, "Card R46 appeared."),
        ({"order": "drug:ibuprofen"}, "Card R27 went."),
        ({"order": "order:a unicorn"}, "no orders entry for 'a unicorn'"),
        ({"order": "drug:moonshine"}, "no drugs entry for 'moonshine'"),
    ],
)
def test_an_order_is_picked(fields: dict[str, str], said: str) -> None:
    assert said in page(case="V1.1", **fields).text


def test_a_changed_fact_is_shown_with_what_it_changes() -> None:
    read = page(case="V1.1", new="lab:CRP", new_value="42 mg/L", new_when="today")
    assert "Card R23 appeared." in read.text
    assert "Card R27 went." in read.text
    assert "R9 : undetermined, now met" in read.text.replace("R9:", "R9 :")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"onset": "60 days ago"}, "Card R34b appeared."),
        ({"clock": "in 60 days"}, "Neck pain recorded for 65 days"),
        ({"new": "device:pacemaker", "onset": "60 days ago"}, "Card R34b appeared."),
        ({"new": "allergy:ibuprofen"}, "Card R27 says something else."),
        ({"remove": ["Condition/condition-1", "Condition/condition-2"]}, "Card R27 went."),
        ({"data_key": "observations", "data_state": "failed"}, "Card R27 says something else."),
        ({"data_key": "patient", "data_state": "not sent"}, "HTTP 412."),
        ({"new": "course:resolving", "new_when": "today"}, "Card R27 went."),
        ({"new": "visit:follow-up", "new_when": "in 30 days"}, "Card R27 says something else."),
        ({"data_key": "goals", "data_state": "empty"}, "No card and no rule changed."),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_each_kind_of_change(fields: dict[str, Any], said: str) -> None:
    assert said in page(case="V1.1", **fields).text


def test_a_pain_without_an_onset() -> None:
    assert "Card R36 appeared." in page(case="V20.1", onset="none").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"case": "no such case"}, "There is no such case"),
        ({"case": "V1.1", "clock": "soon"}, "The clock needs a day"),
        ({"case": "V1.1", "clock": "9999999 years ago"}, "The clock needs a day"),
        ({"case": "V1.1", "onset": "once"}, "The onset needs a day"),
        ({"case": "V2.1", "onset": "today"}, "No pain was found"),
        (
            {"case": "cord-signs", "onset": "today", "remove": "Condition/c1"},
            "The clock is set by Encounter/enc-9",
        ),
        ({"case": "V1.1", "new": "lab:CRP"}, "A lab needs a value."),
        ({"case": "V1.1", "new": "lab:CRP", "new_value": "much"}, "makes no sense"),
        ({"case": "V1.1", "new": "moon:full"}, "There is no fact of the kind moon."),
        ({"case": "V1.1", "new": "drug:moonshine"}, "no drugs entry for 'moonshine'"),
        ({"case": "V1.1", "add": "[1]"}, "A fact to add is a JSON object"),
        ({"case": "V1.1", "add": '{"lab": 1}'}, "an entry of lab needs 'value' too"),
        ({"case": "V1.1", "add": '{"lab": "CRP", "value": 1, "when": "today"}'}, "makes no sense"),
        ({"case": "V1.1", "add": "{}"}, "an entry needs exactly one of"),
    ],
)
def test_what_makes_no_sense_is_said(fields: dict[str, Any], said: str) -> None:
    read = page(**fields)
    assert f"Not understood: {said}" in read.text or said in read.text


def test_a_pasted_request_is_answered_as_the_endpoint_does() -> None:
    request = request_of("V5.1")
    read = pasted(request)
    answer = client().post("/cds-services/neck-pain-patient-view", json=request).get_json()
    for card in answer["cards"]:
        assert card["summary"] in read.text
        assert card["uuid"] in pages_client().post(PAGE, data={"body": json.dumps(request)}).text


def test_a_pasted_bundle_becomes_a_request() -> None:
    request = request_of("V5.1")
    found = [request["prefetch"]["patient"]]
    for value in request["prefetch"].values():
        found += [entry["resource"] for entry in value.get("entry", [])]
    read = pasted({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in found]})
    assert "Red flag: CRP 14 mg/L" in read.text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("not json", "HTTP 400."),
        ("[]", "HTTP 400."),
        ('{"hook": "patient-view"}', "HTTP 400."),
        ("\N{GRINNING FACE}", "HTTP 400."),
        ('{"resourceType": "Bundle"}', "nobody can be asked about"),
        (
            '{"resourceType": "Bundle", "entry": [1, {"resource": {"resourceType": 1}}]}',
            "nobody can be asked",
        ),
    ],
)
def test_what_cannot_be_read_is_answered_with_why(body: str, said: str) -> None:
    assert said in pasted(body).text


def test_facts_of_a_request_that_cannot_be_read_cannot_be_changed() -> None:
    assert "only in a request that can be read" in pasted("{}", onset="today").text


def test_a_patient_at_the_screen_gets_no_card_and_the_page_says_why() -> None:
    request = request_of("V5.1")
    request["context"]["userId"] = "Patient/vignette-patient"
    assert "The user is not a clinician." in pasted(request).text


def test_data_of_an_older_fhir_version_is_named() -> None:
    request = request_of("V5.1")
    request["prefetch"]["medicationStatements"] = {
        "resourceType": "Bundle",
        "entry": [{"resource": {"resourceType": "MedicationOrder", "id": "m"}}],
    }
    assert "FHIR R4 only" in pasted(request).text


def test_a_pasted_request_gets_no_permalink_and_leaves_no_trace() -> None:
    request = request_of("V5.1")
    request["prefetch"]["conditions"]["entry"][0]["resource"]["code"]["text"] = MARK
    root = logging.getLogger()
    before = root.handlers, root.level
    log = io.StringIO()
    telemetry.set_up(log)
    try:
        read = pasted(request)
        again = page(case="V1.1")
    finally:
        root.handlers, root.level = before
    assert MARK in read.text, "it was shown to who pasted it"
    assert not any(MARK in address for _, address in read.addresses)
    assert "permalink" not in read.ids
    assert MARK not in again.text
    assert MARK not in log.getvalue()


def test_the_permalink_shows_the_same_page() -> None:
    fields = {
        "case": "V1.1",
        "new": "lab:CRP",
        "new_value": "42 mg/L",
        "onset": "9 days ago",
        "clock": "today",
    }
    read = page(**fields, data_key="goals", data_state="null")
    (link,) = (address for _, address in read.addresses if address.startswith("/playground?"))
    assert Read(pages_client().get(link).text).text == read.text


def test_resources_are_checked_against_r4_when_asked() -> None:
    request = request_of("V5.1")
    request["prefetch"]["conditions"]["entry"][0]["resource"]["onsetDateTime"] = "last week"
    assert "is not valid" in pasted(request, check="1").text
    assert "Every resource is valid." in page(case="V5.1", check="1").text
    assert "is not valid" not in pasted(request).text


SAVED = ["V1.1", "V5.1", "V22.1", "V26.1", "V28.1", "V36.1", "X15.1", "red-flag-crp", "cord-signs"]
CHANGES: dict[str, dict[str, str]] = {
    "as it is": {},
    "a fact added": {"new": "finding:hyperreflexia", "new_when": "today"},
    "another onset": {"onset": "50 days ago"},
    "data missing": {"data_key": "allergies", "data_state": "failed"},
}


class InProcess:
    """The service, to run vignettes against."""

    def discover(self) -> dict[str, Any]:
        found: dict[str, Any] = client().get("/cds-services").get_json()
        return found

    def call(self, service_id: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = client().post(f"/cds-services/{service_id}", json=request)
        return answer.status_code, answer.get_json()


# In the requests of fixtures/hook_requests the reason of the visit sets the clock; it has no onset to change.
PAIRS = [(c, change) for c in SAVED for change in CHANGES if "-" not in c or change != "another onset"]


@pytest.mark.parametrize(("case", "change"), PAIRS)
def test_a_saved_vignette_passes(case: str, change: str, tmp_path: Path) -> None:
    answer = pages_client().get(f"{PAGE}/vignette.yaml", query_string={"case": case} | CHANGES[change])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="vignette.yaml"'
    (tmp_path / "P.yaml").write_text(answer.text, encoding="utf-8")
    results = list(run_vignettes(load_vignettes(tmp_path), InProcess(), AS_OF))
    assert [result.differences for result in results] == [()]
    assert prefetch_keys()


def test_a_pasted_request_can_be_saved_with_a_warning() -> None:
    answer = pages_client().post(f"{PAGE}/vignette.yaml", data={"body": json.dumps(request_of("V5.1"))})
    assert "make sure that nothing in it points to a real person" in answer.text
    assert "vignette-patient" not in answer.text.split("user:")[0]


@pytest.mark.parametrize("fields", [{}, {"case": "none"}, {"case": "V5.1", "data": "patient:not sent"}])
def test_what_cannot_be_saved_says_so(fields: dict[str, str]) -> None:
    assert pages_client().get(f"{PAGE}/vignette.yaml", query_string=fields).text.startswith("# ")


def test_the_curl_call_holds_the_request_on_one_line() -> None:
    read = pages_client().get(PAGE, query_string={"case": "V5.1"}).text
    call = read.split('<pre id="curl">')[1].split("</pre>")[0]
    first, line, last = call.splitlines()
    assert first.startswith("curl -s http://127.0.0.1:8080/cds-services/neck-pain-patient-view ")
    assert last == "REQUEST"
    assert json.loads(unescape(line)) == request_of("V5.1")


@pytest.fixture(scope="module")
def card() -> Any:
    return (
        client().post("/cds-services/neck-pain-patient-view", json=request_of("V5.1")).get_json()["cards"][0]
    )


def feedback(**fields: str) -> Any:
    return pages_client().post(f"{PAGE}/feedback", data=fields)


def test_accepting_shows_the_feedback_an_ehr_would_send(card: dict[str, Any]) -> None:
    suggestion = card["suggestions"][0]["uuid"]
    answer = feedback(service="neck-pain-patient-view", card=card["uuid"], suggestion=suggestion)
    text = Read(answer.text).text
    assert '"outcome": "accepted"' in text
    assert f'"acceptedSuggestions": [ {{ "id": "{suggestion}" }} ]' in text
    assert "/cds-services/neck-pain-patient-view/feedback" in text


def test_dismissing_sends_the_reason(card: dict[str, Any]) -> None:
    reason = card["overrideReasons"][0] if card.get("overrideReasons") else {"system": "urn:s", "code": "c"}
    answer = feedback(
        service="neck-pain-patient-view", card=card["uuid"], reason=f"{reason['system']}|{reason['code']}"
    )
    text = Read(answer.text).text
    assert '"outcome": "overridden"' in text
    assert f'"code": "{reason["code"]}"' in text
    plain = Read(feedback(service="neck-pain-patient-view", card=card["uuid"]).text).text
    assert "overrideReason" not in plain


@pytest.mark.parametrize(
    "fields",
    [{}, {"service": "other"}, {"service": "neck-pain-patient-view", "card": "<script>"}],
    ids=["nothing", "another service", "no uuid"],
)
def test_feedback_that_is_not_of_this_form_is_refused(fields: dict[str, str]) -> None:
    answer = feedback(**fields)
    assert answer.status_code == 400
    assert "<script>" not in answer.text
