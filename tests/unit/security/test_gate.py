from __future__ import annotations

import queue
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from cds_service.caller import Caller
from cds_service.config import read_settings
from cds_service.errors import RateLimited, RegistryError, Unauthorized
from cds_service.fhir_access.allow_list import parse_allow_list
from cds_service.security.gate import Gate
from cds_service.security.keys import KeyCache
from cds_service.security.registry import load_registry
from cds_service.security.tokens import Verifier
from cds_service.self_test import load_cases
from cds_service.wsgi import assemble
from tests.contract.signing import (
    AUDIENCE,
    BASE,
    ISSUER,
    JKU,
    OTHER_ISSUER,
    REGISTRY,
    SERVICE,
    claims,
    ec_key,
    token,
    write_registry,
)
from tests.contract.support import PATH, patient_view

if TYPE_CHECKING:
    from pathlib import Path

    from cds_service.security.keys import Keys


def settings_with(folder: Path, registry: str = REGISTRY) -> dict[str, str]:
    return {
        "CDS_ENV": "production",
        "CDS_BASE_URL": BASE + "/",
        "CDS_CLIENTS": str(write_registry(folder, registry)),
        "CDS_DATABASE_URL": f"sqlite:///{folder / 'cds.sqlite3'}",
    }


def test_a_client_that_calls_more_often_than_agreed_has_to_wait(tmp_path: Path) -> None:
    few = REGISTRY.replace('name = "example-ehr"', 'name = "example-ehr"\nrequests_per_minute = 2')
    registry = load_registry(write_registry(tmp_path, few), is_production=True)
    gate = Gate(Verifier(registry, KeyCache(), lambda *_: True, BASE))
    expected = Caller("example-ehr", ISSUER, parse_allow_list("https://ehr.example.org/fhir"))
    for _ in range(2):
        assert gate.authenticate(f"Bearer {token()}", SERVICE) == expected
    with pytest.raises(RateLimited):
        gate.authenticate(f"Bearer {token()}", SERVICE)


def test_a_call_that_has_to_wait_does_not_use_its_token_up(tmp_path: Path) -> None:
    few = REGISTRY.replace('name = "example-ehr"', 'name = "example-ehr"\nrequests_per_minute = 1')
    registry = load_registry(write_registry(tmp_path, few), is_production=True)
    used: set[str] = set()

    def remember(_issuer: str, jti: str, _until: float) -> bool:
        is_new = jti not in used
        used.add(jti)
        return is_new

    verifier = Verifier(registry, KeyCache(), remember, BASE)
    gate = Gate(verifier)
    first, second = token(), token()
    assert gate.authenticate(f"Bearer {first}", SERVICE).name == "example-ehr"
    with pytest.raises(RateLimited):
        gate.authenticate(f"Bearer {second}", SERVICE)
    # A minute later, so to speak.
    assert Gate(verifier).authenticate(f"Bearer {second}", SERVICE).name == "example-ehr"
    with pytest.raises(Unauthorized):
        Gate(verifier).authenticate(f"Bearer {second}", SERVICE)


def test_at_the_start_the_keys_of_every_client_are_fetched(tmp_path: Path) -> None:
    asked: queue.Queue[str] = queue.Queue()

    def fetch(url: str) -> Keys:
        asked.put(url)
        return ()

    lab = REGISTRY.replace('keys = "lab.jwks.json"', 'jku = ["https://lab.example.net/jwks"]')
    registry = load_registry(write_registry(tmp_path, lab), is_production=True)
    gate = Gate(Verifier(registry, KeyCache(fetch), lambda *_: True, BASE))
    service = replace(assemble(read_settings(settings_with(tmp_path))), gate=gate)
    assert asked.empty()
    service.start()
    assert {asked.get(timeout=5) for _ in range(2)} == {JKU, "https://lab.example.net/jwks"}
    service.stop()


def test_feedback_takes_both_audiences(tmp_path: Path) -> None:
    registry = load_registry(write_registry(tmp_path), is_production=True)
    gate = Gate(Verifier(registry, KeyCache(), lambda *_: True, BASE))
    for audience in (AUDIENCE, f"{AUDIENCE}/feedback"):
        caller = gate.authenticate(f"Bearer {token(claims(aud=audience))}", SERVICE, is_feedback=True)
        assert caller.name == "example-ehr"


def test_the_service_in_production_lets_registered_clients_in_and_nobody_else(tmp_path: Path) -> None:
    service = assemble(read_settings(settings_with(tmp_path)))
    service.start()
    client = service.app.test_client()
    assert client.post(PATH, json=patient_view()).status_code == 401
    good = client.post(PATH, json=patient_view(), headers={"Authorization": f"Bearer {token()}"})
    assert good.status_code == 200
    assert good.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert client.get("/readyz").get_json()["callers"] == "verified"
    assert client.get("/metrics").status_code == 404
    service.stop()


def test_a_client_gets_the_profile_of_its_issuer_and_card_ids_of_its_own(tmp_path: Path) -> None:
    profiles = tmp_path / "profiles.toml"
    profiles.write_text(f'[client."{OTHER_ISSUER}"]\nis_silent = true\n')
    service = assemble(
        read_settings(
            settings_with(tmp_path)
            | {"CDS_ENV": "development", "CDS_AS_OF": "2026-06-15T12:00:00Z"}
            | {"CDS_CLIENT_PROFILES": str(profiles)}
        )
    )
    red_flag = bytes(load_cases().cases[1].request)
    client = service.app.test_client()

    def cards(authorization: str) -> list[dict[str, str]]:
        headers = {"Authorization": f"Bearer {authorization}"}
        answer = client.post(PATH, data=red_flag, content_type="application/json", headers=headers)
        found: list[dict[str, str]] = answer.get_json()["cards"]
        return found

    lab = token(claims(iss=OTHER_ISSUER, tenant="north"), key=ec_key("lab"), headers={"kid": "l-1"})
    assert cards(lab) == []
    first, again = cards(token()), cards(token())
    assert [card["uuid"] for card in first] == [card["uuid"] for card in again]
    anyone = assemble(read_settings({"CDS_AS_OF": "2026-06-15T12:00:00Z"})).app.test_client()
    unverified = anyone.post(PATH, data=red_flag, content_type="application/json").get_json()["cards"]
    assert unverified[0]["summary"] == first[0]["summary"]
    assert unverified[0]["uuid"] != first[0]["uuid"]
    service.stop()


def test_production_does_not_start_with_a_test_issuer(tmp_path: Path) -> None:
    sandbox = REGISTRY.replace(ISSUER, "https://sandbox.cds-hooks.org")
    with pytest.raises(RegistryError, match="private key"):
        assemble(read_settings(settings_with(tmp_path, sandbox)))
