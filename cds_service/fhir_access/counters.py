"""How many queries to which FHIR server ended how, since the process began."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_service.fhir_access.source import Fetched


class FetchCounters:
    """Counts by server and outcome; both are words of our own lists, so they may go into metrics."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queries = Counter[tuple[str, str]]()
        self._seconds = Counter[str]()

    def add(self, fetched: Fetched) -> None:
        """Count what came of one hook call."""
        with self._lock:
            for outcome, count in fetched.outcomes.items():
                self._queries[fetched.server, outcome] += count
            self._seconds[fetched.server] += round(fetched.milliseconds)

    def queries(self) -> Mapping[tuple[str, str], int]:
        """``(server, outcome)`` to the number of queries."""
        with self._lock:
            return dict(self._queries)

    def milliseconds(self) -> Mapping[str, int]:
        """Server to the time hook calls have waited for it."""
        with self._lock:
            return dict(self._seconds)
