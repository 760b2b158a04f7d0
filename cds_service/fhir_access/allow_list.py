"""The FHIR servers that may be called: those on a list, letter for letter, and no other.

``fhirServer`` is written by whoever calls us. It is only ever compared with the list; what is called is the
base URL as the list states it. So no spelling of an address, no user name and no dot at its end leads
elsewhere.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from cds_service.value import Value

Network = IPv4Network | IPv6Network

_EXPECTED = "expected an http or https URL such as https://ehr.example.org/fhir/R4"
OPEN = "open"
PRIVATE = "private"
# Loopback, RFC 1918 and RFC 4193. Link-local addresses are not among them: cloud metadata is there.
PRIVATE_NETWORKS: tuple[Network, ...] = tuple(
    map(ip_network, ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)
_LOOPBACK_NETWORKS = PRIVATE_NETWORKS[:2]
# A host name whose last label cannot be read as a number (2130706433, 0x7f.1, 127.1 are IPv4 to a resolver).
_NAME = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!0x|\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)*")


class NotAServer(ValueError):
    """An entry of the list is not usable; says which and why."""


class ListedServer(Value, frozen=True):
    """A server that may be called.

    Attributes:
        base: Its base URL, without a slash at the end.
        is_open: It may be called without a token.
        networks: Addresses it may have beside public ones.
    """

    base: str
    is_open: bool = False
    networks: tuple[Network, ...] = ()

    @property
    def name(self) -> str:
        """Host and port, for the log and metrics: of our own list, never of a request."""
        return urlsplit(self.base).netloc


class AllowList(Value, frozen=True):
    """The servers one client may name in ``fhirServer``; an empty list allows none."""

    servers: tuple[ListedServer, ...] = ()

    def find(self, url: str) -> ListedServer | None:
        """The server with exactly this base URL; one slash at its end makes no difference."""
        return next((server for server in self.servers if url in (server.base, f"{server.base}/")), None)


def parse_allow_list(text: str, *, is_production: bool = False) -> AllowList:
    """The list in a setting: entries separated by commas.

    An entry is a base URL and, after blanks, what is agreed about it: ``open`` (may be called without a
    token), ``private`` (may be on a loopback or private address), or a network such as ``10.20.0.0/16``. A
    base that names a loopback or private address itself needs no word for it.

    Raises:
        NotAServer: Says which entry and why.
    """
    entries = [entry.split() for entry in text.split(",") if entry.strip()]
    return AllowList(tuple(_server(entry[0], entry[1:], is_production=is_production) for entry in entries))


def _server(base: str, words: list[str], *, is_production: bool) -> ListedServer:
    base = base.removesuffix("/")
    try:
        parts = urlsplit(base)
    except ValueError:
        raise NotAServer(f"{base}: {_EXPECTED}") from None
    if problem := _problem(parts, base):
        raise NotAServer(f"{base}: {problem}")
    if is_production and parts.scheme != "https":
        raise NotAServer(f"{base}: in production a FHIR server is called by https only")
    networks = _own_networks(parts.hostname or "")
    for word in words:
        networks += _networks_of(word, base)
    return ListedServer(base, OPEN in words, networks)


def _problem(parts: SplitResult, base: str) -> str | None:
    if parts.scheme not in ("http", "https"):
        return _EXPECTED
    if not (_NAME.fullmatch(parts.hostname or "") or _is_address(parts.hostname or "")):
        return "expected a host name in lower case or an address in its usual form"
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the port is no number up to 65535"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    if base != f"{parts.scheme}://{host}{port}{parts.path}" or not _PATH.fullmatch(parts.path):
        return "expected scheme, host, port and a plain path, and nothing else"
    return None


def _is_address(host: str) -> bool:
    try:
        return str(ip_address(host)) == host
    except ValueError:
        return False


def _own_networks(host: str) -> tuple[Network, ...]:
    """Naming an address lists it."""
    if host == "localhost":
        return _LOOPBACK_NETWORKS
    return (ip_network(host),) if _is_address(host) else ()


def _networks_of(word: str, base: str) -> tuple[Network, ...]:
    if word == OPEN:
        return ()
    if word == PRIVATE:
        return PRIVATE_NETWORKS
    try:
        return (ip_network(word),)
    except ValueError:
        raise NotAServer(f"{base}: '{word}' is neither {OPEN}, {PRIVATE} nor a network") from None
