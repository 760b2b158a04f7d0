from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests
import responses

from cds_service.fhir_access.allow_list import parse_allow_list
from cds_service.fhir_access.fetching.client import Client
from cds_service.fhir_access.fetching.query import Query, Request, applied, by_codes, is_below, query_of
from cds_service.fhir_access.limits import FetchLimits
from cds_service.fhir_access.outcomes import Outcome
from cds_service.fhir_access.templates import NEEDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.fhir_access.fetching.client import Answer

BASE = "https://ehr.example.org/fhir"
URL = f"{BASE}/Goal?patient=p-1"
(SERVER,) = parse_allow_list(BASE).servers
NEED = {need.key: need for need in NEEDS}
BUNDLE = b'{"resourceType":"Bundle"}'


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def ask(token: str | None = None, seconds: float = 2.0) -> Answer:
    client = Client(SERVER, FetchLimits(call_seconds=seconds, max_bytes=1000))
    return client.ask(Request("GET", URL), token, time.monotonic() + seconds)


STATUSES = {
    200: Outcome.OK,
    201: Outcome.NOT_FHIR,
    301: Outcome.REDIRECT,
    304: Outcome.REDIRECT,
    400: Outcome.REJECTED,
    401: Outcome.UNAUTHORIZED,
    403: Outcome.FORBIDDEN,
    404: Outcome.NOT_FOUND,
    410: Outcome.GONE,
    422: Outcome.REJECTED,
    429: Outcome.THROTTLED,
    500: Outcome.SERVER_ERROR,
    501: Outcome.SERVER_ERROR,
}


@pytest.mark.parametrize(("status", "expected"), STATUSES.items())
def test_every_status_has_its_outcome(status: int, expected: Outcome, web: responses.RequestsMock) -> None:
    web.get(URL, body=BUNDLE, status=status, content_type="application/fhir+json", headers={"Location": "/x"})
    assert ask().outcome is expected


@pytest.mark.parametrize(
    "kind", ["application/fhir+json", "application/json; charset=utf-8", "application/json+fhir", "TEXT/JSON"]
)
def test_json_is_taken_under_each_of_its_names(kind: str, web: responses.RequestsMock) -> None:
    web.get(URL, body=BUNDLE, content_type=kind)
    assert ask().outcome is Outcome.OK


@pytest.mark.parametrize(
    "kind", ["text/html", "application/fhir+xml", "text/plain", "application/octet-stream"]
)
def test_nothing_else_is(kind: str, web: responses.RequestsMock) -> None:
    web.get(URL, body=BUNDLE, content_type=kind)
    assert ask().outcome is Outcome.NOT_FHIR


def test_a_byte_order_mark_does_no_harm(web: responses.RequestsMock) -> None:
    web.get(URL, body=b"\xef\xbb\xbf" + BUNDLE, content_type="application/json")
    assert bytes(ask().body) == BUNDLE


@pytest.mark.parametrize("body", [b'{"a":', b'{"a":1} trailing', b"[" * 900])
def test_a_body_that_is_no_whole_json_is_truncated(body: bytes, web: responses.RequestsMock) -> None:
    web.get(URL, body=body, content_type="application/json")
    assert ask().outcome is Outcome.TRUNCATED


def test_a_body_over_the_limit_is_too_large(web: responses.RequestsMock) -> None:
    web.get(URL, body=b'"%s"' % (b"x" * 1000), content_type="application/json")
    assert ask().outcome is Outcome.TOO_LARGE


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (requests.ConnectionError("reset"), Outcome.UNREACHABLE),
        (requests.exceptions.SSLError("certificate"), Outcome.UNREACHABLE),
        (requests.exceptions.ChunkedEncodingError("cut"), Outcome.TRUNCATED),
        (requests.exceptions.ContentDecodingError("gzip"), Outcome.TRUNCATED),
    ],
)
def test_every_failure_of_a_connection_has_its_outcome(
    error: Exception, expected: Outcome, web: responses.RequestsMock
) -> None:
    web.get(URL, body=error)
    assert ask().outcome is expected


def test_after_the_deadline_nothing_is_sent(web: responses.RequestsMock) -> None:
    assert ask(seconds=0.0).outcome is Outcome.TIMEOUT
    assert len(web.calls) == 0


