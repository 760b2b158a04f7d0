"""Value sets expanded by a terminology server, in the background; ours are there from the start and stay.

A server can add codes to a set and never take any away: an expansion that fails, or is empty, leaves the set
as it is, and readiness and the log say so.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from msgspec import structs

from cds_service import telemetry
from cds_service.fhir_access import shapes
from cds_service.fhir_access.allow_list import parse_allow_list
from cds_service.fhir_access.fetching.client import Client
from cds_service.fhir_access.fetching.query import Request
from cds_service.fhir_access.limits import FetchLimits
from cds_service.fhir_access.outcomes import Outcome
from cds_service.terminology import canonical_of, with_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cds_service.advise import Knowledge
    from cds_service.config import Settings

# Nobody waits for an expansion; a large one takes its time.
LIMITS = FetchLimits(call_seconds=10.0)
_PASS_SECONDS = 1800.0
_MOST_CODES = 20_000
EMPTY, CUT = "empty", "cut"


class Contained(msgspec.Struct, rename="camel", gc=False, frozen=True):
    """One code of an expansion; ``abstract`` ones are headings."""

    system: str = ""
    code: str = ""
    abstract: bool = False
    contains: list[Contained] = []


class Expansion(msgspec.Struct, gc=False, frozen=True):
    """The codes of a value set."""

    contains: list[Contained] = []
    total: int | None = None


class ExpandedSet(msgspec.Struct, rename="camel", gc=False, frozen=True):
    """What ``$expand`` answers."""

    resource_type: str = ""
    expansion: Expansion = Expansion()


_DECODER = msgspec.json.Decoder(ExpandedSet)


class GrowingKnowledge:
    """The knowledge with the codes a terminology server has added so far."""

    def __init__(self, knowledge: Knowledge, settings: Settings) -> None:
        (server,) = parse_allow_list(settings.terminology_server).servers
        self._base = server.base
        self._client = Client(server, LIMITS)
        self._seconds = settings.terminology_hours * 3600
        self._shipped = knowledge
        self._current = knowledge
        # Kept when a later expansion of the same set fails.
        self._added: dict[str, tuple[tuple[str, str], ...]] = {}
        self._standing: dict[str, Any] = {"expansions": {}}
        self._is_over = threading.Event()

    def now(self) -> Knowledge:
        """The knowledge to answer with; one object for one request."""
        return self._current

    def standing(self) -> Mapping[str, Any]:
        """For readiness: what came of the last round of expansions."""
        return {"terminology_server": self._standing}

    def start(self) -> None:
        """Expand now and from time to time, in a thread of its own."""
        threading.Thread(target=self._run, name="expansions", daemon=True).start()

    def stop(self) -> None:
        """Begin no further round."""
        self._is_over.set()

    def _run(self) -> None:
        while not self._is_over.is_set():
            self.expand()
            self._is_over.wait(self._seconds)

    def expand(self) -> None:
        """One round over all sets."""
        outcomes = Counter[str]()
        until = time.monotonic() + _PASS_SECONDS
        for concept in self._shipped.terminology.labels:
            outcome, codes = self._expanded(concept, until)
            outcomes[outcome] += 1
            if codes:
                self._added[concept] = codes
        terminology = with_codes(self._shipped.terminology, self._added)
        added = _size(terminology.index) - _size(self._shipped.terminology.index)
        self._current = structs.replace(self._shipped, terminology=terminology)
        failed = outcomes.total() - outcomes[Outcome.OK.value] - outcomes[Outcome.NOT_FOUND.value]
        self._standing = {"expansions": dict(outcomes), "failed": failed, "codes_added": added}
        telemetry.emit(telemetry.VALUE_SETS_EXPANDED, expansions=dict(outcomes), codes_added=added)

    def _expanded(self, concept: str, until: float) -> tuple[str, tuple[tuple[str, str], ...]]:
        url = quote(canonical_of(concept), safe="")
        request = Request("GET", f"{self._base}/ValueSet/$expand?url={url}&count={_MOST_CODES}")
        answer = self._client.ask(request, None, until)
        if answer.outcome is not Outcome.OK:
            return answer.outcome.value, ()
        found = shapes.decoded(_DECODER, answer.body)
        if found is None or found.resource_type != "ValueSet":
            return Outcome.UNEXPECTED.value, ()
        listed = list(_codes(found.expansion.contains))
        codes = tuple((c.system, c.code) for c in listed if c.system and c.code and not c.abstract)
        if found.expansion.total is not None and found.expansion.total > len(listed):
            return CUT, codes
        return (Outcome.OK.value if codes else EMPTY), codes


def _codes(contained: list[Contained]) -> Iterator[Contained]:
    for member in contained:
        yield member
        yield from _codes(member.contains)


def _size(index: Mapping[str, Mapping[str, frozenset[str]]]) -> int:
    """Memberships: a code counts once for each concept it names."""
    return sum(len(concepts) for codes in index.values() for concepts in codes.values())
