"""The environment, parsed once into frozen settings; a bad value stops the start and names itself."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from cds_service.errors import SettingsError
from cds_service.fhir_access.allow_list import parse_allow_list
from cds_service.fhir_access.limits import FetchLimits
from cds_service.setting_checks import expectation_of, problem_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_service.fhir_access.allow_list import AllowList

PREFIX = "CDS_"
# A form is as much longer than the JSON in it: percent-encoding at worst.
_FORM_TIMES = 3
DEFAULT_DATABASE = "sqlite:///neck-pain-cds.sqlite3"
# Three times what 64 connections with usual bodies (300 kB) hold, and more than the requests that may wait
# for a thread and are being answered (132) have.
MAX_BODIES_BYTES = 64 * 1024 * 1024
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename=lambda name: PREFIX + name.upper()):
    """Settings of the service; the environment name is ``CDS_`` and the field in capitals.

    Attributes:
        env: ``production`` starts only with everything a hospital needs to switch it on.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        base_url: Public base URL, never taken from a Host header.
        timezone: IANA name of the zone in which "today" is meant.
        as_of: Fixes clinical time, for demonstrations and tests.
        valuesets_dir: Directory with the site's own ValueSet files.
        system_aliases: ``alias=system`` pairs, comma separated: a site's own URLs for code systems.
        max_body_bytes: Largest request body.
        max_bodies_bytes: Most bytes of request bodies in the memory of one process.
        clients: The registry of clients that may call; without it everyone may, in development.
        accept_anyone: Development only: answer callers nobody verified on an address others can reach.
        cors_origins: Origins of browser clients, comma separated.
        database_url: The store; None: an SQLite file in the current directory, made when first needed.
        operations_token: Needed to see metrics and insights; without it they are off in production.
        workers: Processes that answer.
        fhir_servers: FHIR servers that clients may name without being verified; development only.
        fhir_call_ms: Longest wait for one query to a FHIR server.
        fhir_total_ms: Longest wait for everything that is read for one hook call.
        fhir_max_bytes: Largest answer of a FHIR server.
        fhir_max_pages: Most pages of one search.
        fhir_max_resources: Most resources of one search, unless the query asks for more at once.
        fhir_ca_file: PEM file of the certificate authorities to trust in place of the public ones.
        terminology_server: A terminology server that may know more codes of our value sets.
        terminology_hours: How often it is asked.
        pages: The pages for people are there: start page, pathway, playground.
        playground: The playground is one of them; None: everywhere but in production.
        client_profiles: File that says what each client can do and wants.
    """

    env: Literal["development", "production"] = "development"
    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    base_url: str | None = None
    timezone: str = "UTC"
    as_of: datetime | None = None
    valuesets_dir: Path | None = None
    system_aliases: str = ""
    max_body_bytes: Annotated[int, Meta(ge=1024, le=64 * 1024 * 1024)] = 5 * 1024 * 1024
    max_bodies_bytes: Annotated[int, Meta(ge=1024)] = MAX_BODIES_BYTES
    clients: Path | None = None
    accept_anyone: bool = False
    cors_origins: str = ""
    database_url: str | None = None
    operations_token: str | None = None
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    fhir_servers: str = ""
    fhir_call_ms: Annotated[int, Meta(ge=50, le=10_000)] = 800
    fhir_total_ms: Annotated[int, Meta(ge=50, le=10_000)] = 1500
    fhir_max_bytes: Annotated[int, Meta(ge=1024, le=64 * 1024 * 1024)] = 8 * 1024 * 1024
    fhir_max_pages: Annotated[int, Meta(ge=1, le=50)] = 5
    fhir_max_resources: Annotated[int, Meta(ge=1, le=10_000)] = 500
    fhir_ca_file: Path | None = None
    terminology_server: str = ""
    terminology_hours: Annotated[float, Meta(gt=0, le=24 * 365)] = 24.0
    pages: bool = True
    playground: bool | None = None
    client_profiles: Path | None = None

    @property
    def zone(self) -> tzinfo:
        """The zone of ``timezone``; of UTC the constant, from which no instant has to be moved."""
        if self.timezone == "UTC":
            return UTC
        from zoneinfo import ZoneInfo

        return ZoneInfo(self.timezone)

    @property
    def aliases(self) -> dict[str, str]:
        """Alias to code system."""
        pairs = (pair.partition("=") for pair in self.system_aliases.split(",") if pair.strip())
        return {alias.strip(): system.strip() for alias, _, system in pairs}

    @property
    def is_production(self) -> bool:
        """Whether patients may depend on it."""
        return self.env == "production"

    @property
    def origins(self) -> tuple[str, ...]:
        """Allowed origins of browser clients."""
        return tuple(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())

    @property
    def public_url(self) -> str:
        """The base URL without a slash at the end, "" when none is set."""
        return (self.base_url or "").rstrip("/")

    @property
    def store_url(self) -> str:
        """URL of the store, the default's when none is set."""
        return self.database_url or DEFAULT_DATABASE

    @property
    def max_form_bytes(self) -> int:
        """Largest form of the playground, at most what all bodies may be together; 0 where there is none."""
        if not (self.pages and self.has_playground):
            return 0
        return min(_FORM_TIMES * self.max_body_bytes, self.max_bodies_bytes)

    @property
    def is_https(self) -> bool:
        """Whether clients reach the service over TLS."""
        return self.public_url.startswith("https:")

    @property
    def allow_list(self) -> AllowList:
        """The list in ``fhir_servers``."""
        return parse_allow_list(self.fhir_servers)

    @property
    def fetch_limits(self) -> FetchLimits:
        """How long and how much may be read from a FHIR server."""
        return FetchLimits(
            self.fhir_call_ms / 1000,
            self.fhir_total_ms / 1000,
            self.fhir_max_bytes,
            self.fhir_max_pages,
            self.fhir_max_resources,
            str(self.fhir_ca_file) if self.fhir_ca_file else None,
        )

    @property
    def links_base(self) -> str | None:
        """Where a card's links to our own pages lead; None: nowhere a reader could open.

        Without a public address only a reader on this machine can follow them.
        """
        if not self.pages:
            return None
        if self.base_url is None and self.host in LOOPBACK and self.port:
            host = f"[{self.host}]" if ":" in self.host else self.host
            return f"http://{host}:{self.port}"
        return self.public_url or None

    @property
    def has_playground(self) -> bool:
        """Whether decisions can be tried in the browser: in production only when asked for."""
        return not self.is_production if self.playground is None else self.playground

    def now(self) -> datetime:
        """The clinical moment: ``as_of`` if fixed, else the clock, both in ``zone``."""
        if self.as_of is None:
            return datetime.now(self.zone)
        return self.as_of.astimezone(self.zone) if self.as_of.tzinfo else self.as_of.replace(tzinfo=self.zone)


