"""What a server leaves out, refuses, declares, and has too much of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fetching import CALM, CRP, Service, granted
from tests.fhir_server import TOKEN, Asked, Reply, as_json, fhir_server, outcome, searchset


def with_self(url: str, *resources: dict[str, Any], **members: Any) -> Reply:
    return as_json(searchset(*resources, link=[{"relation": "self", "url": url}], **members))


SELF: dict[str, tuple[str, str]] = {
    "as asked": ("{base}/Goal?patient=syn-002&_count=500", "empty"),
    "the patient as a reference": ("{base}/Goal?patient=Patient/syn-002", "empty"),
    "the same by another name": ("{base}/Goal?subject=Patient%2Fsyn-002&_count=50", "empty"),
    "with a modifier": ("{base}/Goal?patient:Patient=syn-002", "empty"),
    "nothing said": ("{base}/Goal", "empty"),
    "not a link": ("", "empty"),
    "the patient ignored": ("{base}/Goal?_count=500", "partial"),
    "another patient": ("{base}/Goal?patient=syn-003&_count=500", "partial"),
    "two patients": ("{base}/Goal?patient=syn-002&patient=syn-003", "partial"),
    "less than was asked": ("{base}/Goal?patient=syn-002&lifecycle-status=active", "partial"),
    "a time limit": ("{base}/Goal?patient=syn-002&start-date=ge2026-01-01", "partial"),
}


@pytest.mark.parametrize(("url", "state"), SELF.values(), ids=SELF)
def test_none_is_only_believed_of_the_search_that_was_asked_for(url: str, state: str) -> None:
    with fhir_server(lambda _: Reply()) as server:
        server.answers = lambda _: with_self(url.format(base=server.base))
        service = Service(server.base)
        service.cards(granted(CALM, server.base, "goals"))
    assert service.states()["goals"] == state


def test_a_count_that_is_higher_than_what_came_is_no_whole_set() -> None:
    with fhir_server(lambda _: as_json(searchset(total=3))) as server:
        service = Service(server.base)
        service.cards(granted(CALM, server.base, "goals"))
    assert service.states()["goals"] == "partial"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        (None, {"patient": ["syn-002"], "_count": ["1000"]}),
        (["patient", "code"], {"patient": ["syn-002"], "_count": ["1000"]}),
        (["subject", "code"], {"subject": ["Patient/syn-002"], "_count": ["1000"]}),
    ],
    ids=["nothing declared", "patient declared", "only subject declared"],
)
def test_a_server_that_refuses_the_query_is_asked_plainly(
    params: list[str] | None, expected: dict[str, list[str]]
) -> None:
    def answers(asked: Asked) -> Reply:
        if asked.kind == "metadata":
            return capability(params) if params else outcome(status=404)
        return outcome(status=400) if "_sort" in asked.params else as_json(searchset())

    with fhir_server(answers) as server:
        service = Service(server.base)
        service.cards(granted(CALM, server.base, "observations"))
        assert server.kinds() == ["Observation", "metadata", "Observation"]
        assert server.asked[-1].params == expected
        assert all(asked.headers["Authorization"] == f"Bearer {TOKEN}" for asked in server.asked)
    assert service.states()["observations"] == "empty"


def capability(params: list[str]) -> Reply:
    kinds = [{"type": "Observation", "searchParam": [{"name": name, "type": "token"} for name in params]}]
    return as_json({"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": kinds}]})


def test_what_a_server_declares_is_read_once() -> None:
    def answers(asked: Asked) -> Reply:
        if asked.kind == "metadata":
            return capability(["patient", "code"])
        return outcome(status=400) if "_sort" in asked.params else as_json(searchset())

    with fhir_server(answers) as server:
        service = Service(server.base)
        for _ in range(3):
            service.cards(granted(CALM, server.base, "observations"))
        assert server.kinds().count("metadata") == 1


def crp() -> dict[str, Any]:
    (found,) = [
        entry["resource"]
        for entry in CRP["prefetch"]["observations"]["entry"]
        if "1988-5" in str(entry["resource"].get("code"))
    ]
    return dict(found)


def too_many(asked: Asked, *, declared: list[str], base: str) -> Reply:
    """A server that gives its newest page alone and finds the rest only by code."""
    if asked.kind == "metadata":
        return capability(declared)
    if "code" not in asked.params:
        return as_json(searchset(total=4000, link=[{"relation": "next", "url": f"{base}2/elsewhere"}]))
    is_asked_for = any("1988-5" in value for value in asked.params["code"])
    return as_json(searchset(*([crp()] if is_asked_for else [])))


def test_of_too_many_observations_those_with_a_code_of_ours_are_asked_for_by_form() -> None:
    with fhir_server(lambda _: Reply()) as server:
        server.answers = lambda a: too_many(a, declared=["patient", "code"], base=server.base)
        service = Service(server.base)
        cards = service.cards(granted(CRP, server.base, "observations"))
        by_code = [asked for asked in server.asked if "code" in asked.params]
        assert len(by_code) > 1
        assert by_code[0].method == "POST"
        for asked in by_code:
            assert asked.params["patient"] == ["syn-001"]
            assert asked.method == "GET" or int(asked.headers["Content-Length"]) < 7000
    assert service.states()["observations"] == "partial"
    assert cards[0]["source"]["topic"]["code"] == "R23", "the raised CRP is found"
    assert "CRP" in cards[0]["summary"]


@pytest.mark.parametrize("declared", [["patient"], ["patient", "date", "category"]])
def test_a_server_that_cannot_search_by_code_is_not_asked_to(declared: list[str]) -> None:
    with fhir_server(lambda _: Reply()) as server:
        server.answers = lambda a: too_many(a, declared=declared, base=server.base)
        service = Service(server.base)
        service.cards(granted(CALM, server.base, "observations"))
        assert server.kinds() == ["Observation", "metadata"]
    assert service.states()["observations"] == "partial"


def test_observations_that_take_too_long_are_asked_for_by_code() -> None:
    with fhir_server(lambda _: Reply()) as server:
        slow = Reply(wait=4.0)
        server.answers = lambda a: (
            slow if a.kind == "Observation" and "code" not in a.params else too_many(a, declared=[], base="")
        )
        service = Service(server.base, fhir_call_ms=1500, fhir_total_ms=9000)
        cards = service.cards(granted(CRP, server.base, "observations"))
    assert service.states()["observations"] == "partial"
    assert "CRP" in cards[0]["summary"]
