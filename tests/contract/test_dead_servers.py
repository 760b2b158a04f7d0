"""A server that is dead, and what the log says of any."""

from __future__ import annotations

import io
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest

from cds_service import telemetry
from cds_service.fhir_access.allow_list import parse_allow_list
from cds_service.fhir_access.fetcher import Fetcher
from cds_service.fhir_access.fetching import server as server_module
from tests.fetching import Service, granted
from tests.fhir_server import TOKEN, Asked, Reply, as_json, fhir_server, outcome, searchset, silent_listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

from tests.fetch_orders import PATIENT, order
from tests.fetching import CALM, CRP


@pytest.fixture
def dead() -> Iterator[tuple[Fetcher, str, Callable[[], int]]]:
    """A port at which every connection is closed without an answer."""
    with silent_listener() as (port, arrivals):
        base = f"http://127.0.0.1:{port}/fhir"
        yield Fetcher(parse_allow_list(base), PATIENT), base, arrivals


def test_a_dead_server_is_left_alone_after_the_first_calls(
    dead: tuple[Fetcher, str, Callable[[], int]],
) -> None:
    fetcher, base, arrivals = dead
    told: list[tuple[str, str]] = []
    fetcher.told = lambda server, outcomes, _seconds: told.extend((server, outcome) for outcome in outcomes)
    for _ in range(server_module.FAILURES_TO_OPEN):
        assert set(fetcher.fetch(order(base)).outcomes) <= {"unreachable", "timeout"}
    before = arrivals()
    for _ in range(5):
        fetched = fetcher.fetch(order(base))
        assert fetched.outcomes == {"circuit-open": 1}
        assert fetched.keys["goals"].data.state.value == "failed"
        assert fetched.milliseconds == 0
    assert arrivals() == before
    assert told.count((base.split("/")[2], "circuit-open")) == 5


@pytest.mark.parametrize("status", [401, 403, 404, 400])
def test_a_server_that_says_no_is_not_dead(status: int) -> None:
    with fhir_server(lambda _: outcome(status=status)) as server:
        fetcher = Fetcher(parse_allow_list(server.base), PATIENT)
        for _ in range(server_module.FAILURES_TO_OPEN + 2):
            assert "circuit-open" not in fetcher.fetch(order(server.base)).outcomes


def test_a_server_that_answers_again_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "OPEN_SECONDS", 1)
    with fhir_server(lambda _: outcome(status=500)) as server:
        fetcher = Fetcher(parse_allow_list(server.base), PATIENT)
        while "circuit-open" not in fetcher.fetch(order(server.base)).outcomes:
            assert len(server.asked) <= server_module.FAILURES_TO_OPEN
        server.answers = lambda _: as_json(searchset())
        deadline = threading.Event()
        for _ in range(60):
            if fetcher.fetch(order(server.base)).outcomes == {"ok": 1}:
                return
            deadline.wait(0.05)
        pytest.fail("the server was not asked again")


def always(reply: Reply) -> Callable[[Asked], Reply]:
    return lambda _: reply


def test_the_log_says_which_server_and_how_it_went_and_nothing_of_the_patient_or_the_token() -> None:
    root = logging.getLogger()
    before = root.handlers, root.level
    written = io.StringIO()
    telemetry.set_up(written)
    try:
        for reply in (as_json(searchset()), Reply(reset=True), outcome(status=401), Reply(b"<html>")):
            with fhir_server(always(reply)) as server:
                request = granted(CALM, server.base, "goals", "conditions")
                Service(server.base).post(request)
                assert server.base.split("/")[2] in written.getvalue()
        Service().post(granted(CALM, "https://not-listed.example/syn-002", "goals"))
    finally:
        root.handlers, root.level = before
    log = written.getvalue()
    assert '"fhir_outcomes":{"ok":2}' in log
    assert '"fhir_outcomes":{"not-listed":1}' in log
    for secret in (TOKEN, "syn-002", "not-listed.example", "Bea"):
        assert secret not in log


def test_the_token_is_in_no_representation() -> None:
    assert TOKEN not in repr(order("https://ehr.example.org/fhir"))


def test_a_mistake_of_ours_costs_its_key_and_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("of ours")

    monkeypatch.setattr("cds_service.fhir_access.fetching.search.read_page", broken)
    with fhir_server(lambda _: as_json(searchset())) as server:
        service = Service(server.base)
        service.cards(granted(CALM, server.base, "goals"))
    assert service.states()["goals"] == "failed"
    assert service.outcomes() == {"internal": 1}


def test_what_was_fetched_is_not_fetched_again_when_the_call_is_read_carefully() -> None:
    request = granted(CRP, "", "goals")
    odd: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "id": "odd",
        "subject": {"reference": "Patient/syn-001"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "1988-5"}]},
        "effectiveDateTime": "2026-06-14",
        "valueQuantity": {"value": 4, "code": "mg/L"},
        "referenceRange": "up to ten",
    }
    sent = request["prefetch"]["observations"]
    request["prefetch"]["observations"] = sent | {"entry": [*sent["entry"], {"resource": odd}]}
    with fhir_server(lambda _: as_json(searchset())) as server:
        service = Service(server.base)
        service.cards(request | {"fhirServer": server.base})
        assert server.kinds() == ["Goal"]
    assert service.last is not None
    assert service.last.gathered.data.keys["observations"].unreadable, "read again, piece by piece"
    assert service.states()["goals"] == "empty"
