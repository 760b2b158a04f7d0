"""The keys of a client: from its registered URL, kept for an hour, kept on when the URL does not answer."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import requests

from cds_service import telemetry
from cds_service.fhir_access.fetching.sockets import AddressRefused, GuardedAdapter, ending_at

# The registry names the URL: where it leads is the operator's choice.
_ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))
KEPT_SECONDS = 3600.0
# Of tokens with a kid nobody knows, any number may come: they cause one fetch in this time.
COOLDOWN_SECONDS = 60.0
# After a fetch that failed.
RETRY_SECONDS = 10.0
TIMEOUT_SECONDS = 2.0
MAX_BYTES = 256 * 1024
_CHUNK = 16 * 1024

Keys = tuple[Mapping[str, Any], ...]
Fetch = Callable[[str], Keys]


class KeysUnavailable(Exception):
    """The URL did not answer with a JWK Set in time."""


def fetch_keys(url: str) -> Keys:
    """The JWK Set at a registered URL.

    No redirects, no proxies or credentials of the environment, at most MAX_BYTES, in TIMEOUT_SECONDS all
    told: a URL that sends a byte now and then is given up, too.

    Raises:
        KeysUnavailable: Anything else came, or nothing.
    """
    deadline = time.monotonic() + TIMEOUT_SECONDS
    session = requests.Session()
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, GuardedAdapter(_ANYWHERE, socket.getaddrinfo, 1))
    try:
        with (
            ending_at(deadline),
            session.get(
                url,
                allow_redirects=False,
                timeout=TIMEOUT_SECONDS,
                stream=True,
                headers={"Accept": "application/json"},
            ) as answer,
        ):
            if answer.status_code != requests.codes.ok:
                raise KeysUnavailable
            return _parsed(_read(answer))
    except (AddressRefused, OSError, ValueError, RecursionError):
        raise KeysUnavailable from None
    finally:
        session.close()


def _read(answer: requests.Response) -> bytes:
    body = b""
    for chunk in answer.iter_content(_CHUNK):
        body += chunk
        if len(body) > MAX_BYTES:
            raise KeysUnavailable
    return body


def _parsed(body: bytes) -> Keys:
    data = json.loads(body)
    keys = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(keys, list):
        raise KeysUnavailable
    return tuple(key for key in keys if isinstance(key, dict))


@dataclass
class _Kept:
    """What is known of one URL."""

    keys: Keys = ()
    good_until: float = 0.0
    asked_again_from: float = 0.0
    # Until then a caller waits for the first fetch; afterwards it goes on with what there is.
    waited_for_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class KeyCache:
    """Keys by URL. Of concurrent callers one fetches; the others wait for the first fetch of all alone.

    Whoever waits holds a thread that other clients need, and forged tokens can cause a fetch. So the wait for
    a URL ends for good TIMEOUT_SECONDS after it was first asked, whatever came of that; and the URLs of the
    registry are asked at the start. To wait for none at all would turn the first calls after it away.
    """

    def __init__(self, fetch: Fetch = fetch_keys, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def keys(self, url: str, kid: str) -> Keys:
        """The keys with this id: exactly one, unless the set is at fault or the id is not in it."""
        kept = self._kept_of(url)
        if self._clock() >= kept.good_until or not _with_id(kept.keys, kid):
            self._refresh(url, kept, kid)
        return _with_id(kept.keys, kid)

    def prefetch(self, urls: Iterable[str]) -> None:
        """Ask URLs whose keys are not known, in the background and at the same time."""
        for url in urls:
            kept = self._kept_of(url)
            threading.Thread(target=self._refresh, args=(url, kept, None), name="keys", daemon=True).start()

    def _kept_of(self, url: str) -> _Kept:
        with self._lock:
            found = self._kept.get(url)
            if found is None:
                found = self._kept[url] = _Kept(waited_for_until=self._clock() + TIMEOUT_SECONDS)
            return found

    def _refresh(self, url: str, kept: _Kept, kid: str | None) -> None:
        if not kept.lock.acquire(timeout=max(kept.waited_for_until - self._clock(), 0)):
            return
        try:
            now = self._clock()
            # Another thread may have fetched while this one waited.
            has_key = kid is None or _with_id(kept.keys, kid)
            if now < kept.asked_again_from or (now < kept.good_until and has_key):
                return
            self._fetch_into(kept, url)
        finally:
            kept.waited_for_until = 0.0
            kept.lock.release()

    def _fetch_into(self, kept: _Kept, url: str) -> None:
        try:
            kept.keys = self._fetch(url)
        except KeysUnavailable:
            telemetry.emit(telemetry.KEYS_UNAVAILABLE)
            kept.asked_again_from = self._clock() + RETRY_SECONDS
        else:
            kept.good_until = self._clock() + KEPT_SECONDS
            kept.asked_again_from = self._clock() + COOLDOWN_SECONDS


def _with_id(keys: Keys, kid: str) -> Keys:
    return tuple(key for key in keys if key.get("kid") == kid)
