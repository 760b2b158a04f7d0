from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import certifi
import pytest

from cds_service.config import Settings, read_settings
from cds_service.errors import SettingsError
from cds_service.fhir_access.limits import FetchLimits

if TYPE_CHECKING:
    from pathlib import Path


EXAMPLE = "deploy/clients.example.toml"


def test_without_any_setting_the_embedded_default_holds() -> None:
    settings = read_settings({"PATH": "/bin"})
    assert settings == Settings()
    assert (settings.env, settings.host, settings.port) == ("development", "127.0.0.1", 8080)
    assert settings.max_body_bytes == 5 * 1024 * 1024


def test_every_setting_is_read(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "CDS_ENV": "development",
            "CDS_HOST": "0.0.0.0",  # noqa: S104 - a value, nothing listens
            "CDS_PORT": "9000",
            "CDS_BASE_URL": "https://cds.example.org",
            "CDS_TIMEZONE": "Europe/Berlin",
            "CDS_AS_OF": "2026-05-04T23:30:00Z",
            "CDS_VALUESETS_DIR": str(tmp_path),
            "CDS_SYSTEM_ALIASES": "urn:site:icd=http://hl7.org/fhir/sid/icd-10-cm, urn:x = urn:y",
            "CDS_MAX_BODY_BYTES": "2000000",
            "CDS_MAX_BODIES_BYTES": "4000000",
            "CDS_ACCEPT_ANYONE": "true",
            "CDS_CORS_ORIGINS": "https://ehr.example.org, http://localhost:9000",
            "CDS_DATABASE_URL": "postgresql://cds@db/cds",
            "CDS_OPERATIONS_TOKEN": "sixteen-characters",
            "CDS_WORKERS": "4",
            "CDS_FHIR_SERVERS": "https://ehr.example.org/fhir, http://fhir:8080/fhir open private",
            "CDS_FHIR_CALL_MS": "500",
            "CDS_FHIR_TOTAL_MS": "900",
            "CDS_FHIR_MAX_BYTES": "2048",
            "CDS_FHIR_MAX_PAGES": "3",
            "CDS_FHIR_MAX_RESOURCES": "70",
            "CDS_FHIR_CA_FILE": certifi.where(),
        }
    )
    assert [server.name for server in settings.allow_list.servers] == ["ehr.example.org", "fhir:8080"]
    assert settings.fetch_limits == FetchLimits(0.5, 0.9, 2048, 3, 70, certifi.where())
    assert settings.port == 9000
    assert settings.valuesets_dir == tmp_path
    assert settings.origins == ("https://ehr.example.org", "http://localhost:9000")
    assert (settings.workers, settings.accept_anyone) == (4, True)
    assert settings.aliases == {"urn:site:icd": "http://hl7.org/fhir/sid/icd-10-cm", "urn:x": "urn:y"}
    assert settings.now().isoformat() == "2026-05-05T01:30:00+02:00"


def test_a_fixed_moment_without_zone_is_meant_in_the_configured_zone() -> None:
    settings = read_settings({"CDS_AS_OF": "2026-05-04T12:00:00", "CDS_TIMEZONE": "America/New_York"})
    assert settings.now().isoformat() == "2026-05-04T12:00:00-04:00"


def test_without_a_fixed_moment_the_clock_is_read_in_the_configured_zone() -> None:
    now = read_settings({"CDS_TIMEZONE": "Pacific/Kiritimati"}).now()
    assert str(now.tzinfo) == "Pacific/Kiritimati"
    assert abs((now - datetime.now(UTC)).total_seconds()) < 60


def test_without_a_list_no_server_may_be_called_and_the_limits_are_the_agreed_ones() -> None:
    settings = Settings()
    assert settings.allow_list.servers == ()
    assert (settings.fetch_limits.call_seconds, settings.fetch_limits.total_seconds) == (0.8, 1.5)


def test_an_empty_value_counts_as_not_set() -> None:
    assert read_settings({"CDS_PORT": " ", "CDS_AS_OF": ""}) == Settings()


