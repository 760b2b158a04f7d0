"""Verification of a client's token (JWT), in the order of the reference: cheap and offline checks first.

Every failure is the same 401 for the caller; the reason is for our log and metrics, from a fixed list.
The token itself is never logged or kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from cds_service.caller import Caller
from cds_service.errors import Unauthorized
from cds_service.security import algorithms as algs
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.security.keys import KeyCache
    from cds_service.security.registry import Client, Registry

MAX_TOKEN_CHARS = 16 * 1024
LEEWAY_SECONDS = 60
MAX_LIFETIME_SECONDS = 3600
MAX_ID_CHARS = 1024

# Whether this (issuer, jti) is new; remembers it until the moment given (seconds since the epoch).
Remember = Callable[[str, str, float], bool]
# Turns a verified client away by raising.
Admit = Callable[["Client"], None]


class Claims(msgspec.Struct, frozen=True):
    """The claims we read; numbers have to be numbers."""

    iss: str
    aud: str | tuple[str, ...]
    exp: float
    iat: float
    jti: str
    nbf: float | None = None
    tenant: str | None = None


def _anyone(_client: Client) -> None:
    """Every registered client is admitted."""


class Verifier(Value, frozen=True, gc=True):
    """Verifies tokens.

    Attributes:
        registry: Clients that may call.
        cache: Keys that are fetched.
        remember: The replay memory that all workers share.
        base_url: Our public base URL, without a slash at the end.
        clock: Seconds since the epoch.
    """

    registry: Registry
    cache: KeyCache
    remember: Remember
    base_url: str
    clock: Callable[[], float] = time.time

    def verify(
        self, authorization: str | None, service_id: str, *, is_feedback: bool = False, admit: Admit = _anyone
    ) -> Caller:
        """The client that signed the token in an Authorization header.

        Args:
            authorization: The header's value.
            service_id: Service that is called.
            is_feedback: Its feedback endpoint is.
            admit: Asked of a verified client before its token is used up; raises to turn it away.

        Raises:
            Unauthorized: With the reason.
            StoreUnavailable: The replay memory could not be asked.
        """
        token = _bearer(authorization)
        header, payload = _unverified(token)
        client = self._client(header, payload)
        algorithm = _algorithm(header, client)
        key = self._key(header, client, algorithm)
        _check_signature(token, key, algorithm, client)
        claims = _claims(payload, client)
        self._check_times(claims, client)
        self._check_audience(claims, client, service_id, is_feedback=is_feedback)
        if client.entry.tenants and claims.tenant not in client.entry.tenants:
            raise _refused("tenant", client)
        admit(client)
        if not self.remember(claims.iss, claims.jti, claims.exp + LEEWAY_SECONDS):
            raise _refused("replay", client)
        return Caller(client.entry.name, client.entry.issuer, client.servers)

    def _client(self, header: Mapping[str, Any], payload: Mapping[str, Any]) -> Client:
        if str(header.get("typ", "")).upper() != "JWT":
            raise _refused("typ")
        if "crit" in header:
            raise _refused("crit")
        issuer = payload.get("iss")
        client = self.registry.clients.get(issuer) if isinstance(issuer, str) else None
        if client is None:
            raise _refused("issuer")
        return client

    def _key(self, header: Mapping[str, Any], client: Client, algorithm: str) -> Any:
        """The one key the token may be signed with; no network for anything that is not registered."""
        kid, jku = header.get("kid"), header.get("jku")
        if not isinstance(kid, str) or not kid:
            raise _refused("kid", client)
        if jku is not None and jku not in client.entry.jku:
            raise _refused("jku", client)
        found = [key for key in client.keys if key["kid"] == kid] if jku is None else []
        if not found and (urls := (jku,) if jku else client.entry.jku):
            found = [key for url in urls for key in self.cache.keys(url, kid)]
        if len(found) != 1:
            raise _refused("kid-ambiguous" if found else "kid", client)
        if not algs.fits(found[0], algorithm):
            raise _refused("key", client)
        return _loaded(found[0], algorithm, client)

    def _check_times(self, claims: Claims, client: Client) -> None:
        """Asked the positive way round: what is no proper number fails too."""
        now = self.clock()
        if not now < claims.exp + LEEWAY_SECONDS:
            raise _refused("expired", client)
        if not claims.iat <= now + LEEWAY_SECONDS:
            raise _refused("iat", client)
        if not (claims.nbf is None or claims.nbf <= now + LEEWAY_SECONDS):
            raise _refused("nbf", client)
        if not 0 <= claims.exp - claims.iat <= MAX_LIFETIME_SECONDS:
            raise _refused("lifetime", client)

    def _check_audience(self, claims: Claims, client: Client, service_id: str, *, is_feedback: bool) -> None:
        ours = f"{self.base_url}/cds-services/{service_id}"
        accepted = {ours, *(audience.rstrip("/") for audience in client.entry.audiences)}
        if is_feedback:
            accepted.add(f"{ours}/feedback")
        named = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
        if not any(audience.removesuffix("/") in accepted for audience in named):
            raise _refused("audience", client)


def _refused(reason: str, client: Client | None = None) -> Unauthorized:
    return Unauthorized(reason, client.entry.name if client else None)


def _bearer(authorization: str | None) -> str:
    """The token of the header; two headers arrive here as one with a comma."""
    if not authorization:
        raise _refused("no-token")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN_CHARS:
        raise _refused("malformed")
    if not token.isascii() or "," in token or " " in token:
        raise _refused("malformed")
    return token


def _unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    try:
        parts = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise _refused("malformed") from None
    return parts["header"], parts["payload"]


def _algorithm(header: Mapping[str, Any], client: Client) -> str:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in client.entry.algorithms:
        raise _refused("algorithm", client)
    return algorithm


def _loaded(key: Mapping[str, Any], algorithm: str, client: Client) -> Any:
    try:
        loaded = jwt.PyJWK(dict(key), algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        raise _refused("key", client) from None
    if isinstance(loaded, RSAPublicKey) and loaded.key_size < algs.MIN_RSA_BITS:
        raise _refused("key", client)
    if not hasattr(loaded, "verify"):  # a private key in a public set
        raise _refused("key", client)
    return loaded


def _check_signature(token: str, key: Any, algorithm: str, client: Client) -> None:
    """The signature alone: times are checked against our own clock, and with our own limits."""
    unchecked = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
    try:
        jwt.decode(token, key, [algorithm], options={**unchecked, "verify_signature": True})  # type: ignore[arg-type] # names of the options are a TypedDict
    except (jwt.PyJWTError, ValueError, TypeError):
        raise _refused("signature", client) from None


def _claims(payload: Mapping[str, Any], client: Client) -> Claims:
    try:
        claims = msgspec.convert(payload, Claims)
    except msgspec.ValidationError:
        raise _refused("claims", client) from None
    if not 0 < len(claims.jti) <= MAX_ID_CHARS:
        raise _refused("claims", client)
    return claims
