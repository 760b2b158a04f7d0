"""The environment, parsed once into frozen settings; a bad value stops the start and names itself."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from cds_service.errors import SettingsError
from cds_service.fhir_access.allow_list import NotAServer, parse_allow_list
from cds_service.fhir_access.limits import FetchLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_service.fhir_access.allow_list import AllowList

PREFIX = "CDS_"
LOOPBACK = ("127.0.0.1", "localhost")
# Names that are fixed for features this version does not have: set, they would promise what is not done.
NOT_YET = {
    "CDS_CLIENTS": "client authentication",
    "CDS_CORS_ORIGINS": "answers to browser clients",
    "CDS_DATABASE_URL": "a store",
}


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename=lambda name: PREFIX + name.upper()):
    """Settings of the service; the environment name is ``CDS_`` and the field in capitals.

    Attributes:
        env: ``production`` is refused by this version, which cannot tell its clients apart yet.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        base_url: Public base URL, never taken from a Host header.
        timezone: IANA name of the zone in which "today" is meant.
        as_of: Fixes clinical time, for demonstrations and tests.
        valuesets_dir: Directory with the site's own ValueSet files.
        system_aliases: ``alias=system`` pairs, comma separated: a site's own URLs for code systems.
        max_body_bytes: Largest request body.
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
    def zone(self) -> ZoneInfo:
        """The zone of ``timezone``."""
        return ZoneInfo(self.timezone)

    @property
    def aliases(self) -> dict[str, str]:
        """Alias to code system."""
        pairs = (pair.partition("=") for pair in self.system_aliases.split(",") if pair.strip())
        return {alias.strip(): system.strip() for alias, _, system in pairs}

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
            return f"http://{self.host}:{self.port}"
        return self.base_url and self.base_url.rstrip("/")

    @property
    def has_playground(self) -> bool:
        """Whether decisions can be tried in the browser: in production only when asked for."""
        return self.env != "production" if self.playground is None else self.playground

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
        _check_name(name, given)
    values: dict[str, Any] = {name: _convert(name, given[env]) for name, env in NAMES.items() if env in given}
    settings = Settings(**values)
    _check_together(settings)
    return settings


def _check_name(name: str, given: Mapping[str, str]) -> None:
    if name in NAMES.values():
        return
    if name in NOT_YET:
        if given.get("CDS_ENV") == "production":
            return  # _check_together says why production cannot start
        raise SettingsError(f"{name}: this version does not have {NOT_YET[name]} yet; remove the setting.")
    near = get_close_matches(name, [*NAMES.values(), *NOT_YET], n=1)
    hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(sorted(NAMES.values()))}."
    raise SettingsError(f"{name}: there is no such setting.{hint}")


def _convert(name: str, text: str) -> object:
    """The value in the type of its field."""
    field = next(f for f in msgspec.structs.fields(Settings) if f.name == name)
    try:
        value = msgspec.convert(text, field.type, strict=False, dec_hook=lambda kind, raw: kind(raw))
    except msgspec.ValidationError as error:
        raise SettingsError(f"{NAMES[name]}={text}: {error}.") from None
    if problem := _problem(name, value):
        raise SettingsError(f"{NAMES[name]}={text}: {problem}.")
    return value


def _problem(name: str, value: object) -> str | None:
    """What is wrong with a value of the right type."""
    if name == "timezone" and not _is_zone(str(value)):
        return 'expected an IANA time zone such as "Europe/Berlin"'
    if name == "base_url" and not (
        urlsplit(str(value)).scheme in ("http", "https") and urlsplit(str(value)).netloc
    ):
        return 'expected an absolute URL such as "https://cds.example.org"'
    if name == "valuesets_dir" and not Path(str(value)).is_dir():
        return "there is no such directory"
    if name == "fhir_ca_file" and not Path(str(value)).is_file():
        return "there is no such file"
    if name == "terminology_server" and "," in str(value):
        return "expected one server"
    if name in ("fhir_servers", "terminology_server"):
        return _problem_of_servers(str(value))
    if name == "client_profiles" and not Path(str(value)).is_file():
        return "there is no such file"
    if name == "system_aliases" and any("=" not in pair for pair in str(value).split(",") if pair.strip()):
        return 'expected "alias=system" pairs, comma separated'
    return None


def _problem_of_servers(text: str) -> str | None:
    try:
        parse_allow_list(text)
    except NotAServer as error:
        return str(error)
    return None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _check_together(settings: Settings) -> None:
    """Refuse what is wrong only in combination."""
    if settings.env != "production":
        return
    if settings.fhir_servers:
        raise SettingsError(
            "CDS_FHIR_SERVERS: refused in production, where the registry says which FHIR servers a client "
            "may name; remove the setting."
        )
    if settings.as_of is not None:
        raise SettingsError(
            "CDS_AS_OF: refused in production, advice has to be given as of now; remove the setting."
        )
    if settings.base_url is None or urlsplit(settings.base_url).scheme != "https":
        raise SettingsError("CDS_BASE_URL: production needs the public https URL of this service.")
    raise SettingsError(
        "CDS_ENV=production: production needs CDS_CLIENTS, the registry of clients that may call, and this "
        "version cannot authenticate clients yet. Use CDS_ENV=development with synthetic data only."
    )
