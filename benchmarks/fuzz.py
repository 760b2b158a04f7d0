"""Requests that nobody would send: ``python -m benchmarks.fuzz --requests 20000``.

Half are made by schemathesis from our own OpenAPI description, half are FHIR bodies of which hypothesis has
replaced elements. Counted are answers of 500 and more, tracebacks in an answer or the log, and memory.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.deployed import Deployed, deployed, exchange
from cds_service.protocol.openapi import description

if TYPE_CHECKING:
    from collections.abc import Callable

LIKELY = (
    "patient-view",
    "Bundle",
    "Patient",
    "Condition",
    "Observation",
    "M54.2",
    "p-1",
    "2026-05-04",
    "active",
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(LIKELY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
SEEDS = sorted((Path(__file__).parents[1] / "fixtures/hook_requests").glob("*.json"))


def steps(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every element of a JSON value stands."""
    found = [path]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += steps(inner, (*path, key))
    return found


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with another one at a place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@st.composite
def fhir_bodies(draw: Callable[[Any], Any]) -> tuple[str, bytes]:
    """A hook request of ours with one to three elements replaced, and the service its hook belongs to."""
    body = json.loads(draw(st.sampled_from(SEEDS)).read_text().replace("{{today", "2026-05-04{{"))
    path = f"/cds-services/neck-pain-{body['hook']}"
    for _ in range(draw(st.integers(1, 3))):
        body = replaced(body, draw(st.sampled_from(steps(body))), draw(VALUES))
    return path, json.dumps(body).encode()


class Answers:
    """What came back."""

    def __init__(self, service: Deployed) -> None:
        self.statuses: Counter[int] = Counter()
        self.broken: list[str] = []
        self.connection = HTTPConnection("127.0.0.1", service.port, timeout=30)

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> None:
        """Send one request and look at the answer."""
        status, answer = exchange(self.connection, method, path, body, headers)
        self.statuses[status] += 1
        if status >= 500 or b"Traceback" in answer or b'File "' in answer:
            self.broken.append(f"{method} {path} {status} {(body or b'')[:300]!r}")


def run(service: Deployed, requests: int) -> Answers:
    """Send so many requests."""
    answers = Answers(service)
    with closing(answers.connection):
        _send(answers, requests)
    return answers


def _send(answers: Answers, requests: int) -> None:
    how = settings(
        max_examples=requests // 2,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    @how
    @given(fhir_bodies())
    def fhir(asked: tuple[str, bytes]) -> None:
        path, body = asked
        answers.ask("POST", path, body, {})

    fhir()
    schema = schemathesis.openapi.from_dict(description(""))
    paths = ("/cds-services/{id}", "/cds-services/{id}/feedback")
    posts = [schema[path]["POST"] for path in paths]
    for operation in posts:
        one = settings(how, max_examples=requests // 2 // len(posts))

        @one
        @given(
            operation.as_strategy(), st.sampled_from(["neck-pain-patient-view", "neck-pain-order-select", ""])
        )
        def described(case: Any, service_id: str) -> None:
            identifier = service_id or "unknown"
            path = case.operation.path.replace("{id}", identifier)
            body = json.dumps(case.body, default=str).encode()
            answers.ask("POST", path, body, {})

        described()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, deployed(Path(folder)) as service:
        run(service, 1000)
        before = service.resident_kilobytes()
        answers = run(service, arguments.requests)
        after = service.resident_kilobytes()
        failures = sum("request_failed" in line for line in service.log.read_text().splitlines())
    print(f"{sum(answers.statuses.values())} requests: {dict(sorted(answers.statuses.items()))}")
    print(f"5xx or traceback: {len(answers.broken)}; failures in the log: {failures}")
    print(f"memory of all processes: {before / 1024:.0f} MB after 1,000, {after / 1024:.0f} MB at the end")
    for line in answers.broken[:5]:
        print(line)


if __name__ == "__main__":
    main()
