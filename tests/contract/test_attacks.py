"""Tokens and requests that must not get in: each is a 401 with the same body, and nothing is called out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from cds_service.app import create_app
from cds_service.hooks.endpoints import Endpoints
from cds_service.records.store import Store
from cds_service.security.gate import Gate
from cds_service.security.keys import KeyCache, KeysUnavailable
from cds_service.security.registry import load_registry
from cds_service.security.tokens import Verifier
from tests.contract.signing import (
    AUDIENCE,
    BASE,
    ISSUER,
    JKU,
    OTHER_ISSUER,
    ec_key,
    public_jwk,
    public_pem,
    rsa_key,
    write_registry,
)
from tests.contract.signing import claims as claims_now
from tests.contract.signing import token as signed
from tests.contract.support import LIMIT, PATH, StandIn, patient_view

if TYPE_CHECKING:
    from pathlib import Path

    from cds_service.security.keys import Keys

# Tokens are made when this file is read and used whenever their turn comes: for the service it is always now.
NOW = int(time.time())


def claims(**changes: Any) -> dict[str, Any]:
    """Claims of the moment at which the service's clock stands."""
    return claims_now(**{"iat": NOW, "exp": NOW + 300, **changes})


def token(given: dict[str, Any] | None = None, **how: Any) -> str:
    """A token of that moment."""
    return signed(claims() if given is None else given, **how)


