"""Answers of several pages: followed to the limits, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fetching import CALM, GOAL, Service, granted, paged
from tests.fhir_server import TOKEN, Reply, as_json, fhir_server, searchset, silent_listener


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
    pages: int, changes: dict[str, Any], state: str, requests: int
) -> None:
    with fhir_server(lambda _: Reply()) as server:
        server.answers = paged(server.base, pages)
        service = Service(server.base, **changes)
        service.cards(granted(CALM, server.base, "goals"))
        assert len(server.asked) == requests
        assert all(asked.headers["Authorization"] == f"Bearer {TOKEN}" for asked in server.asked)
    assert service.states()["goals"] == state
    assert service.last is not None
    assert len(service.last.gathered.data.keys["goals"].resources) == 2 * requests


def test_a_search_ends_at_the_limit_of_resources() -> None:
    with fhir_server(lambda _: Reply()) as server:
        server.answers = paged(server.base, pages=3, size=300)
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
        "{base}/..;/admin",
        "{base}/%2e%2e;x=1/admin",
        "{base}/%252e%252e/admin",
        "{base}/%5c..%5cadmin",
        "{base}/..%00/admin",
        "{base}//evil.example/Goal",
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
def test_a_next_link_that_leads_elsewhere_is_not_followed(away: Any, sent: bool) -> None:
    with silent_listener() as (port, arrivals), fhir_server(lambda _: Reply()) as server:
        origin = server.base.removesuffix("/fhir")
        url = away.format(port=port, base=server.base, origin=origin) if isinstance(away, str) else away
        bundle = searchset(GOAL | {"id": "g-1"}, link=[{"relation": "next", "url": url}])
        server.answers = lambda _: as_json(bundle)
        request = granted(CALM, server.base, "goals")
        if sent:
            request["prefetch"]["goals"] = bundle
        service = Service(server.base)
        service.cards(request)
        assert service.states()["goals"] == "partial"
        assert len(server.asked) == (0 if sent else 1)
        assert arrivals() == 0


def test_the_pages_after_the_one_that_was_sent_are_read() -> None:
    with fhir_server(lambda _: Reply()) as server:
        server.answers = paged(server.base, pages=3)
        link = [{"relation": "next", "url": f"{server.base}/Goal?page=2"}]
        request = granted(CALM, server.base, "goals")
        request["prefetch"]["goals"] = searchset(GOAL | {"id": "g-1-0"}, total=6, link=link)
        service = Service(server.base)
        service.cards(request)
        assert len(server.asked) == 2
    assert service.states()["goals"] == "ok"
    assert service.last is not None
    assert len(service.last.gathered.data.keys["goals"].resources) == 5


def test_a_next_link_in_a_circle_ends() -> None:
    with fhir_server(lambda _: Reply()) as server:
        link = [{"relation": "next", "url": f"{server.base}/Goal?page=1"}]
        server.answers = lambda _: as_json(searchset(GOAL | {"id": "g-1"}, link=link))
        service = Service(server.base)
        service.cards(granted(CALM, server.base, "goals"))
        assert len(server.asked) == 2
    assert service.states()["goals"] == "partial"
