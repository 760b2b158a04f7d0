"""Random mixes of faults between the service and a FHIR server: what must hold in every one of them.

``python -m benchmarks.fault_mixes --count 1000`` runs them against a server in this process. Each mix is a
call without prefetch whose answers go wrong at random (late, reset, cut, throttled, refused, HTML). In every
mix: no 5xx of ours; no reassuring sentence when anything it rests on could not be read; and the answer comes
no more than 100 ms after the deadline.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.fault_proxy import chance
from tests.fetching import Service, fixture, granted
from tests.fhir_server import Answers, Asked, Reply, fhir_server, serving

CHARTS = ("initial-care", "red-flag-crp", "cord-signs", "no-neck-pain")
# What "no red flag recorded" rests on.
NEEDED = ("conditions", "observations", "medicationStatements", "medicationRequests", "procedures")
REASSURING = ("no red flag recorded", "no red flags recorded")
CALL_MS, TOTAL_MS, OVER_MS = 200, 400, 100
NAP_MS = 10.0


@dataclass
class Report:
    """What came of the mixes."""

    total_ms: int
    problems: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    over_ms: list[float] = field(default_factory=list)
    stalled_ms: list[float] = field(default_factory=list)
    reassured: int = 0

    def lines(self) -> list[str]:
        """The report in words."""
        worst, middle = max(self.over_ms), statistics.median(self.over_ms)
        return [
            f"{sum(self.statuses.values())} mixes, {len(self.problems)} problems, "
            f"{len(self.excused)} late because the machine did not run us",
            f"status: {dict(self.statuses)}; reassuring cards on whole data: {self.reassured}",
            f"end, from the deadline of {self.total_ms} ms: worst {worst:+.0f} ms, median {middle:+.0f} ms",
            f"the machine let a thread wait: worst {max(self.stalled_ms):.0f} ms in a mix",
            f"queries: {dict(self.outcomes.most_common())}",
            *self.problems[:20],
            *self.excused[:20],
        ]


def run(count: int, first_seed: int = 0, call_ms: int = CALL_MS, total_ms: int = TOTAL_MS) -> Report:
    """So many mixes, each with a server and a service of its own, so that no breaker opens."""
    report = Report(total_ms)
    _warm_up()
    for seed in range(first_seed, first_seed + count):
        _one(seed, report, call_ms)
    return report


def _warm_up() -> None:
    """Import and load what a running service has: the first card of a process pays for it, not a fault."""
    for name in CHARTS:
        request = fixture(name)
        with fhir_server(serving(request["prefetch"])) as server:
            Service(server.base).post(granted(request, server.base, *request["prefetch"]))


def _one(seed: int, report: Report, call_ms: int) -> None:
    request = fixture(CHARTS[seed % len(CHARTS)])
    with fhir_server(_faulty(serving(request["prefetch"]), seed)) as server:
        service = Service(server.base, fhir_call_ms=call_ms, fhir_total_ms=report.total_ms)
        with _stalls() as stalls:
            began = time.monotonic()
            answer = service.post(granted(request, server.base, *request["prefetch"]))
            over_ms = (time.monotonic() - began) * 1000 - report.total_ms
    stalled_ms = sum(stalls)
    report.stalled_ms.append(stalled_ms)
    report.statuses[answer.status_code] += 1
    report.over_ms.append(over_ms)
    if over_ms > OVER_MS:
        note = f"{over_ms:.0f} ms over the deadline, {stalled_ms:.0f} ms of it nothing ran"
        (report.problems if over_ms - stalled_ms > OVER_MS else report.excused).append(f"mix {seed}: {note}")
    if answer.status_code == 412:
        return
    if answer.status_code != 200:
        report.problems.append(f"mix {seed}: status {answer.status_code}")
        return
    report.outcomes.update(service.outcomes())
    if any(phrase in answer.text.lower() for phrase in REASSURING):
        states = service.states()
        unread = [key for key in NEEDED if states[key] not in ("ok", "empty")]
        report.reassured += not unread
        if unread:
            report.problems.append(f"mix {seed}: reassured although {unread} could not be read")


@contextmanager
def _stalls() -> Iterator[list[float]]:
    """Milliseconds by which a thread that only sleeps was woken late, each time it was more than a few.

    On a busy machine that is time in which this process did not run, whatever it had to do.
    """
    found: list[float] = []
    is_over = threading.Event()

    def watch() -> None:
        before = time.monotonic()
        while not is_over.wait(NAP_MS / 1000):
            late_ms = (time.monotonic() - before) * 1000 - NAP_MS
            if late_ms > NAP_MS:
                found.append(late_ms)
            before = time.monotonic()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        is_over.set()
        thread.join()


def _faulty(answers: Answers, seed: int) -> Answers:
    fault_of = chance(seed)

    def answer(asked: Asked) -> Reply:
        return fault_of(asked)(answers(asked))

    return answer


def main() -> None:
    """Run and report; the exit status says whether all held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    report = run(chosen.count, chosen.seed)
    print("\n".join(report.lines()))
    sys.exit(1 if report.problems else 0)


if __name__ == "__main__":
    main()
