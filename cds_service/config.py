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

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "CDS_"
# Names that are fixed for features this version does not have: set, they would promise what is not done.
NOT_YET = {
    "CDS_FHIR_SERVERS": "reading from a FHIR server",
}
DEFAULT_DATABASE = "sqlite:///neck-pain-cds.sqlite3"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
MIN_TOKEN_CHARS = 16


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
        clients: The registry of clients that may call; without it everyone may, in development.
        accept_anyone: Development only: answer callers nobody verified on an address others can reach.
        cors_origins: Origins of browser clients, comma separated.
        database_url: The store; None: an SQLite file in the current directory, made when first needed.
        operations_token: Needed to see metrics and insights; without it they are off in production.
        workers: Processes that answer.
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
    clients: Path | None = None
    accept_anyone: bool = False
    cors_origins: str = ""
    database_url: str | None = None
    operations_token: str | None = None
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
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
    if name in NOT_YET:
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
        raise SettingsError(f"{NAMES[name]}={_shown(name, text)}: {error}.") from None
    if problem := _problem(name, value):
        raise SettingsError(f"{NAMES[name]}={_shown(name, text)}: {problem}.")
    return value


def _shown(name: str, text: str) -> str:
    """A value as a message may repeat it: a secret is not."""
    return "..." if name in ("operations_token", "database_url") else text


def _problem(name: str, value: object) -> str | None:
    """What is wrong with a value of the right type."""
    check = _CHECKS.get(name)
    return check(str(value)) if check else None


def _not_a_zone(value: str) -> str | None:
    return None if _is_zone(value) else 'expected an IANA time zone such as "Europe/Berlin"'


def _not_a_base(value: str) -> str | None:
    parts = urlsplit(value)
    if parts.scheme in ("http", "https") and parts.netloc:
        return None
    return 'expected an absolute URL such as "https://cds.example.org"'


def _not_origins(value: str) -> str | None:
    for origin in filter(None, map(str.strip, value.split(","))):
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or origin != f"{parts.scheme}://{parts.netloc}":
            return 'expected origins such as "https://ehr.example.org", comma separated, without a path'
    return None


def _not_pairs(value: str) -> str | None:
    if any("=" not in pair for pair in value.split(",") if pair.strip()):
        return 'expected "alias=system" pairs, comma separated'
    return None


def _not_a_file(value: str) -> str | None:
    return None if Path(value).is_file() else "there is no such file"


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "timezone": _not_a_zone,
    "base_url": _not_a_base,
    "cors_origins": _not_origins,
    "system_aliases": _not_pairs,
    "valuesets_dir": lambda value: None if Path(value).is_dir() else "there is no such directory",
    "clients": _not_a_file,
    "client_profiles": _not_a_file,
    "operations_token": lambda value: (
        None if len(value) >= MIN_TOKEN_CHARS else f"expected {MIN_TOKEN_CHARS} characters or more"
    ),
}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _check_together(settings: Settings) -> None:
    """Refuse what is wrong only in combination."""
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
