"""Runs vignettes through the HTTP endpoint and reports in words."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from cds_service.value import Value
from cds_service.vignettes.expect import differences
from cds_service.vignettes.phrasebook import VignetteError
from cds_service.vignettes.request import build_request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from cds_service.vignettes.model import Case, Vignette


class Caller(Protocol):
    """A service to ask: an in-process test client or a running server."""

    def discover(self) -> dict[str, Any]:
        """Body of the discovery answer."""

    def call(self, service_id: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """HTTP status and body of one service call."""


class Result(Value, frozen=True):
    """Outcome of one case: what differs from the expectation (nothing when it passed)."""

    vignette: Vignette
    case: Case
    differences: tuple[str, ...]

    @property
    def name(self) -> str:
        """``V6 a: woman, limit 31``."""
        return f"{self.vignette.id} {self.case.name}"


def run_vignettes(vignettes: Iterable[Vignette], caller: Caller, as_of: date) -> Iterator[Result]:
    """Each case of each vignette, sent as a client would send it on ``as_of``."""
    services = {service["hook"]: service for service in caller.discover()["services"]}
    for vignette in vignettes:
        for case in vignette.cases:
            service = services[case.hook]
            request = _request(vignette, case, as_of, service["prefetch"])
            status, body = caller.call(service["id"], request)
            found = differences(case.cards, body) if status == HTTPStatus.OK else [f"HTTP {status}: {body}"]
            yield Result(vignette, case, tuple(found))


def _request(vignette: Vignette, case: Case, as_of: date, keys: Iterable[str]) -> dict[str, Any]:
    """The request of a case; an error names the case it is in."""
    try:
        return build_request(vignette, case, as_of, tuple(keys))
    except VignetteError as error:
        raise VignetteError(f"{vignette.id} {case.name}: {error}") from None


def report(results: Iterable[Result]) -> Iterator[str]:
    """A line per case, the differences below a failed one, and the closing count."""
    passed = failed = 0
    for result in results:
        passed, failed = (passed, failed + 1) if result.differences else (passed + 1, failed)
        yield f"{'FAILED' if result.differences else 'passed'}  {result.name}"
        if result.differences:
            yield f"        why it matters: {result.vignette.why}"
        yield from (f"        {line}" for line in result.differences)
    yield f"{passed} passed, {failed} failed"
