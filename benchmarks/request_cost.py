"""CPU per request against the floor, evenness and start: ``python -m benchmarks.request_cost``.

Both servers run as processes of their own and are asked in turns, so that a busy machine slows both. Cost is
the CPU time of the server process; the ratio is the median of the rounds' ratios.

The floor parses the body and writes a fixed answer; with ``--echo`` it writes the whole body back.
"""

from __future__ import annotations

import argparse
import statistics
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks.bodies import request_body
from benchmarks.process import Running, running

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

SIZES = (50, 140, 200, 1000, 5000)
ROUNDS = 7
# So many requests a round that one takes about a quarter of a second.
CHARTS = ("silent", "carded", "order")
REQUESTS = {50: 150, 140: 100, 200: 80, 1000: 20, 5000: 5}
EVENNESS_REQUESTS = 100
SETTINGS = {"CDS_PORT": "{port}", "CDS_MAX_BODY_BYTES": str(32 * 1024 * 1024)}


def ours() -> AbstractContextManager[Running]:
    """Our service with its embedded defaults."""
    return running("cds_service", "serve", environment=SETTINGS)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--echo", action="store_true", help="the floor writes the whole body back")
    floor_as = ("{port}", "echo") if parser.parse_args().echo else ("{port}",)
    today = datetime.now(UTC).date()
    print(f"start to first answer: {start_cost():.0f} CPU ms\n")
    print(f"{'chart':<8}{'entries':>8}{'bytes':>11}{'floor ms':>10}{'ours ms':>9}{'ratio':>7}{'cards':>7}")
    with running("benchmarks.floor", *floor_as) as floor, ours() as service:
        for chart in CHARTS:
            for entries in SIZES:
                body = request_body(
                    entries, with_neck_pain=chart != "silent", as_of=today, with_order=chart == "order"
                )
                print_row(chart, entries, body, floor, service)
        print()
        for chart in ("silent", "carded"):
            body = request_body(200, with_neck_pain=chart == "carded", as_of=today)
            worst, median = evenness(service, body)
            print(
                f"worst of {EVENNESS_REQUESTS} at 200 entries, {chart}: "
                f"{worst / median:.1f} times the median ({worst * 1000:.1f} ms, {median * 1000:.1f} ms)"
            )


def print_row(chart: str, entries: int, body: bytes, floor: Running, service: Running) -> None:
    """One line of the table."""
    hook = "order-select" if chart == "order" else "patient-view"
    cards = service.post(body, hook).count(b'"indicator"')
    requests = REQUESTS[entries]
    rounds = [(cost(floor, body, requests, hook), cost(service, body, requests, hook)) for _ in range(ROUNDS)]
    ratio = statistics.median(own / bare for bare, own in rounds)
    bare, own = (min(values) * 1000 for values in zip(*rounds, strict=True))
    print(
        f"{chart:<8}{entries:>8}{len(body):>11,}{bare:>10.2f}{own:>9.2f}{ratio:>7.2f}{cards:>7}", flush=True
    )


def cost(server: Running, body: bytes, requests: int, hook: str) -> float:
    """CPU seconds of one request, averaged over a round."""
    before = server.cpu_seconds()
    for _ in range(requests):
        server.post(body, hook)
    return (server.cpu_seconds() - before) / requests


def evenness(server: Running, body: bytes) -> tuple[float, float]:
    """Worst and median seconds of a hundred requests, one after the other."""
    times = []
    for _ in range(EVENNESS_REQUESTS):
        began = time.perf_counter()
        server.post(body)
        times.append(time.perf_counter() - began)
    return max(times), statistics.median(times)


def start_cost() -> float:
    """CPU milliseconds from process start to the first answer; the least of three starts."""
    body = request_body(50, with_neck_pain=False, as_of=datetime.now(UTC).date())
    costs = []
    for _ in range(3):
        with ours() as service:
            service.post(body)
            costs.append(service.cpu_seconds() * 1000)
    return min(costs)


if __name__ == "__main__":
    main()