BAD = {
    "a port that is no number": ({"CDS_PORT": "http"}, "CDS_PORT=http"),
    "a port out of range": ({"CDS_PORT": "65536"}, "CDS_PORT=65536"),
    "an unknown environment": ({"CDS_ENV": "prod"}, "CDS_ENV=prod"),
    "a base URL without a scheme": ({"CDS_BASE_URL": "cds.example.org"}, "CDS_BASE_URL=cds.example.org"),
    "a base URL that is none": ({"CDS_BASE_URL": "http://["}, "expected an absolute URL"),
    "a base URL with a query": ({"CDS_BASE_URL": "https://x.example/?q=1"}, "without query"),
    "a base URL with a blank": ({"CDS_BASE_URL": "https://x y"}, "expected an absolute URL"),
    "a base URL with a port of words": (
        {"CDS_BASE_URL": "https://x.example:abc"},
        "expected an absolute URL",
    ),
    "an origin that is none": ({"CDS_CORS_ORIGINS": "http://["}, "expected origins"),
    "an origin without a host": ({"CDS_CORS_ORIGINS": "https://"}, "expected origins"),
    "an alias of nothing": ({"CDS_SYSTEM_ALIASES": "="}, "CDS_SYSTEM_ALIASES=="),
    "a FHIR server that is none": ({"CDS_FHIR_SERVERS": "http://["}, "expected an http or https URL"),
    "authorities that are none": ({"CDS_FHIR_CA_FILE": EXAMPLE}, "expected certificates in PEM form"),
    "an environment says which": ({"CDS_ENV": "prod"}, "expected development or production"),
    "neither true nor false": ({"CDS_ACCEPT_ANYONE": "maybe"}, "expected true or false"),
    "a moment without a time": ({"CDS_AS_OF": "2026-11-20"}, "2026-11-20T12:00:00Z"),
    "a moment before all days": (
        {"CDS_AS_OF": "0001-01-01T00:00:00Z", "CDS_TIMEZONE": "America/New_York"},
        "no day in CDS_TIMEZONE",
    ),
    "an unknown time zone": ({"CDS_TIMEZONE": "Europe/Neverland"}, "CDS_TIMEZONE=Europe/Neverland"),
    "a time zone that is a path": ({"CDS_TIMEZONE": "../etc"}, "CDS_TIMEZONE=../etc"),
    "a moment that is none": ({"CDS_AS_OF": "yesterday"}, "CDS_AS_OF=yesterday"),
    "a directory that is not there": ({"CDS_VALUESETS_DIR": "/nowhere"}, "CDS_VALUESETS_DIR=/nowhere"),
    "an alias without a system": ({"CDS_SYSTEM_ALIASES": "urn:x"}, "CDS_SYSTEM_ALIASES=urn:x"),
    "a body limit of nothing": ({"CDS_MAX_BODY_BYTES": "0"}, "CDS_MAX_BODY_BYTES=0"),
    "less for all bodies than for one": (
        {"CDS_MAX_BODIES_BYTES": "4096"},
        "CDS_MAX_BODIES_BYTES=4096: has to hold one body of CDS_MAX_BODY_BYTES (5242880)",
    ),
    "a misspelt name": ({"CDS_PROT": "80"}, "Did you mean CDS_PORT?"),
    "a name like no other": ({"CDS_QQQQQQQQQQ": "1"}, "there is no such setting. Known: CDS_ACCEPT_ANYONE"),
    "a registry that is not there": ({"CDS_CLIENTS": "x"}, "CDS_CLIENTS=x: there is no such file"),
    "a registry without a base URL": ({"CDS_CLIENTS": EXAMPLE}, "CDS_CLIENTS: needs CDS_BASE_URL"),
    "an address of the network, open to all": (
        {"CDS_HOST": "0.0.0.0"},  # noqa: S104 - a value, nothing listens
        "CDS_ACCEPT_ANYONE=true",
    ),
    "a FHIR server without a scheme": ({"CDS_FHIR_SERVERS": "ehr.example.org"}, "expected an http or https"),
    "a time limit of nothing": ({"CDS_FHIR_CALL_MS": "0"}, "CDS_FHIR_CALL_MS=0"),
    "authorities that are not there": ({"CDS_FHIR_CA_FILE": "/nowhere"}, "there is no such file"),
    "servers beside a registry": (
        {
            "CDS_CLIENTS": EXAMPLE,
            "CDS_BASE_URL": "https://x.example",
            "CDS_FHIR_SERVERS": "https://a.example",
        },
        "CDS_FHIR_SERVERS: refused",
    ),
    "an origin with a path": ({"CDS_CORS_ORIGINS": "https://a.example/x"}, "expected origins"),
    "every origin": ({"CDS_CORS_ORIGINS": "*"}, "expected origins"),
    "a token that can be guessed": (
        {"CDS_OPERATIONS_TOKEN": "secret"},
        "CDS_OPERATIONS_TOKEN=...: expected 16",
    ),
    "no worker": ({"CDS_WORKERS": "0"}, "CDS_WORKERS=0"),
}


@pytest.mark.parametrize(("environ", "message"), BAD.values(), ids=BAD)
def test_a_bad_value_stops_the_start_and_names_itself(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings(environ)
    assert message in str(raised.value)


BASE = {"CDS_BASE_URL": "https://cds.example.org"}
READY = BASE | {"CDS_CLIENTS": EXAMPLE}
PRODUCTION = {
    "nothing else set": ({}, "CDS_BASE_URL"),
    "a plain http base": ({"CDS_BASE_URL": "http://cds.example.org"}, "CDS_BASE_URL"),
    "a fixed moment": (READY | {"CDS_AS_OF": "2026-05-04T12:00:00Z"}, "CDS_AS_OF"),
    "no registry": (BASE, "CDS_CLIENTS"),
    "open to everyone": (READY | {"CDS_ACCEPT_ANYONE": "true"}, "CDS_ACCEPT_ANYONE"),
    "an origin over http": (READY | {"CDS_CORS_ORIGINS": "http://ehr.example.org"}, "CDS_CORS_ORIGINS"),
    "servers without a registry": (
        {"CDS_BASE_URL": "https://cds.example.org", "CDS_FHIR_SERVERS": "https://ehr.example.org"},
        "CDS_FHIR_SERVERS",
    ),
}


@pytest.mark.parametrize(("environ", "message"), PRODUCTION.values(), ids=PRODUCTION)
def test_production_is_refused_with_the_reason(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings({"CDS_ENV": "production"} | environ)
    assert message in str(raised.value)


def test_production_starts_with_a_registry_and_a_base_url() -> None:
    settings = read_settings({"CDS_ENV": "production", "CDS_HOST": "10.0.0.1"} | READY)
    assert (settings.is_production, settings.public_url) == (True, "https://cds.example.org")
