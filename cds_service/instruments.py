"""The counters and times Prometheus knows; names and labels are fixed, dashboards and alerts rely on them."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
# Short name to metric name, what it counts, labels.
COUNTERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "calls": ("cds_calls", "Calls answered", ("hook", "client", "outcome")),
    "cards": ("cds_cards", "Cards sent, by the rule that made them", ("client", "rule")),
    "verdicts": ("cds_verdicts", "What each rule came to", ("rule", "verdict")),
    "prefetch": ("cds_prefetch", "States of prefetch keys", ("key", "state")),
    "refused": ("cds_refused", "Requests refused or failed", ("code", "status")),
    "tokens_refused": ("cds_tokens_refused", "Tokens not accepted, by reason", ("reason",)),
    "feedback": ("cds_feedback", "Feedback items received", ("client", "outcome", "reason")),
    "feedback_new": ("cds_feedback_new", "Feedback items not reported before", ("client",)),
    "fhir_calls": ("cds_fhir_calls", "Queries to clients' FHIR servers", ("server", "outcome")),
    "unmapped_codes": ("cds_unmapped_codes", "Codes no value set knows", ("system",)),
    "records_lost": ("cds_records_lost", "Calls not kept because the store could not be written", ()),
}
# Short name to metric name, what is timed, label.
TIMES: dict[str, tuple[str, str, str]] = {
    "call": ("cds_call_seconds", "Time of a call", "hook"),
    "fhir": ("cds_fhir_seconds", "Time one call waited for a FHIR server", "server"),
}


class Instruments:
    """The metrics of this process, or of all workers together."""

    def __init__(self) -> None:
        self._is_shared = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        self._registry = CollectorRegistry()
        self._times = {
            short: Histogram(name, means, (label,), buckets=BUCKETS, registry=self._registry)
            for short, (name, means, label) in TIMES.items()
        }
        self._counters = {
            short: Counter(name, means, labels, registry=self._registry)
            for short, (name, means, labels) in COUNTERS.items()
        }

    def observe(self, name: str, label: str, seconds: float) -> None:
        """Add one time."""
        self._times[name].labels(label).observe(seconds)

    def add(self, name: str, labels: tuple[str, ...], number: float) -> None:
        """Add to a counter."""
        counter = self._counters[name]
        (counter.labels(*labels) if labels else counter).inc(number)

    def exposition(self) -> tuple[bytes, str]:
        """Everything in the text format, and its content type."""
        registry = self._registry
        if self._is_shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST
