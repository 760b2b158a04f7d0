"""One query to one FHIR server: sent, answered in time and size, and classified."""

from __future__ import annotations

import socket
import time
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING

import msgspec
import requests

from cds_service import telemetry
from cds_service.fhir_access.fetching.sockets import AddressRefused, GuardedAdapter, Resolve, ending_at
from cds_service.fhir_access.outcomes import Outcome, of_status
from cds_service.fhir_access.shapes import NOTHING, UNDECODABLE
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_access.allow_list import ListedServer
    from cds_service.fhir_access.fetching.query import Request
    from cds_service.fhir_access.limits import FetchLimits

# Keys of one hook call that are read at the same time, times the hook calls answered at the same time.
CONNECTIONS = 32
_CHUNK = 64 * 1024
_JSON_TYPES = ("application/fhir+json", "application/json+fhir", "application/json", "text/json")
_RAW = msgspec.json.Decoder(msgspec.Raw)
# Answers after which the same query may do better at once: a gateway's, and a worker's that went away.
_WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})
_PAUSE_SECONDS = 0.05
_TRIES = 2


def _nothing() -> msgspec.Raw:
    return NOTHING


class Answer(Value, frozen=True):
    """What came of a query.

    Attributes:
        outcome: How it ended.
        body: The JSON, when the outcome is OK.
        try_again_after: Seconds after which the same query may do better; None when it may not.
    """

    outcome: Outcome
    body: msgspec.Raw = msgspec.field(default_factory=_nothing)
    try_again_after: float | None = None


class Client:
    """The connections to one server."""

    def __init__(
        self, server: ListedServer, limits: FetchLimits, resolve: Resolve = socket.getaddrinfo
    ) -> None:
        self.server = server
        self._limits = limits
        self._session = requests.Session()
        # Nothing of the environment (proxies, .netrc) may redirect a call or add to it, and no cookie may
        # carry anything of one call into another.
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Nothing but the server is reachable through this session.
        self._session.adapters.clear()
        adapter = GuardedAdapter(server.networks, resolve, CONNECTIONS, limits.ca_file)
        self._session.mount(server.base, adapter)

    def ask(self, request: Request, token: str | None, until: float) -> Answer:
        """The answer; a query is read-only and may be sent twice, as long as there is time.

        Args:
            request: What to ask.
            token: Of the hook call.
            until: The moment of ``time.monotonic()`` at which the whole hook call's reading ends.
        """
        began = time.monotonic()
        if began >= until:
            return Answer(Outcome.TIMEOUT)  # the hook call has been answered: its token is not used any more
        deadline = min(until, began + self._limits.call_seconds)
        answer = self._once(request, token, deadline)
        for _ in range(_TRIES - 1):
            pause = answer.try_again_after
            if pause is None or time.monotonic() + pause + _PAUSE_SECONDS >= deadline:
                break
            time.sleep(pause)
            answer = self._once(request, token, deadline)
        return answer

    def _once(self, request: Request, token: str | None, deadline: float) -> Answer:
        prepared = self._session.prepare_request(
            requests.Request(
                request.method, request.url, data=request.form, headers=_headers(token, request.form)
            )
        )
        try:
            with (
                ending_at(deadline),
                self._session.send(
                    prepared,
                    stream=True,
                    allow_redirects=False,
                    timeout=max(deadline - time.monotonic(), 0.001),
                ) as response,
            ):
                return self._read(response)
        except AddressRefused:
            return Answer(Outcome.REFUSED_ADDRESS)
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            return Answer(Outcome.TIMEOUT if time.monotonic() >= deadline else Outcome.TRUNCATED)
        except (requests.RequestException, OSError):
            if time.monotonic() >= deadline:
                return Answer(Outcome.TIMEOUT)
            return Answer(Outcome.UNREACHABLE, try_again_after=0.0)

    def _read(self, response: requests.Response) -> Answer:
        outcome = of_status(response.status_code)
        if outcome is not Outcome.OK:
            return Answer(outcome, try_again_after=_try_again_after(response))
        kind = response.headers.get("Content-Type", _JSON_TYPES[0]).partition(";")[0].strip().lower()
        if kind not in _JSON_TYPES:
            return Answer(Outcome.NOT_FHIR)
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > self._limits.max_bytes:
                return Answer(Outcome.TOO_LARGE)
        return _parsed(bytes(body))


def _headers(token: str | None, form: str | None) -> dict[str, str]:
    headers = {"Accept": "application/fhir+json", "User-Agent": "neck-pain-cds"}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if trace := telemetry.CORRELATION.get().traceparent:
        headers["traceparent"] = trace
    return headers


def _try_again_after(response: requests.Response) -> float | None:
    """Seconds to wait; None when the server gave an answer that will stay.

    A server that is told too much at once is only asked again when it says when.
    """
    if response.status_code not in _WORTH_ANOTHER_TRY:
        return None
    said = response.headers.get("Retry-After", "")
    if said.isascii() and said.isdigit():
        return float(said[:9])
    return None if said or response.status_code == requests.codes.too_many_requests else _PAUSE_SECONDS


def _parsed(body: bytes) -> Answer:
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        return Answer(Outcome.NOT_FHIR)
    try:
        return Answer(Outcome.OK, _RAW.decode(text))
    except UNDECODABLE:
        return Answer(Outcome.NOT_FHIR if text[:1] == b"<" else Outcome.TRUNCATED)