NAMES = {name: PREFIX + name.upper() for name in Settings.__struct_fields__}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment; empty values count as not set.

    Raises:
        SettingsError: Names the setting, what is wrong and what is expected.
    """
    given = {
        name: value.strip() for name, value in environ.items() if name.startswith(PREFIX) and value.strip()
    }
    for name in given:
        _check_name(name)
    values: dict[str, Any] = {name: _convert(name, given[env]) for name, env in NAMES.items() if env in given}
    settings = Settings(**values)
    _check_together(settings)
    return settings


def _check_name(name: str) -> None:
    if name in NAMES.values():
        return
    near = get_close_matches(name, list(NAMES.values()), n=1)
    hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(sorted(NAMES.values()))}."
    raise SettingsError(f"{name}: there is no such setting.{hint}")


def _convert(name: str, text: str) -> object:
    """The value in the type of its field."""
    field = next(f for f in msgspec.structs.fields(Settings) if f.name == name)
    try:
        value = msgspec.convert(text, field.type, strict=False, dec_hook=lambda kind, raw: kind(raw))
    except msgspec.ValidationError as error:
        expected = expectation_of(name) or str(error)
        raise SettingsError(f"{NAMES[name]}={_shown(name, text)}: {expected}.") from None
    if problem := problem_of(name, str(value)):
        raise SettingsError(f"{NAMES[name]}={_shown(name, text)}: {problem}.")
    return value


def _shown(name: str, text: str) -> str:
    """A value as a message may repeat it: a secret is not."""
    return "..." if name in ("operations_token", "database_url") else text


def _check_together(settings: Settings) -> None:
    """Refuse what is wrong only in combination."""
    if settings.fhir_servers and (settings.is_production or settings.clients is not None):
        raise SettingsError(
            "CDS_FHIR_SERVERS: refused in production and beside CDS_CLIENTS, where the registry says which "
            "FHIR servers a client may name; remove the setting."
        )
    try:
        settings.now()
    except (OverflowError, ValueError):
        raise SettingsError(
            f"CDS_AS_OF={settings.as_of}: no day in CDS_TIMEZONE={settings.timezone}."
        ) from None
    if settings.max_bodies_bytes < settings.max_body_bytes:
        raise SettingsError(
            f"CDS_MAX_BODIES_BYTES={settings.max_bodies_bytes}: has to hold one body of CDS_MAX_BODY_BYTES "
            f"({settings.max_body_bytes}) at least."
        )
    if settings.is_production:
        _check_production(settings)
    if settings.clients is not None and settings.base_url is None:
        raise SettingsError("CDS_CLIENTS: needs CDS_BASE_URL, which the tokens of clients have to name.")
    if settings.clients is None and not settings.accept_anyone and settings.host not in LOOPBACK:
        raise SettingsError(
            f"CDS_HOST={settings.host}: without CDS_CLIENTS anyone who reaches this address could call. "
            "Listen on 127.0.0.1, name a registry, or set CDS_ACCEPT_ANYONE=true for a demonstration with "
            "synthetic data."
        )


def _check_production(settings: Settings) -> None:
    if settings.as_of is not None:
        raise SettingsError(
            "CDS_AS_OF: refused in production, advice has to be given as of now; remove the setting."
        )
    if settings.base_url is None or urlsplit(settings.base_url).scheme != "https":
        raise SettingsError("CDS_BASE_URL: production needs the public https URL of this service.")
    if settings.clients is None:
        raise SettingsError("CDS_CLIENTS: production needs the registry of clients that may call.")
    if settings.accept_anyone:
        raise SettingsError("CDS_ACCEPT_ANYONE: refused in production; remove the setting.")
    if any(urlsplit(origin).scheme != "https" for origin in settings.origins):
        raise SettingsError("CDS_CORS_ORIGINS: production allows https origins alone.")