class Outside:
    """Stands in for the network: remembers what was asked for, and answers nothing."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, url: str) -> Keys:
        self.asked.append(url)
        raise KeysUnavailable


def service(folder: Path, outside: Outside) -> Any:
    """One worker: its own key cache, its own connection to the shared store."""
    registry = load_registry(write_registry(folder), is_production=True)
    store = Store.open(f"sqlite:///{folder / 'cds.sqlite3'}")
    gate = Gate(Verifier(registry, KeyCache(outside), store.remember_token, BASE, clock=lambda: NOW))
    endpoints = Endpoints(StandIn(), LIMIT, {}, authenticate=gate.authenticate)
    return create_app(endpoints).test_client()


@pytest.fixture(scope="module")
def outside() -> Outside:
    return Outside()


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Any:
    return service(tmp_path_factory.mktemp("worker"), outside)


def call(worker: Any, authorization: str | None, path: str = PATH, **changes: Any) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return worker.post(path, json=patient_view(**changes), headers=headers)


def part(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def by_hand(header: dict[str, Any], payload: object, signature: bytes = b"") -> str:
    return f"{part(header)}.{part(payload)}.{part(signature)}"


def hmac_with(secret: bytes, header: dict[str, Any]) -> str:
    """HS384 with what everybody knows, which libraries once took for a shared secret."""
    signed = f"{part(header)}.{part(claims())}"
    return f"{signed}.{part(hmac.new(secret, signed.encode(), hashlib.sha384).digest())}"


def flipped(good: str) -> str:
    head, _, signature = good.rpartition(".")
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def other_payload(good: str) -> str:
    head, _, signature = good.split(".")
    return f"{head}.{part(claims(exp=NOW + 3000))}.{signature}"


HEADER = {"alg": "ES384", "typ": "JWT", "kid": "k-1"}
RS_HEADER = {"alg": "RS384", "typ": "JWT", "kid": "k-rsa"}
ATTACKS: dict[str, str | None] = {
    "no header": None,
    "an empty header": "",
    "another scheme": f"Basic {token()}",
    "the token without a scheme": token(),
    "the scheme without a token": "Bearer ",
    "two tokens": f"Bearer {token()}, Bearer {token()}",
    "two tokens with a space": f"Bearer {token()} {token()}",
    "garbage": "Bearer garbage",
    "two parts": "Bearer a.b",
    "a token over the size limit": f"Bearer {token(claims(rest='x' * 20_000))}",
    "not ASCII": "Bearer \xe9\xe9.\xe9.\xe9",
    "a header that is no object": f"Bearer {part([1])}.{part(claims())}.{part(b'x')}",
    "a payload that is no object": f"Bearer {by_hand(HEADER, [1], b'x')}",
    "a payload that is no JSON": f"Bearer {part(HEADER)}.{part(b'{')}.{part(b'x')}",
    "a payload nested without end": f"Bearer {part(HEADER)}.{part(b'[' * 9000)}.{part(b'x')}",
    "alg none": f"Bearer {by_hand(HEADER | {'alg': 'none'}, claims())}",
    "alg None": f"Bearer {by_hand(HEADER | {'alg': 'None'}, claims())}",
    "no alg": f"Bearer {by_hand({'typ': 'JWT', 'kid': 'k-1'}, claims(), b'x')}",
    "alg that is a list": f"Bearer {by_hand(HEADER | {'alg': ['ES384']}, claims(), b'x')}",
    "HS384 with the public key": "Bearer " + hmac_with(public_pem(rsa_key()), RS_HEADER | {"alg": "HS384"}),
    "the public key as HS384 secret, alg RS384": "Bearer " + hmac_with(public_pem(rsa_key()), RS_HEADER),
    "an algorithm that is not this client's": "Bearer "
    + token(key=ec_key("p256"), algorithm="ES384", headers={"kid": "k-p256"}),
    "RS512 where RS384 was agreed": "Bearer "
    + token(key=rsa_key(), algorithm="RS512", headers={"kid": "k-rsa"}),
    "RS384 with the id of an elliptic key": f"Bearer {token(key=rsa_key(), algorithm='RS384')}",
    "a flipped byte": f"Bearer {flipped(token())}",
    "no signature": f"Bearer {token().rpartition('.')[0]}.",
    "another payload under the signature": f"Bearer {other_payload(token())}",
    "another key": f"Bearer {token(key=ec_key('mallory'))}",
    "the key of another client": f"Bearer {token(key=ec_key('lab'), headers={'kid': 'l-1'})}",
    "no kid": f"Bearer {token(headers={'kid': ''})}",
    "an unknown kid": f"Bearer {token(headers={'kid': 'k-9'})}",
    "a kid that is a path": f"Bearer {token(headers={'kid': '../../etc/passwd'})}",
    "one kid, two keys": f"Bearer {token(key=ec_key('twin-1'), headers={'kid': 'k-twin'})}",
    "a small RSA key": "Bearer "
    + token(key=rsa_key("small", 1024), algorithm="RS384", headers={"kid": "k-small"}),
    "a key for encryption": f"Bearer {token(key=ec_key('encryption'), headers={'kid': 'k-enc'})}",
    "a key for another algorithm": f"Bearer {token(key=ec_key('alg'), headers={'kid': 'k-alg'})}",
    "a jku of someone else": "Bearer "
    + token(key=ec_key("mallory"), headers={"jku": "https://mallory.example/jwks"}),
    "a jku that begins like ours": f"Bearer {token(headers={'jku': JKU + '.mallory.example'})}",
    "a jku with a user": f"Bearer {token(headers={'jku': JKU.replace('https://', 'https://x@')})}",
    "a jku on this machine": f"Bearer {token(headers={'jku': 'http://127.0.0.1:9/jwks'})}",
    "a jku of the cloud's metadata": f"Bearer {token(headers={'jku': 'http://169.254.169.254/'})}",
    "a jku that is a list": f"Bearer {by_hand(HEADER | {'jku': [JKU]}, claims(), b'x' * 96)}",
    "a key in the token": "Bearer "
    + token(key=ec_key("mallory"), headers={"jwk": public_jwk(ec_key("mallory"), "k-1")}),
    "a certificate in the token": "Bearer "
    + token(key=ec_key("mallory"), headers={"x5c": ["MIIB"], "x5u": "https://mallory.example/cert"}),
    "a critical extension": f"Bearer {token(headers={'crit': ['b64'], 'b64': True})}",
    "another typ": f"Bearer {token(headers={'typ': 'at+jwt'})}",
    "an unknown issuer": f"Bearer {token(claims(iss='https://mallory.example'))}",
    "an issuer with a slash more": f"Bearer {token(claims(iss=ISSUER + '/'))}",
    "an issuer that is a list": f"Bearer {by_hand(HEADER, claims(iss=[ISSUER]), b'x' * 96)}",
    "the issuer of another client": f"Bearer {token(claims(iss=OTHER_ISSUER, tenant='north'))}",
    "the public Sandbox": f"Bearer {token(claims(iss='https://sandbox.cds-hooks.org'))}",
    "the audience of another service": f"Bearer {token(claims(aud=BASE + '/cds-services/other'))}",
    "the audience of feedback": f"Bearer {token(claims(aud=AUDIENCE + '/feedback'))}",
    "the base as audience": f"Bearer {token(claims(aud=BASE))}",
    "an audience that begins like ours": f"Bearer {token(claims(aud=AUDIENCE + '.mallory.example'))}",
    "an empty list of audiences": f"Bearer {token(claims(aud=[]))}",
    "an expired token": f"Bearer {token(claims(iat=NOW - 600, exp=NOW - 300))}",
    "a token from the future": f"Bearer {token(claims(iat=NOW + 3600, exp=NOW + 3900))}",
    "a token not valid yet": f"Bearer {token(claims(nbf=NOW + 600))}",
    "a token of a day": f"Bearer {token(claims(exp=NOW + 86_400))}",
    "a token without an end": f"Bearer {token(claims(exp=10**30))}",
    "an end that is text": f"Bearer {token(claims(exp=str(NOW + 300)))}",
    "an end before the beginning": f"Bearer {token(claims(iat=NOW, exp=NOW - 30))}",
    "no exp": f"Bearer {token(claims(exp=...))}",
    "no iat": f"Bearer {token(claims(iat=...))}",
    "no iss": f"Bearer {token(claims(iss=...))}",
    "no aud": f"Bearer {token(claims(aud=...))}",
    "no jti": f"Bearer {token(claims(jti=...))}",
    "an empty jti": f"Bearer {token(claims(jti=''))}",
    "a jti without end": f"Bearer {token(claims(jti='j' * 2000))}",
    "no tenant of a client with tenants": "Bearer "
    + token(claims(iss=OTHER_ISSUER), key=ec_key("lab"), headers={"kid": "l-1"}),
    "a tenant nobody knows": "Bearer "
    + token(claims(iss=OTHER_ISSUER, tenant="west"), key=ec_key("lab"), headers={"kid": "l-1"}),
}


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= 60


@pytest.mark.parametrize("authorization", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_like_every_other(
    authorization: str | None, worker: Any, outside: Outside
) -> None:
    before = list(outside.asked)
    answer = call(worker, authorization)
    assert answer.status_code == 401
    assert answer.get_json() == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "login",
                "details": {
                    "coding": [
                        {
                            "system": "https://neck-pain-cds.example/CodeSystem/error",
                            "code": "unauthorized",
                        }
                    ]
                },
                "diagnostics": "A valid token of a registered client is required.",
            }
        ],
    }
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    # The only URL that may ever be asked is the registered one, for an id that is not in the registry's file.
    assert set(outside.asked[len(before) :]) <= {JKU}


def test_all_attacks_together_cause_one_fetch_at_most(tmp_path: Path) -> None:
    outside = Outside()
    worker = service(tmp_path, outside)
    for authorization in ATTACKS.values():
        call(worker, authorization)
    assert outside.asked in ([], [JKU])


@pytest.mark.parametrize("number", [float("nan"), float("inf")], ids=["NaN", "Infinity"])
@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
def test_a_number_that_is_none_is_refused(claim: str, number: float, worker: Any) -> None:
    assert call(worker, f"Bearer {token(claims(**{claim: number}))}").status_code == 401


ACCEPTED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "as registered": ({}, {}),
    "a list of audiences with ours": ({"aud": ["https://else.example", AUDIENCE]}, {}),
    "an audience with a slash at the end": ({"aud": f"{AUDIENCE}/"}, {}),
    "the audience that was agreed": ({"aud": "https://cds.example.org/agreed"}, {}),
    "a clock half a minute ahead": ({"iat": NOW + 30, "exp": NOW + 330}, {}),
    "a token that ended half a minute ago": ({"iat": NOW - 300, "exp": NOW - 30}, {}),
    "claims we do not read": ({"sub": "x", "nbf": NOW - 5, "fhirContext": []}, {}),
    "an RSA key": ({}, {"key": rsa_key(), "algorithm": "RS384", "headers": {"kid": "k-rsa"}}),
    "times with a fraction": ({"iat": NOW - 0.5, "exp": NOW + 299.5}, {}),
    "a known tenant": (
        {"iss": OTHER_ISSUER, "tenant": "north"},
        {"key": ec_key("lab"), "headers": {"kid": "l-1"}},
    ),
}


@pytest.mark.parametrize(("changes", "how"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_good_token_gets_in(changes: dict[str, Any], how: dict[str, Any], worker: Any) -> None:
    answer = call(worker, f"Bearer {token(claims(**changes), **how)}")
    assert (answer.status_code, answer.get_json()) == (200, {"cards": []})


def test_a_token_is_good_once_across_workers_and_restarts(tmp_path: Path) -> None:
    used = f"bearer {token()}"
    first, second = service(tmp_path, Outside()), service(tmp_path, Outside())
    assert [call(worker, used).status_code for worker in (first, second, first)] == [200, 401, 401]
    assert call(service(tmp_path, Outside()), used).status_code == 401


def test_the_same_id_of_another_issuer_is_another_token(worker: Any) -> None:
    ours = token(claims(jti="j-1"))
    theirs = token(
        claims(jti="j-1", iss=OTHER_ISSUER, tenant="south"), key=ec_key("lab"), headers={"kid": "l-1"}
    )
    assert [call(worker, f"Bearer {each}").status_code for each in (ours, theirs)] == [200, 200]


def test_a_token_that_was_refused_is_not_used_up(worker: Any) -> None:
    good = token(claims(jti="kept"))
    assert call(worker, f"Bearer {flipped(good)}").status_code == 401
    assert call(worker, f"Bearer {good}").status_code == 200


def test_what_is_not_there_needs_no_token(worker: Any) -> None:
    assert call(worker, None, "/cds-services/nothing").status_code == 404
    assert worker.get(PATH).status_code == 405
    assert worker.get("/cds-services").status_code == 200


def test_the_token_is_asked_for_before_the_body_is_read(worker: Any) -> None:
    assert worker.post(PATH, data=b"{", content_type="text/plain").status_code == 401
    too_large = worker.post(PATH, data=b"x" * (LIMIT + 1), content_type="application/json")
    assert too_large.status_code == 401


def test_discovery_with_a_bad_token_answers_all_the_same(worker: Any) -> None:
    assert worker.get("/cds-services", headers={"Authorization": "Bearer x"}).status_code == 200


def test_a_store_that_is_gone_lets_nobody_in(tmp_path: Path) -> None:
    worker = service(tmp_path, Outside())
    with closing(sqlite3.connect(tmp_path / "cds.sqlite3")) as other:
        other.execute("DROP TABLE used_token")
    answer = call(worker, f"Bearer {token()}")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_the_library_has_not_begun_to_check_what_we_check(worker: Any) -> None:
    """Times that our leeway allows and the library's own default would refuse."""
    late = token(claims(iat=NOW - 90, exp=NOW - 20))
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(late, ec_key().public_key(), ["ES384"], audience=AUDIENCE)
    assert call(worker, f"Bearer {late}").status_code == 200
