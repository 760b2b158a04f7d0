from __future__ import annotations

import json
from pathlib import Path

import pytest

from cds_service.errors import RegistryError
from cds_service.security.registry import load_registry
from tests.contract.signing import ISSUER, OTHER_ISSUER, ec_key, public_jwk, write_registry

EXAMPLE = Path("deploy/clients.example.toml")
CLIENT = '[[client]]\nname = "a"\nissuer = "https://a.example"\n'
WITH_JKU = CLIENT + 'jku = ["https://a.example/jwks"]\n'


def test_a_registry_is_read_by_issuer(tmp_path: Path) -> None:
    registry = load_registry(write_registry(tmp_path), is_production=True)
    assert set(registry.clients) == {ISSUER, OTHER_ISSUER}
    assert registry.clients[ISSUER].entry.name == "example-ehr"
    assert registry.clients[ISSUER].entry.fhir_servers == ("https://ehr.example.org/fhir",)
    assert registry.clients[OTHER_ISSUER].entry.requests_per_minute == 1200


def test_the_example_that_ships_can_be_read(tmp_path: Path) -> None:
    text = EXAMPLE.read_text()
    (tmp_path / "clients.toml").write_text(text)
    (tmp_path / "second-hospital.jwks.json").write_text(json.dumps({"keys": [public_jwk(ec_key(), "k")]}))
    assert len(load_registry(tmp_path / "clients.toml", is_production=True).clients) == 2


BROKEN: dict[str, tuple[str, str]] = {
    "nothing in it": ("", "client"),
    "no TOML": ("[[client", "clients.toml"),
    "an unknown member": (WITH_JKU + "jwks = 1\n", "unknown field `jwks`"),
    "a name with capitals": (WITH_JKU.replace('"a"', '"North Hospital"'), "name"),
    "no issuer": ('[[client]]\nname = "a"\n', "issuer"),
    "no key at all": (CLIENT, "needs jku, keys or both"),
    "a key over http": (CLIENT + 'jku = ["http://a.example/jwks"]\n', "https"),
    "a key on this machine": (CLIENT + 'jku = ["http://127.0.0.1/jwks"]\n', "https"),
    "a key URL with a password": (CLIENT + 'jku = ["https://u:p@a.example/jwks"]\n', "without user"),
    "a symmetric algorithm": (WITH_JKU + 'algorithms = ["HS256"]\n', "HS256 is not one of"),
    "no algorithm": (WITH_JKU + "algorithms = []\n", "algorithms is empty"),
    "alg none": (WITH_JKU + 'algorithms = ["none"]\n', "none is not one of"),
    "two clients of one issuer": (WITH_JKU + WITH_JKU.replace('"a"', '"b"'), "two clients have the issuer"),
    "two clients of one name": (
        WITH_JKU + WITH_JKU.replace("https://a.example", "https://b.example"),
        "two clients have the name a",
    ),
    "the public Sandbox": (
        WITH_JKU.replace('"https://a.example"', '"https://sandbox.cds-hooks.org"'),
        "private key",
    ),
    "a FHIR server over http": (WITH_JKU + 'fhir_servers = ["http://a.example/fhir"]\n', "fhir_servers"),
    "a word about a FHIR server": (
        WITH_JKU + 'fhir_servers = ["https://a.example openly"]\n',
        "neither open",
    ),
    "a FHIR server without a base": (WITH_JKU + 'fhir_servers = [" "]\n', "fhir_servers"),
    "a FHIR server with a path up": (WITH_JKU + 'fhir_servers = ["https://a.example/../x"]\n', "plain path"),
    "a FHIR server with a slash": (WITH_JKU + 'fhir_servers = ["https://a.example/fhir/"]\n', "slash"),
    "a key file that is not there": (CLIENT + 'keys = "none.json"\n', "not a readable JWK Set"),
    "a rate of nothing": (WITH_JKU + "requests_per_minute = 0\n", "requests_per_minute"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_registry_stops_the_start_and_says_why(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "clients.toml"
    path.write_text(text)
    with pytest.raises(RegistryError, match=r"clients|none") as raised:
        load_registry(path, is_production=True)
    assert message in str(raised.value)


KEYS: dict[str, tuple[object, str]] = {
    "a private key": ({"keys": [{"kid": "k", "kty": "EC", "d": "x"}]}, "private or symmetric"),
    "a shared secret": ({"keys": [{"kid": "k", "kty": "oct", "k": "x"}]}, "private or symmetric"),
    "a key without an id": ({"keys": [{"kty": "EC"}]}, "needs a kid"),
    "no key": ({"keys": []}, "holds no key"),
    "half a key": ({"keys": [{"kid": "k", "kty": "RSA", "n": "zz", "e": "AQAB"}]}, "none that can verify"),
    "a key of no type of ours": (
        {"keys": [{"kid": "k", "kty": "OKP", "crv": "Ed25519", "x": "AA"}]},
        "none that",
    ),
    "a key that is no text": (
        {"keys": [{"kid": "k", "kty": "EC", "crv": "P-384", "x": 5, "y": 6}]},
        "none that",
    ),
    "no set": ([], "not a readable JWK Set"),
}


@pytest.mark.parametrize(("data", "message"), KEYS.values(), ids=KEYS)
def test_a_key_file_that_cannot_verify_stops_the_start(data: object, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(data))
    path = tmp_path / "clients.toml"
    path.write_text(CLIENT + 'keys = "a.json"\n')
    with pytest.raises(RegistryError, match=message):
        load_registry(path, is_production=False)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="No such file"):
        load_registry(tmp_path / "none.toml", is_production=False)


def test_in_development_the_sandbox_and_this_machine_may_be_registered(tmp_path: Path) -> None:
    path = tmp_path / "clients.toml"
    path.write_text(
        '[[client]]\nname = "sandbox"\nissuer = "https://sandbox.cds-hooks.org"\n'
        'jku = ["http://127.0.0.1:8000/jwks.json"]\n'
    )
    assert load_registry(path, is_production=False).clients
