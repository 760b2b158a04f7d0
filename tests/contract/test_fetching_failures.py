"""A query that fails, is late or is too large: said, asked again where that helps, never read as none."""

from __future__ import annotations

import json
import time

import pytest

from tests.fetching import CALM, Service, granted, is_reassuring, paged
from tests.fhir_server import Reply, as_json, fhir_server, outcome, searchset, serving
from tests.service import EXPLANATION

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


@pytest.mark.parametrize("reply", [r for r, _ in BAD.values()], ids=BAD)
def test_a_failed_second_page_leaves_the_set_incomplete(reply: Reply) -> None:
    with fhir_server(lambda _: Reply()) as server:
        first = paged(server.base, pages=2)
        server.answers = lambda asked: reply if "page" in asked.params else first(asked)
        service = Service(server.base, **time_for(reply))
        service.cards(granted(CALM, server.base, "goals"))
    assert service.states()["goals"] == "partial"
    assert service.last is not None
    assert len(service.last.gathered.data.keys["goals"].resources) == 2
