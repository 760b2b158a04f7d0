"""What was not sent is read from the FHIR server, with a grant and from listed servers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fetching import Service, fixture, granted, said
from tests.fhir_server import (
    FHIR_JSON,
    TOKEN,
    Reply,
    as_json,
    fhir_server,
    searchset,
    serving,
    silent_listener,
)

if TYPE_CHECKING:
    from collections.abc import Callable
from tests.fetching import CALM, CRP

OPTIONAL = tuple(key for key in CALM["prefetch"] if key != "patient")


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
    "a token of another type": lambda r: (
        r | {"fhirAuthorization": {"access_token": TOKEN, "token_type": "mac", "expires_in": 300}}
    ),
    "a token that has expired": lambda r: r | {"fhirAuthorization": {"access_token": TOKEN, "expires_in": 0}},
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
    for_patient = {
        "access_token": TOKEN,
        "patient": "Patient/syn-002",
        "token_type": "bearer",
        "expires_in": "soon",
    }
    with fhir_server(serving(CALM["prefetch"])) as server:
        request = granted(CALM, server.base, "goals")
        Service(server.base).cards(request | {"fhirAuthorization": for_patient})
        open_request = {k: v for k, v in request.items() if k != "fhirAuthorization"}
        Service(f"{server.base} open").cards(open_request)
        first, second = server.asked
    assert first.headers["Authorization"] == f"Bearer {TOKEN}"
    assert "Authorization" not in second.headers


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
