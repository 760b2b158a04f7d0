"""What Prometheus is told: counts and times by our own vocabulary, nothing of a request.

A request only leaves a note in a queue; a thread, or a scrape, adds the notes up. So the library is loaded
after the start, and costs a request next to nothing. With several worker processes each writes its own files
in ``PROMETHEUS_MULTIPROC_DIR`` and a scrape of any of them adds all up.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.instruments import Instruments

# A scrape that never comes must not fill the memory.
QUEUED = 20_000
FLUSH_SECONDS = 1.0


class Counted(Value, frozen=True):
    """What is counted of one call.

    Attributes:
        outcome: evaluated, lay-user or other-fhir-version.
        cards: Rule of each card.
        rules, verdicts: Every rule that was asked, and what each came to.
        keys, states: Every prefetch key, and the state of each.
        unmapped: Code system and how many of its codes no value set knows.
    """

    outcome: str
    cards: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    unmapped: tuple[tuple[str, int], ...] = ()


# A counter's attribute, its labels, and how many.
Note = tuple[str, tuple[str, ...], int]


class Metrics:
    """The notes of one process."""

    def __init__(self) -> None:
        self._calls: deque[tuple[str, str, float, Counted]] = deque(maxlen=QUEUED)
        self._notes: deque[Note] = deque(maxlen=QUEUED)
        self._reads: deque[tuple[str, float]] = deque(maxlen=QUEUED)
        self._lock = threading.Lock()
        self._instruments: Instruments | None = None
        self._stopping = threading.Event()

    def answered(self, hook: str, client: str, seconds: float, counted: Counted) -> None:
        """A call was answered."""
        self._calls.append((hook, client, seconds, counted))

    def refused(self, code: str, status: int, reason: str | None = None) -> None:
        """A request was refused or failed; ``reason`` is why a token was not accepted."""
        self._notes.append(("refused", (code, str(status)), 1))
        if reason:
            self._notes.append(("tokens_refused", (reason,), 1))

    def feedback(self, client: str, items: Iterable[tuple[str, str | None]], new: int) -> None:
        """Feedback was kept; of the items, ``new`` had not been reported before."""
        # A large batch must not push the notes of others out of the queue.
        for (outcome, reason), number in Counter(items).items():
            self._notes.append(("feedback", (client, outcome, reason or "none"), number))
        self._notes.append(("feedback_new", (client,), new))

    def fhir_read(self, server: str, outcomes: Mapping[str, int], seconds: float) -> None:
        """A FHIR server was read, or refused, for a call; named as on our own list, "" when it is on none."""
        for outcome, number in outcomes.items():
            self._notes.append(("fhir_calls", (server, outcome), number))
        if seconds:
            self._reads.append((server, seconds))

    def count(self, name: str, labels: tuple[str, ...] = (), number: int = 1) -> None:
        """Add to one of the counters of ``instruments``."""
        self._notes.append((name, labels, number))

    def start(self) -> None:
        """Add notes up every second from now on, in the background."""
        threading.Thread(target=self._flush_on, name="metrics", daemon=True).start()

    def stop(self) -> None:
        """Add up what is left."""
        self._stopping.set()
        if self._instruments is not None:
            self.flush()

    def scrape(self) -> tuple[bytes, str]:
        """Everything, and its content type."""
        self.flush()
        return self._loaded().exposition()

    def flush(self) -> None:
        """Add up the notes so far."""
        instruments = self._loaded()
        with self._lock:
            calls, notes = _taken(self._calls), _taken(self._notes)
            numbers: Counter[tuple[str, tuple[str, ...]]] = Counter()
            for name, labels, number in notes:
                numbers[name, labels] += number
            for hook, _, seconds, _ in calls:
                instruments.observe("call", hook, seconds)
            # Most calls come to the same as another one.
            alike = Counter([(hook, client, counted) for hook, client, _, counted in calls])
            for (hook, client, counted), times in alike.items():
                numbers["calls", (hook, client, counted.outcome)] += times
                for name, labels, number in _parts(client, counted):
                    numbers[name, labels] += number * times
            for server, seconds in _taken(self._reads):
                instruments.observe("fhir", server, seconds)
            for (name, labels), number in numbers.items():
                instruments.add(name, labels, number)

    def _loaded(self) -> Instruments:
        """The library, loaded when it is first needed."""
        with self._lock:
            if self._instruments is None:
                from cds_service.instruments import Instruments

                self._instruments = Instruments()
            return self._instruments

    def _flush_on(self) -> None:
        while not self._stopping.wait(FLUSH_SECONDS):
            if self._calls or self._notes or self._reads or self._instruments is None:
                self.flush()


def _parts(client: str, counted: Counted) -> Iterator[Note]:
    """Everything that is counted of one call besides the call itself."""
    for rule in counted.cards:
        yield "cards", (client, rule), 1
    for verdict in zip(counted.rules, counted.verdicts, strict=True):
        yield "verdicts", verdict, 1
    for state in zip(counted.keys, counted.states, strict=True):
        yield "prefetch", state, 1
    for system, number in counted.unmapped:
        yield "unmapped_codes", (system,), number


def _taken(queue: deque[Any]) -> list[Any]:
    """Take everything out; others may add meanwhile."""
    pop: Callable[[], Any] = queue.popleft
    return [pop() for _ in range(len(queue))]
