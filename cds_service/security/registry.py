"""The registry of clients: one reviewed TOML file, read at the start; anything odd in it stops the start.

One ``[[client]]`` table a client; docs/deployment.md describes the members.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from cds_service.errors import RegistryError
from cds_service.fhir_access.allow_list import AllowList, NotAServer, parse_allow_list
from cds_service.security import algorithms as algs
from cds_service.urls import parts_of
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Keys = tuple[Mapping[str, Any], ...]
Text = Annotated[str, Meta(min_length=1, max_length=2000)]
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Issuers whose private keys are public, so that their tokens prove nothing: the public Sandbox signs with a
# key from its own repository.
TEST_ISSUERS = ("https://sandbox.cds-hooks.org",)


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client as the file states it.

    Attributes:
        name: Our short name: it appears in the log, the metrics and the reports.
        issuer: ``iss`` of its tokens, letter for letter.
        jku: URLs its keys may be fetched from.
        keys: A JWK Set file beside the registry, in place of or beside ``jku``.
        algorithms: Algorithms it may sign with.
        audiences: Further values of ``aud`` beside the URLs of our services.
        tenants: Values of ``tenant`` it may send; when there are some, it has to send one.
        fhir_servers: Its FHIR servers: base URL and words of the allow-list (``open``, ``private``).
        profile: What it can do and wants, as a section of the client profiles says it.
        requests_per_minute: Most calls in a minute to one worker process.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    issuer: Text
    jku: tuple[Text, ...] = ()
    keys: Text | None = None
    algorithms: tuple[Text, ...] = algs.DEFAULT
    audiences: tuple[Text, ...] = ()
    tenants: tuple[Text, ...] = ()
    fhir_servers: tuple[Text, ...] = ()
    profile: Mapping[str, Any] | None = None
    requests_per_minute: Annotated[int, Meta(ge=1)] = 1200


class RegistryFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    client: Annotated[tuple[Entry, ...], Meta(min_length=1)]


class Client(Value, frozen=True):
    """A registered client.

    Attributes:
        entry: As the file states it.
        keys: That came with the registry.
        servers: FHIR servers that may be called for it.
    """

    entry: Entry
    keys: Keys = ()
    servers: AllowList = msgspec.field(default_factory=AllowList)


class Registry(Value, frozen=True, gc=True):
    """All clients, by issuer."""

    clients: Mapping[str, Client] = msgspec.field(default_factory=dict)

    @property
    def has_servers(self) -> bool:
        """Whether anything may be read from a FHIR server, for any client."""
        return any(client.servers.servers for client in self.clients.values())

    @property
    def profiles(self) -> dict[str, Mapping[str, Any] | None]:
        """Issuer of every client to its profile, None where the registry has none of it."""
        return {issuer: client.entry.profile for issuer, client in self.clients.items()}


def load_registry(path: Path, *, is_production: bool) -> Registry:
    """The registry in a file.

    Raises:
        RegistryError: Names the file, the client and what is wrong.
    """
    entries = _read(path).client
    for number, entry in enumerate(entries, 1):
        for problem in _problems(entry, is_production=is_production):
            raise RegistryError(f"{path.name}, client {number} ({entry.name}): {problem}.")
    for what in ("name", "issuer"):
        values = [getattr(entry, what) for entry in entries]
        if twice := next((value for value in values if values.count(value) > 1), None):
            raise RegistryError(f"{path.name}: two clients have the {what} {twice}.")
    return Registry(
        {
            entry.issuer: Client(entry, _keys(entry, path), _servers(entry, is_production=is_production))
            for entry in entries
        }
    )


def _read(path: Path) -> RegistryFile:
    import tomllib  # few services have such a file, and the others start without it

    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), RegistryFile)
    except OSError as error:
        raise RegistryError(f"{path}: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise RegistryError(f"{path.name}: {error}.") from None


def _problems(entry: Entry, *, is_production: bool) -> Iterator[str]:
    """What is wrong with one client."""
    if not entry.jku and not entry.keys:
        yield "needs jku, keys or both: without a key no token can be verified"
    if not entry.algorithms:
        yield "algorithms is empty"
    for algorithm in entry.algorithms:
        if algorithm not in algs.KEYS:
            yield f"algorithms: {algorithm} is not one of {', '.join(algs.KEYS)}"
    if is_production and entry.issuer.rstrip("/") in TEST_ISSUERS:
        yield f"the private key of {entry.issuer} is public, so it is refused in production"
    yield from _problems_of_urls(entry, is_production=is_production)


def _problems_of_urls(entry: Entry, *, is_production: bool) -> Iterator[str]:
    bases = [words.split()[0] if words.split() else "" for words in entry.fhir_servers]
    for what, urls in (("jku", entry.jku), ("fhir_servers", bases)):
        for url in urls:
            if not _is_safe(url, is_production=is_production):
                yield f"{what}: {url} has to be an https URL without user, query and fragment"
    if any(base.endswith("/") for base in bases):
        yield "fhir_servers: leave the slash at the end out"
    try:
        _servers(entry, is_production=is_production)
    except NotAServer as error:
        yield f"fhir_servers: {error}"


def _servers(entry: Entry, *, is_production: bool) -> AllowList:
    return parse_allow_list(",".join(entry.fhir_servers), is_production=is_production)


def _is_safe(url: str, *, is_production: bool) -> bool:
    parts = parts_of(url)
    if parts is None or not parts.hostname or parts.username or parts.query or parts.fragment:
        return False
    is_local = parts.scheme == "http" and parts.hostname in LOOPBACK and not is_production
    return parts.scheme == "https" or is_local


def _keys(entry: Entry, path: Path) -> Keys:
    """The keys of the client's own file; each has to be one that can verify."""
    if entry.keys is None:
        return ()
    try:
        data = json.loads((path.parent / entry.keys).read_text("utf-8"))
        found = tuple(dict(key) for key in data["keys"])
    except (OSError, ValueError, TypeError, KeyError):
        raise RegistryError(f"{entry.keys} (client {entry.name}): not a readable JWK Set.") from None
    for key in found:
        if key.get("kty") == "oct" or "d" in key:
            raise RegistryError(f"{entry.keys} (client {entry.name}): holds a private or symmetric key.")
    if not found:
        raise RegistryError(f"{entry.keys} (client {entry.name}): holds no key.")
    if any(not isinstance(key.get("kid"), str) for key in found):
        raise RegistryError(f"{entry.keys} (client {entry.name}): every key needs a kid.")
    for key in found:
        if not algs.can_verify(key):
            problem = f"key {key['kid']} is none that can verify a signature"
            raise RegistryError(f"{entry.keys} (client {entry.name}): {problem}.")
    return found
