"""Where a name leads, what a server leaves out, and a server that is dead."""

from __future__ import annotations

import io
import logging
import shutil
import socket
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest

from cds_service import telemetry
from cds_service.fhir_access.allow_list import parse_allow_list
from cds_service.fhir_access.fetcher import Fetcher
from cds_service.fhir_access.fetching import server as server_module
from cds_service.fhir_access.grant import Grant
from cds_service.fhir_access.limits import FetchLimits
from cds_service.fhir_access.source import Order
from cds_service.fhir_access.templates import NEEDS
from tests.fetching import Service, fixture, granted
from tests.fhir_server import (
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cds_service.fhir_access.source import Fetched

CALM = fixture("initial-care")
CRP = fixture("red-flag-crp")
GOALS = tuple(need for need in NEEDS if need.key == "goals")
OBSERVATIONS = tuple(need for need in NEEDS if need.key == "observations")
PATIENT = FetchLimits(call_seconds=8.0, total_seconds=9.0)


def resolving(*addresses: str) -> Callable[..., list[Any]]:
    """A resolver whose answers change from call to call, the last one staying."""
    answers = list(addresses)

    def resolve(_host: str, port: int, **_: Any) -> list[Any]:
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        place = (address, port, 0, 0) if family == socket.AF_INET6 else (address, port)
        return [(family, socket.SOCK_STREAM, 6, "", place)]

    return resolve


def order(base: str, needs: tuple[Any, ...] = GOALS, **grant: Any) -> Order:
    return Order("syn-002", Grant(base, **{"token": TOKEN, **grant}), needs)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "169.254.169.254", "10.0.0.1"],  # noqa: S104 - refused
)
def test_a_listed_name_that_leads_inside_is_not_connected_to(address: str) -> None:
    with silent_listener() as (port, arrivals):
        base = f"http://ehr.example.org:{port}/fhir"
        fetched = Fetcher(parse_allow_list(base), PATIENT, resolve=resolving(address)).fetch(order(base))
        assert fetched.outcomes == {"refused-address": 1}
        assert fetched.keys["goals"].data.state.value == "failed"
        assert arrivals() == 0


def test_a_name_that_changes_its_address_is_judged_each_time_it_is_connected_to() -> None:
    with fhir_server(lambda _: as_json(searchset())) as server, silent_listener("127.0.0.2") as (_, arrivals):
        port = server.base.removesuffix("/fhir").rpartition(":")[2]
        base = f"http://ehr.example.org:{port}/fhir"
        listed = parse_allow_list(f"{base} 127.0.0.1/32")
        fetcher = Fetcher(listed, PATIENT, resolve=resolving("127.0.0.1", "127.0.0.2"))
        assert fetcher.fetch(order(base)).outcomes == {"ok": 1}
        server.answers = lambda _: Reply(reset=True)
        assert "refused-address" in fetcher.fetch(order(base)).outcomes
        assert arrivals() == 0


def test_of_several_addresses_the_next_is_tried_when_one_does_not_answer() -> None:
    with (
        fhir_server(lambda _: as_json(searchset())) as server,
        socket.create_server(("127.0.0.1", 0)) as gone,
    ):
        port = int(server.base.removesuffix("/fhir").rpartition(":")[2])
        closed = gone.getsockname()[1]
        gone.close()
        base = f"http://ehr.example.org:{port}/fhir"
        places = [("10.9.9.9", port), ("127.0.0.1", closed), ("127.0.0.1", port)]

        def resolve(*_: Any, **__: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]

        listed = parse_allow_list(f"{base} 127.0.0.0/8")
        assert Fetcher(listed, PATIENT, resolve=resolve).fetch(order(base)).outcomes == {"ok": 1}


def test_a_name_that_is_resolved_for_ever_costs_no_more_than_the_deadline() -> None:
    is_over = threading.Event()

    def resolve(*_: Any, **__: Any) -> list[Any]:
        is_over.wait(5)
        return []

    base = "https://ehr.example.org/fhir"
    fetcher = Fetcher(parse_allow_list(base), FetchLimits(0.1, 0.2), resolve=resolve)
    fetched = fetcher.fetch(order(base))
    is_over.set()
    assert fetched.outcomes == {"timeout": 1}
    assert fetched.keys["goals"].data.state.value == "failed"
    assert fetched.milliseconds < 1000


def test_a_name_nobody_knows_is_unreachable() -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    base = "https://ehr.example.org/fhir"
    fetched = Fetcher(parse_allow_list(base), PATIENT, resolve=resolve).fetch(order(base))
    assert fetched.outcomes == {"unreachable": 1}


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_token() -> None:
    with fhir_server(serving(CALM["prefetch"])) as server:  # speaks no TLS at all
        base = server.base.replace("http:", "https:")
        fetched = Fetcher(parse_allow_list(base), PATIENT).fetch(order(base))
        assert fetched.outcomes == {"unreachable": 1}
        assert server.asked == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """A server's context and the file of the authority that vouches for it: itself, for 127.0.0.1."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(
        [*command.split(), "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, str(folder / "cert.pem")


def test_over_tls_the_authority_of_the_setting_is_trusted_and_no_other(
    certificate: tuple[ssl.SSLContext, str],
) -> None:
    context, authority = certificate
    with fhir_server(lambda _: as_json(searchset()), tls=context) as server:
        listed = parse_allow_list(server.base)
        trusting = FetchLimits(call_seconds=8.0, total_seconds=9.0, ca_file=authority)
        assert Fetcher(listed, trusting).fetch(order(server.base)).outcomes == {"ok": 1}
        assert Fetcher(listed, PATIENT).fetch(order(server.base)).outcomes == {"unreachable": 1}
        assert len(server.asked) == 1, "the token went to nobody unknown"


def test_over_tls_a_byte_now_and_then_ends_at_the_deadline_too(
    certificate: tuple[ssl.SSLContext, str],
) -> None:
    context, authority = certificate
    with fhir_server(lambda _: as_json(searchset(), drip=0.1), tls=context) as server:
        limits = FetchLimits(call_seconds=1.0, total_seconds=8.0, ca_file=authority)
        fetched = Fetcher(parse_allow_list(server.base), limits).fetch(order(server.base))
    assert fetched.outcomes == {"timeout": 1}
    assert fetched.milliseconds < 4000


def test_a_verified_client_may_name_its_own_servers_and_no_others() -> None:
    with fhir_server(lambda _: as_json(searchset())) as server:
        fetcher = Fetcher(parse_allow_list(server.base), PATIENT)
        asked = order(server.base)
        theirs = parse_allow_list("https://ehr.example.org/fhir")
        nobody: Fetched = fetcher.fetch(Order(asked.patient_id, asked.grant, asked.needs, servers=theirs))
        assert nobody.outcomes == {"not-listed": 1}
        assert server.asked == []
        assert fetcher.fetch(asked).outcomes == {"ok": 1}


# --- what the server searched for ---------------------------------------------------------------------------


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


# --- a server that is dead ----------------------------------------------------------------------------------


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


# --- what is written down -----------------------------------------------------------------------------------


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
