"""What was not sent is read from the FHIR server, in time, safely, and what could not be read is said."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.fetching import Service, fixture, granted, said
from tests.fhir_server import (
    FHIR_JSON,
    TOKEN,
    Asked,
    Reply,
    as_json,
    fhir_server,
    outcome,
    searchset,
    serving,
    silent_listener,
)
from tests.service import EXPLANATION

if TYPE_CHECKING:
    from collections.abc import Callable

CRP = fixture("red-flag-crp")
CALM = fixture("initial-care")
OPTIONAL = tuple(key for key in CALM["prefetch"] if key != "patient")
REASSURING = ("no red flag recorded", "no red flags recorded")
KIND = {"conditions": "Condition", "observations": "Observation", "allergies": "AllergyIntolerance"}


def is_reassuring(cards: list[dict[str, Any]]) -> bool:
    text = json.dumps(cards).lower()
    return any(phrase in text for phrase in REASSURING)


@pytest.mark.parametrize("name", ["red-flag-crp", "initial-care", "cord-signs", "no-neck-pain"])
def test_without_any_prefetch_the_cards_are_those_of_full_prefetch(name: str) -> None:
    request = fixture(name)
    whole = Service().cards(request)
    with fhir_server(serving(request["prefetch"])) as server:
        service = Service(server.base)
        cards = service.cards(granted(request, server.base, *request["prefetch"]))
        assert said(cards) == said(whole)
        assert sorted(server.kinds()) == sorted(
            "Patient" if key == "patient" else value
            for key, value in [(need.key, need.resource_type) for need in needs()]
        )
        assert set(service.states().values()) <= {"ok", "empty"}


def needs() -> tuple[Any, ...]:
    from cds_service.fhir_access.templates import NEEDS

    return NEEDS


@pytest.mark.parametrize("key", OPTIONAL)
def test_one_missing_key_is_one_request_for_it(key: str) -> None:
    with fhir_server(serving(CRP["prefetch"])) as server:
        service = Service(server.base)
        cards = service.cards(granted(CRP, server.base, key))
        (asked,) = server.asked
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["Accept"] == FHIR_JSON
    assert asked.params["patient"] == ["syn-001"]
    assert said(cards) == said(Service().cards(CRP))


def test_with_full_prefetch_nothing_is_asked() -> None:
    with fhir_server(serving(CRP["prefetch"])) as server:
        Service(server.base).cards(granted(CRP, server.base))
        assert server.asked == []


@pytest.mark.parametrize(
    "value", [None, {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}]
)
def test_what_the_client_says_it_has_not_or_could_not_get_is_not_asked_for(value: Any) -> None:
    request = granted(CALM, "", "observations")
    request["prefetch"]["observations"] = value
    with fhir_server(serving(CALM["prefetch"])) as server:
        Service(server.base).cards(request | {"fhirServer": server.base})
        assert server.asked == []


@pytest.mark.parametrize("junk", [{}, "enc-9", [], 5, {"resourceType": "Medication"}])
def test_junk_in_place_of_a_set_is_read_again(junk: Any) -> None:
    request = granted(CRP, "", "observations")
    request["prefetch"]["observations"] = junk
    with fhir_server(serving(CRP["prefetch"])) as server:
        cards = Service(server.base).cards(request | {"fhirServer": server.base})
        assert server.kinds() == ["Observation"]
    assert said(cards) == said(Service().cards(CRP))


def test_a_query_that_could_be_cut_is_asked_newest_first_with_a_count() -> None:
    with fhir_server(serving(CRP["prefetch"])) as server:
        Service(server.base).cards(granted(CRP, server.base, "observations"))
        (asked,) = server.asked
    assert asked.params == {"patient": ["syn-001"], "_sort": ["-date"], "_count": ["1000"]}


BAD: dict[str, tuple[Reply, str]] = {
    "401": (outcome(status=401), "unauthorized"),
    "403": (outcome(status=403), "forbidden"),
    "404": (outcome(status=404), "not-found"),
    "410": (outcome(status=410), "gone"),
    "405": (outcome(status=405), "rejected"),
    "429": (outcome(status=429), "throttled"),
    "500": (outcome(status=500), "server-error"),
    "503": (outcome(status=503), "server-error"),
    "204": (Reply(status=204), "not-fhir"),
    "a redirect": (Reply(status=302, headers={"Location": "/fhir/Observation"}), "redirect"),
    "silence": (Reply(wait=5.0), "timeout"),
    "a reset": (Reply(reset=True), "unreachable"),
    "HTML": (Reply(b"<html>Sign in</html>", headers={"Content-Type": "text/html"}), "not-fhir"),
    "HTML that calls itself FHIR": (Reply(b"<html>Sign in</html>"), "not-fhir"),
    "XML": (Reply(b"<Bundle/>", headers={"Content-Type": "application/fhir+xml"}), "not-fhir"),
    "nothing": (Reply(b""), "not-fhir"),
    "half a body": (as_json(searchset(), cut=20), "truncated"),
    "half a Bundle, whole by its length": (Reply(b'{"resourceType":"Bundle","entry":['), "truncated"),
    "a byte now and then": (as_json(searchset(), drip=0.05), "timeout"),
    "an error with status 200": (outcome(), "failure-reported"),
    "another resource": (as_json({"resourceType": "Patient", "id": "syn-002"}), "unexpected"),
    "a warning with status 200": (outcome("warning"), "failure-reported"),
    "one bare resource": (as_json({"resourceType": "Observation", "id": "o-1"}), "unexpected"),
    "a number": (Reply(b"5"), "unexpected"),
    "null": (Reply(b"null"), "unexpected"),
}


def time_for(reply: Reply) -> dict[str, int]:
    """Little for an answer that never comes; else enough for a machine that does other things as well."""
    if reply.wait or reply.drip:
        return {"fhir_call_ms": 1500, "fhir_total_ms": 2000}
    return {}


@pytest.mark.parametrize(("reply", "expected"), BAD.values(), ids=BAD)
def test_a_failed_query_is_said_and_never_read_as_none(reply: Reply, expected: str) -> None:
    whole = serving(CALM["prefetch"])
    with fhir_server(lambda asked: reply if asked.kind == "Observation" else whole(asked)) as server:
        service = Service(server.base, **time_for(reply))
        cards = service.cards(granted(CALM, server.base, *CALM["prefetch"]))
    assert is_reassuring(Service().cards(CALM)), "the chart is calm when all of it can be read"
    assert not is_reassuring(cards)
    assert cards[0]["extension"][EXPLANATION]["notRead"]
    assert service.states()["observations"] == "failed"
    assert service.outcomes()[expected] >= 1


@pytest.mark.parametrize("reply", [r for r, _ in BAD.values()], ids=BAD)
def test_a_patient_that_cannot_be_read_is_412(reply: Reply) -> None:
    whole = serving(CALM["prefetch"])
    with fhir_server(lambda asked: reply if asked.kind == "Patient" else whole(asked)) as server:
        service = Service(server.base, **time_for(reply))
        answer = service.post(granted(CALM, server.base, "patient"))
    if reply is BAD["another resource"][0]:
        assert "syn-002" in json.dumps(CALM["prefetch"]["patient"]), "this reply is the patient"
        assert answer.status_code == 200
        return
    assert answer.status_code == 412
    assert answer.json["resourceType"] == "OperationOutcome"
    assert "patient" in answer.text
    assert "syn-002" not in answer.text


def test_somebody_elses_patient_is_412() -> None:
    with fhir_server(lambda _: as_json({"resourceType": "Patient", "id": "syn-999"})) as server:
        assert Service(server.base).post(granted(CALM, server.base, "patient")).status_code == 412


NO_GRANT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "no server": lambda r: {k: v for k, v in r.items() if k not in ("fhirServer", "fhirAuthorization")},
    "no token": lambda r: {k: v for k, v in r.items() if k != "fhirAuthorization"},
    "a token for another patient": lambda r: (
        r | {"fhirAuthorization": {"access_token": TOKEN, "patient": "x"}}
    ),
    "a token with a line break": lambda r: r | {"fhirAuthorization": {"access_token": "a\r\nX: y"}},
    "an empty token": lambda r: r | {"fhirAuthorization": {"access_token": ""}},
    "a patient id that climbs": lambda r: r | {"context": r["context"] | {"patientId": ".."}},
    "two patients in one id": lambda r: r | {"context": r["context"] | {"patientId": "syn-001,syn-002"}},
    "a query in the id": lambda r: r | {"context": r["context"] | {"patientId": "x&patient=y"}},
}


@pytest.mark.parametrize("change", NO_GRANT.values(), ids=NO_GRANT)
def test_without_a_grant_for_this_patient_nothing_is_asked_and_the_patient_is_412(
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    with fhir_server(serving(CALM["prefetch"])) as server:
        request = change(granted(CALM, server.base, "patient"))
        assert Service(server.base).post(request).status_code == 412
        assert server.asked == []


def test_a_token_for_this_patient_is_used_and_an_open_server_needs_none() -> None:
    for_patient = {"access_token": TOKEN, "patient": "Patient/syn-002"}
    with fhir_server(serving(CALM["prefetch"])) as server:
        request = granted(CALM, server.base, "goals")
        Service(server.base).cards(request | {"fhirAuthorization": for_patient})
        open_request = {k: v for k, v in request.items() if k != "fhirAuthorization"}
        Service(f"{server.base} open").cards(open_request)
        first, second = server.asked
    assert first.headers["Authorization"] == f"Bearer {TOKEN}"
    assert "Authorization" not in second.headers


def test_the_whole_call_ends_at_its_deadline_with_what_has_come() -> None:
    whole = serving(CALM["prefetch"])
    slow = {"Observation", "Procedure", "Encounter"}
    with fhir_server(lambda a: Reply(wait=6.0) if a.kind in slow else whole(a)) as server:
        service = Service(server.base, fhir_call_ms=8000, fhir_total_ms=1500)
        began = time.monotonic()
        cards = service.cards(granted(CALM, server.base, *CALM["prefetch"]))
        seconds = time.monotonic() - began
    assert 1.5 <= seconds < 4
    assert not is_reassuring(cards)
    states = service.states()
    assert {states[key] for key in ("observations", "procedures", "encounters")} == {"failed"}
    assert states["conditions"] == "ok"
    assert service.outcomes()["timeout"] >= 3


HICCUPS: dict[str, tuple[int, dict[str, str], int]] = {
    "a gateway without a server": (502, {}, 2),
    "a server that restarts": (503, {}, 2),
    "a gateway that gave up": (504, {}, 2),
    "a server that says when": (503, {"Retry-After": "0"}, 2),
    "a server that says too late": (503, {"Retry-After": "9"}, 1),
    "a server that gives a date": (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 1),
    "a throttling one": (429, {}, 1),
    "a throttling one that says when": (429, {"Retry-After": "0"}, 2),
    "a throttling one that says too late": (429, {"Retry-After": "9"}, 1),
    "a server at fault": (500, {}, 1),
}


@pytest.mark.parametrize(("status", "headers", "times"), HICCUPS.values(), ids=HICCUPS)
def test_a_query_is_asked_again_only_where_that_may_help_in_time(
    status: int, headers: dict[str, str], times: int
) -> None:
    answers = [Reply(status=status, headers=headers), as_json(searchset())]
    with fhir_server(lambda _: answers.pop(0)) as server:
        service = Service(server.base)
        service.cards(granted(CALM, server.base, "goals"))
        assert len(server.asked) == times
    assert service.states()["goals"] == ("empty" if times == 2 else "failed")


def test_a_connection_that_was_closed_meanwhile_is_opened_again() -> None:
    answers = [as_json(searchset()), Reply(reset=True), as_json(searchset())]
    with fhir_server(lambda _: answers.pop(0)) as server:
        service = Service(server.base)
        service.cards(granted(CALM, server.base, "goals"))
        service.cards(granted(CALM, server.base, "goals"))
        assert service.states()["goals"] == "empty"
        assert answers == []


def test_an_answer_over_the_size_limit_is_not_read() -> None:
    large = as_json(searchset() | {"text": "x" * 5000})
    with fhir_server(lambda _: large) as server:
        service = Service(server.base, fhir_max_bytes=4000)
        service.cards(granted(CALM, server.base, "goals"))
    assert service.outcomes() == {"too-large": 1}
    assert service.states()["goals"] == "failed"


def test_cookies_of_one_call_are_not_sent_with_the_next() -> None:
    cookie = {"Content-Type": FHIR_JSON, "Set-Cookie": "session=one; Path=/"}
    with fhir_server(lambda _: as_json(searchset(), headers=cookie)) as server:
        service = Service(server.base)
        service.cards(granted(CALM, server.base, "goals"))
        service.cards(granted(CALM, server.base, "flags"))
        assert all("Cookie" not in asked.headers for asked in server.asked)


def test_proxies_and_credentials_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    with fhir_server(serving(CALM["prefetch"])) as server, silent_listener() as (port, arrivals):
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        Service(server.base).cards(granted(CALM, server.base, "goals"))
        assert server.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
        assert arrivals() == 0


def test_a_server_that_is_not_listed_is_never_connected_to() -> None:
    with silent_listener() as (port, arrivals):
        listed = Service("https://ehr.example.org/fhir")
        for base in (
            f"http://127.0.0.1:{port}",
            f"http://localhost:{port}/fhir",
            f"http://2130706433:{port}/fhir",
            f"http://0x7f.1:{port}/fhir",
            f"http://[::ffff:127.0.0.1]:{port}/fhir",
            f"https://ehr.example.org@127.0.0.1:{port}/fhir",
            f"http://127.0.0.1:{port}/fhir#https://ehr.example.org/fhir",
        ):
            for service in (listed, Service()):
                assert service.post(granted(CALM, base, "patient")).status_code == 412
        assert arrivals() == 0


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else() -> None:
    with silent_listener() as (port, arrivals):
        away = Reply(status=307, headers={"Location": f"http://127.0.0.1:{port}/fhir/Goal"})
        with fhir_server(lambda _: away) as server:
            service = Service(server.base)
            service.cards(granted(CALM, server.base, "goals"))
        assert service.outcomes() == {"redirect": 1}
        assert arrivals() == 0


@pytest.fixture
def goals() -> dict[str, Any]:
    return {"resourceType": "Goal", "lifecycleStatus": "active", "subject": {"reference": "Patient/syn-002"}}


def paged(base: str, goals: dict[str, Any], pages: int, size: int = 2) -> Callable[[Asked], Reply]:
    """So many pages; the last has no link."""

    def answer(asked: Asked) -> Reply:
        page = int(asked.params.get("page", ["1"])[0])
        found = [goals | {"id": f"g-{page}-{n}"} for n in range(size)]
        link = [{"relation": "next", "url": f"{base}/Goal?page={page + 1}"}] if page < pages else []
        return as_json(searchset(*found, total=pages * size, link=link))

    return answer


@pytest.mark.parametrize(
    ("pages", "changes", "state", "requests"),
    [
        (3, {}, "ok", 3),
        (5, {}, "ok", 5),
        (6, {}, "partial", 5),
        (3, {"fhir_max_pages": 2}, "partial", 2),
        (3, {"fhir_max_pages": 1}, "partial", 1),
    ],
)
def test_next_links_are_followed_up_to_the_limit(
    pages: int, changes: dict[str, Any], state: str, requests: int, goals: dict[str, Any]
) -> None:
    with fhir_server(lambda _: Reply()) as server:
        server.answers = paged(server.base, goals, pages)
        service = Service(server.base, **changes)
        service.cards(granted(CALM, server.base, "goals"))
        assert len(server.asked) == requests
        assert all(asked.headers["Authorization"] == f"Bearer {TOKEN}" for asked in server.asked)
    assert service.states()["goals"] == state
    assert service.last is not None
    assert len(service.last.gathered.data.keys["goals"].resources) == 2 * requests


def test_a_search_ends_at_the_limit_of_resources(goals: dict[str, Any]) -> None:
    with fhir_server(lambda _: Reply()) as server:
        server.answers = paged(server.base, goals, pages=3, size=300)
        service = Service(server.base, fhir_max_resources=500)
        service.cards(granted(CALM, server.base, "goals"))
        assert len(server.asked) == 2
    assert service.states()["goals"] == "partial"


@pytest.mark.parametrize("sent", [True, False], ids=["prefetch", "fetched"])
@pytest.mark.parametrize(
    "away",
    [
        "http://127.0.0.1:{port}/fhir/Goal?page=2",
        "{base}.evil.example/Goal?page=2",
        "http://127.0.0.1:{port}@127.0.0.1/fhir/Goal",
        "{base}/../admin",
        "{base}/%2e%2e/admin",
        "{base}/Goal/..%2f..%2fadmin",
        "{origin}/other/Goal?page=2",
        "{base}2/Goal?page=2",
        "//127.0.0.1:{port}/fhir/Goal",
        "Goal?page=2",
        "{base}/Goal\r\nX: y",
        "{base}/Goal\\..\\..",
        "file:///etc/passwd",
        "",
        5,
        {"url": "x"},
    ],
)
def test_a_next_link_that_leads_elsewhere_is_not_followed(
    away: Any, sent: bool, goals: dict[str, Any]
) -> None:
    with silent_listener() as (port, arrivals), fhir_server(lambda _: Reply()) as server:
        origin = server.base.removesuffix("/fhir")
        url = away.format(port=port, base=server.base, origin=origin) if isinstance(away, str) else away
        bundle = searchset(goals | {"id": "g-1"}, link=[{"relation": "next", "url": url}])
        server.answers = lambda _: as_json(bundle)
        request = granted(CALM, server.base, "goals")
        if sent:
            request["prefetch"]["goals"] = bundle
        service = Service(server.base)
        service.cards(request)
        assert service.states()["goals"] == "partial"
        assert len(server.asked) == (0 if sent else 1)
        assert arrivals() == 0


def test_the_pages_after_the_one_that_was_sent_are_read(goals: dict[str, Any]) -> None:
    with fhir_server(lambda _: Reply()) as server:
        server.answers = paged(server.base, goals, pages=3)
        link = [{"relation": "next", "url": f"{server.base}/Goal?page=2"}]
        request = granted(CALM, server.base, "goals")
        request["prefetch"]["goals"] = searchset(goals | {"id": "g-1-0"}, total=6, link=link)
        service = Service(server.base)
        service.cards(request)
        assert len(server.asked) == 2
    assert service.states()["goals"] == "ok"
    assert service.last is not None
    assert len(service.last.gathered.data.keys["goals"].resources) == 5


def test_a_next_link_in_a_circle_ends(goals: dict[str, Any]) -> None:
    with fhir_server(lambda _: Reply()) as server:
        link = [{"relation": "next", "url": f"{server.base}/Goal?page=1"}]
        server.answers = lambda _: as_json(searchset(goals | {"id": "g-1"}, link=link))
        service = Service(server.base)
        service.cards(granted(CALM, server.base, "goals"))
        assert len(server.asked) == 2
    assert service.states()["goals"] == "partial"


@pytest.mark.parametrize("reply", [r for r, _ in BAD.values()], ids=BAD)
def test_a_failed_second_page_leaves_the_set_incomplete(reply: Reply, goals: dict[str, Any]) -> None:
    with fhir_server(lambda _: Reply()) as server:
        first = paged(server.base, goals, pages=2)
        server.answers = lambda asked: reply if "page" in asked.params else first(asked)
        service = Service(server.base, **time_for(reply))
        service.cards(granted(CALM, server.base, "goals"))
    assert service.states()["goals"] == "partial"
    assert service.last is not None
    assert len(service.last.gathered.data.keys["goals"].resources) == 2
