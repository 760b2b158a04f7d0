"""Signature algorithms a client may be registered with: asymmetric ones alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEFAULT = ("ES384", "RS384")
# Algorithm to the key type it needs, and for elliptic curves the curve (RFC 7518, 3.1).
KEYS: dict[str, tuple[str, str | None]] = {
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
}
MIN_RSA_BITS = 2048


def fits(key: Mapping[str, Any], algorithm: str) -> bool:
    """Whether a JWK may verify this algorithm: type, curve, use and its own ``alg`` agree."""
    kind, curve = KEYS[algorithm]
    return (
        key.get("kty") == kind
        and (curve is None or key.get("crv") == curve)
        and key.get("alg", algorithm) == algorithm
        and key.get("use", "sig") == "sig"
    )


def can_verify(key: Mapping[str, Any]) -> bool:
    """Whether a JWK is a whole public key, of a type that can be registered."""
    import jwt

    kind = key.get("kty"), key.get("crv") if key.get("kty") == "EC" else None
    algorithm = next((name for name, needed in KEYS.items() if needed == kind), None)
    if algorithm is None:
        return False
    try:
        loaded = jwt.PyJWK(dict(key), algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return False
    return hasattr(loaded, "verify")