def test_a_failure_at_the_deadline_is_a_timeout(web: responses.RequestsMock) -> None:
    def too_late(_: object) -> tuple[int, dict[str, str], str]:
        time.sleep(0.12)
        raise requests.ConnectionError("read timed out")

    web.add_callback(responses.GET, URL, callback=too_late)
    assert ask(seconds=0.1).outcome is Outcome.TIMEOUT
    assert len(web.calls) == 1


def test_a_connection_that_breaks_is_tried_once_more(web: responses.RequestsMock) -> None:
    web.get(URL, body=requests.ConnectionError("reset"))
    web.get(URL, body=BUNDLE, content_type="application/json")
    assert ask().outcome is Outcome.OK


@pytest.mark.parametrize(("token", "sent"), [("abc", "Bearer abc"), (None, None)])
def test_the_token_is_sent_as_it_is(token: str | None, sent: str | None, web: responses.RequestsMock) -> None:
    web.get(URL, body=BUNDLE, content_type="application/json")
    ask(token)
    assert web.calls[0].request.headers.get("Authorization") == sent


# --- queries ------------------------------------------------------------------------------------------------


def test_a_query_is_its_template_with_the_patient_filled_in() -> None:
    assert query_of(NEED["patient"], "p-1").request(BASE) == Request("GET", f"{BASE}/Patient/p-1")
    assert query_of(NEED["observations"], "p-1").request(BASE).url == (
        f"{BASE}/Observation?patient=p-1&_sort=-date&_count=1000"
    )


@pytest.mark.parametrize("key", ["medicationRequests", "medicationStatements", "medicationAdministrations"])
def test_drugs_are_asked_for_along_with_what_refers_to_them(key: str) -> None:
    need = NEED[key]
    assert ("_include", f"{need.resource_type}:medication") in query_of(need, "p-1").params
    assert "_include" not in need.template, "of clients it is not asked"


def test_a_long_query_is_sent_as_a_form() -> None:
    tokens = [f"http://loinc.org|{number}-0" for number in range(1000, 1400)]
    queries = list(by_codes(NEED["observations"], "p-1", tokens))
    sent = [query.request(BASE) for query in queries]
    assert all(len(request.url) < 1500 for request in sent)
    assert [(r.method, r.url) for r in sent[:-1]] == [("POST", f"{BASE}/Observation/_search")] * (
        len(sent) - 1
    )
    assert all(len(request.form or "") < 7000 for request in sent)
    asked = [token for query in queries for token in dict(query.params)["code"].split(",")]
    assert asked == tokens, "each code once, in its order"


def test_without_codes_nothing_is_asked_by_code() -> None:
    assert list(by_codes(NEED["observations"], "p-1", ())) == []


QUERY = Query("Observation", (("patient", "p-1"), ("_sort", "-date"), ("code", "a,b")))


@pytest.mark.parametrize(
    ("url", "is_of_patient", "is_narrower"),
    [
        (None, True, False),
        (f"{BASE}/Observation", True, False),
        (f"{BASE}/Observation?patient=p-1&code=a,b", True, False),
        (f"{BASE}/Observation?patient=p-1", True, False),
        (f"{BASE}/Observation?subject:Patient=p-1&_count=20", True, False),
        (f"{BASE}/Observation?code=a,b", False, False),
        (f"{BASE}/Observation?patient=", False, False),
        (f"{BASE}/Observation?patient=p-1&status=final", True, True),
        (f"{BASE}/Observation?patient.identifier=p-1&date=ge2026", True, True),
    ],
)
def test_what_a_server_says_it_searched_for_is_compared(
    url: str | None, is_of_patient: bool, is_narrower: bool
) -> None:
    said = applied(url, QUERY)
    assert (said.is_of_patient, said.is_narrower) == (is_of_patient, is_narrower)


@pytest.mark.parametrize(
    "url", [f"{BASE}?_getpages=1", f"{BASE}/Goal?page=2", f"{BASE}/Goal/_search?x=%2e%2e"]
)
def test_links_below_the_base_may_be_followed(url: str) -> None:
    assert is_below(url, BASE)


@pytest.mark.parametrize(
    "url",
    [
        BASE,
        f"{BASE}x?page=2",
        f"{BASE}/./Goal",
        f"{BASE}/%2E%2E/x",
        f"{BASE}/Goal#x",
        f"{BASE}/G\u0430l",
        f"http{BASE[5:]}/Goal",
        None,
        ["x"],
    ],
)
def test_others_may_not(url: object) -> None:
    assert not is_below(url, BASE)
