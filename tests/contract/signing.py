"""Clients that sign: keys of our own making, a registry that knows them, tokens to send."""

from __future__ import annotations

import json
import time
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://cds.example.org"
SERVICE = "neck-pain-patient-view"
AUDIENCE = f"{BASE}/cds-services/{SERVICE}"
ISSUER = "https://ehr.example.org/oauth2"
JKU = "https://ehr.example.org/oauth2/jwks"
OTHER_ISSUER = "https://lab.example.net"

REGISTRY = f"""
[[client]]
name = "example-ehr"
issuer = "{ISSUER}"
keys = "ehr.jwks.json"
jku = ["{JKU}"]
algorithms = ["ES384", "RS384"]
audiences = ["https://cds.example.org/agreed"]
fhir_servers = ["https://ehr.example.org/fhir"]

[[client]]
name = "many-tenants"
issuer = "{OTHER_ISSUER}"
keys = "lab.jwks.json"
algorithms = ["ES384"]
tenants = ["north", "south"]
"""


@cache
def ec_key(name: str = "ehr", curve: type[ec.EllipticCurve] = ec.SECP384R1) -> ec.EllipticCurvePrivateKey:
    """A key, the same for the same name in one test process."""
    assert name
    return ec.generate_private_key(curve())


@cache
def rsa_key(name: str = "rsa", bits: int = 2048) -> rsa.RSAPrivateKey:
    assert name
    return rsa.generate_private_key(65537, bits)  # the sizes are those of the tests


def public_jwk(private: Any, kid: str, **more: Any) -> dict[str, Any]:
    algorithm = jwt.algorithms.RSAAlgorithm if hasattr(private, "decrypt") else jwt.algorithms.ECAlgorithm
    found = algorithm.to_jwk(private.public_key(), as_dict=True)
    return {**found, "kid": kid, "use": "sig", **more}


def public_pem(private: Any) -> bytes:
    pem: bytes = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


def write_registry(folder: Path, text: str = REGISTRY) -> Path:
    """The registry and its key files."""
    ehr = [
        public_jwk(ec_key(), "k-1"),
        public_jwk(rsa_key(), "k-rsa", alg="RS384"),
        public_jwk(ec_key("twin-1"), "k-twin"),
        public_jwk(ec_key("twin-2"), "k-twin"),
        public_jwk(rsa_key("small", 1024), "k-small"),
        public_jwk(ec_key("encryption"), "k-enc", use="enc"),
        public_jwk(ec_key("p256", ec.SECP256R1), "k-p256"),
        public_jwk(ec_key("alg"), "k-alg", alg="ES256"),
    ]
    (folder / "ehr.jwks.json").write_text(json.dumps({"keys": ehr}))
    (folder / "lab.jwks.json").write_text(json.dumps({"keys": [public_jwk(ec_key("lab"), "l-1")]}))
    path = folder / "clients.toml"
    path.write_text(text)
    return path


def claims(**changes: Any) -> dict[str, Any]:
    """Claims as a client sends them; a change to ``...`` leaves the claim out."""
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 300, "jti": str(uuid4())}
    return {name: value for name, value in (usual | changes).items() if value is not ...}


def token(
    given: dict[str, Any] | None = None,
    *,
    key: Any = None,
    algorithm: str = "ES384",
    headers: dict[str, Any] | None = None,
) -> str:
    """A signed token; ``typ`` and ``kid`` are set unless the headers say otherwise."""
    header = {"kid": "k-1"} | (headers or {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)  # a small key is one of the attacks
        return jwt.encode(given or claims(), ec_key() if key is None else key, algorithm, headers=header)
