"""Stands between the service and a FHIR server, and lets answers go wrong."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from urllib.parse import urlencode

import requests

from tests.fhir_server import Answers, Asked, Reply, outcome

Fault = Callable[[Reply], Reply]


def whole(reply: Reply) -> Reply:
    """No fault."""
    return reply


def late(seconds: float) -> Fault:
    """The whole answer, so much later."""
    return lambda reply: dataclasses.replace(reply, wait=seconds)


def reset(_: Reply) -> Reply:
    """The connection breaks before the answer."""
    return Reply(reset=True)


def half(reply: Reply) -> Reply:
    """The connection closes in the middle of the answer."""
    return dataclasses.replace(reply, cut=len(reply.body) // 2)


def half_by_length(reply: Reply) -> Reply:
    """Half of the answer, sent as if it were all."""
    return dataclasses.replace(reply, body=reply.body[: len(reply.body) // 2])


def dripping(reply: Reply) -> Reply:
    """A byte now and then."""
    return dataclasses.replace(reply, drip=0.02)


def status(code: int, **headers: str) -> Fault:
    """Another status, with an OperationOutcome."""
    return lambda _: outcome(status=code, headers={"Content-Type": "application/fhir+json", **headers})


def wrong_type(_: Reply) -> Reply:
    """A page for people."""
    return Reply(b"<html><body>Please sign in</body></html>", headers={"Content-Type": "text/html"})


def page_as_json(_: Reply) -> Reply:
    """A page for people that calls itself FHIR."""
    return Reply(b"<html><body>Please sign in</body></html>")


def error_with_200(_: Reply) -> Reply:
    """An OperationOutcome in place of the set."""
    return outcome()


FAULTS: tuple[Fault, ...] = (
    late(0.02),
    late(0.1),
    late(3.0),
    reset,
    half,
    half_by_length,
    dripping,
    status(401),
    status(403),
    status(404),
    status(410),
    status(429),
    status(429, **{"Retry-After": "0"}),
    status(500),
    status(503),
    status(503, **{"Retry-After": "1"}),
    status(302, Location="/fhir/elsewhere"),
    wrong_type,
    page_as_json,
    error_with_200,
)


def proxy_to(real: str, own: Callable[[], str], fault_of: Callable[[Asked], Fault]) -> Answers:
    """Answers of the server at ``real``, its links rewritten to the proxy, with a fault for each request."""
    session = requests.Session()
    session.trust_env = False

    def answer(asked: Asked) -> Reply:
        url = real + asked.path.removeprefix("/fhir")
        query = urlencode([(name, value) for name, values in asked.params.items() for value in values])
        headers = {name: asked.headers[name] for name in ("Authorization", "Accept") if name in asked.headers}
        found = session.get(url, params=query, headers=headers, timeout=10)
        body = found.content.replace(real.encode(), own().encode())
        kept = {"Content-Type": found.headers.get("Content-Type", "")}
        return fault_of(asked)(Reply(body, found.status_code, kept))

    return answer


def chance(seed: int) -> Callable[[Asked], Fault]:
    """Faults drawn anew for each request: none, some or many of a call's, by the seed."""
    drawn = random.Random(seed)  # noqa: S311 - the same mix for the same seed
    share = drawn.choice((0.05, 0.2, 0.5, 1.0))
    return lambda _: drawn.choice(FAULTS) if drawn.random() < share else whole
