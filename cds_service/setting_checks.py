"""What a setting may be, one check each: a problem in words, or None."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cds_service.fhir_access.allow_list import NotAServer, parse_allow_list
from cds_service.urls import is_web_address, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

MIN_TOKEN_CHARS = 16


def problem_of(name: str, value: str) -> str | None:
    """What is wrong with a value of the right type; ``name`` is the field of the settings."""
    check = _CHECKS.get(name)
    return check(value) if check else None


def expectation_of(name: str) -> str | None:
    """What a setting of this name is to be, where the type alone says too little; None for the others."""
    return _EXPECTED.get(name)


def _not_a_zone(value: str) -> str | None:
    return None if _is_zone(value) else 'expected an IANA time zone such as "Europe/Berlin"'


def _not_a_base(value: str) -> str | None:
    parts = parts_of(value)
    if parts is not None and is_web_address(parts) and not (parts.query or parts.fragment or parts.username):
        return None
    return 'expected an absolute URL such as "https://cds.example.org", without query and fragment'


def _not_origins(value: str) -> str | None:
    for origin in filter(None, map(str.strip, value.split(","))):
        parts = parts_of(origin)
        if parts is None or not is_web_address(parts) or origin != f"{parts.scheme}://{parts.netloc}":
            return 'expected origins such as "https://ehr.example.org", comma separated, without a path'
    return None


def _not_pairs(value: str) -> str | None:
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    if not all(alias.strip() and system.strip() for alias, _, system in pairs):
        return 'expected "alias=system" pairs, comma separated'
    return None


def _not_a_file(value: str) -> str | None:
    return None if Path(value).is_file() else "there is no such file"


def _not_authorities(value: str) -> str | None:
    if problem := _not_a_file(value):
        return problem
    import ssl

    try:
        ssl.create_default_context(cafile=value)
    except (ssl.SSLError, OSError):
        return "expected certificates in PEM form"
    return None


def _not_servers(value: str) -> str | None:
    try:
        parse_allow_list(value)
    except NotAServer as error:
        return str(error)
    return None


def _is_zone(name: str) -> bool:
    if name == "UTC":
        return True
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


_TRUTH = "expected true or false"
_EXPECTED = {
    "env": "expected development or production",
    "accept_anyone": _TRUTH,
    "pages": _TRUTH,
    "playground": _TRUTH,
    "as_of": 'expected a date and time with its zone such as "2026-11-20T12:00:00Z"',
}
_CHECKS: dict[str, Callable[[str], str | None]] = {
    "timezone": _not_a_zone,
    "base_url": _not_a_base,
    "cors_origins": _not_origins,
    "system_aliases": _not_pairs,
    "valuesets_dir": lambda value: None if Path(value).is_dir() else "there is no such directory",
    "clients": _not_a_file,
    "client_profiles": _not_a_file,
    "fhir_ca_file": _not_authorities,
    "fhir_servers": _not_servers,
    "terminology_server": lambda value: "expected one server" if "," in value else _not_servers(value),
    "operations_token": lambda value: (
        None if len(value) >= MIN_TOKEN_CHARS else f"expected {MIN_TOKEN_CHARS} characters or more"
    ),
}
