"""One key read from a server: the query, its pages, and the narrower search when the whole is too much."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cds_service.clinical_data import DataState
from cds_service.fhir_access.fetching.pages import Pages, read_page
from cds_service.fhir_access.fetching.query import Request, applied, by_codes, is_below, query_of
from cds_service.fhir_access.outcomes import Outcome
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.fhir_access.classify import Classified
    from cds_service.fhir_access.fetching.capability import Capabilities
    from cds_service.fhir_access.fetching.client import Answer, Client
    from cds_service.fhir_access.fetching.query import Query
    from cds_service.fhir_access.limits import FetchLimits
    from cds_service.fhir_access.source import Begun
    from cds_service.fhir_access.templates import DataNeed

# What a narrower search may do better at: the set was too much for the time or the limits.
_TOO_MUCH = frozenset({Outcome.TIMEOUT, Outcome.TOO_LARGE})


class Reader(Value, frozen=True):
    """What reading takes, for one hook call.

    Attributes:
        client: The connections to the server.
        capabilities: What the server declares.
        limits: How long and how much.
        token: Of the call.
        until: The moment of ``time.monotonic()`` at which reading ends.
        codes: ``system|code`` of every observation the pathway knows by a code.
    """

    client: Client
    capabilities: Capabilities
    limits: FetchLimits
    token: str | None
    until: float
    codes: Iterable[str] = ()

    def ask(self, request: Request) -> Answer:
        """The answer to one request."""
        return self.client.ask(request, self.token, self.until)


@dataclass(slots=True)
class KeyReading:
    """The reading of one key; what has come so far can be taken at any time."""

    need: DataNeed
    patient_id: str
    reader: Reader
    begun: Begun | None = None
    pages: Pages = field(default_factory=Pages)
    outcomes: list[Outcome] = field(default_factory=list)
    # Replaced whole after each page, so that another thread may take it while the next page comes.
    so_far: Classified | None = None
    is_cut: bool = False

    def run(self) -> None:
        """Read until the set is whole, a limit is met or the time is over."""
        if self.begun is not None:
            self._take(self.begun.classified)
            self._follow(self.begun.next_url)
            return
        query = query_of(self.need, self.patient_id)
        outcome = self._search(query)
        if outcome is Outcome.REJECTED and not self.need.is_read:
            supported = self.reader.capabilities.search_params(self.need.resource_type, self.reader)
            outcome = self._search(query.plainer(supported))
        if (outcome in _TOO_MUCH or self.is_cut) and time.monotonic() < self.reader.until:
            self._search_by_codes()

    def _take(self, page: Classified) -> bool:
        is_answer = self.pages.add(page)
        self.so_far = self.pages.classified()
        return is_answer

    def _search(self, query: Query) -> Outcome:
        """Read one search to its last page; the outcome of the first."""
        answer = self.reader.ask(query.request(self.reader.client.server.base))
        if answer.outcome is not Outcome.OK:
            self.outcomes.append(answer.outcome)
            return answer.outcome
        page = read_page(answer.body, self.need)
        is_answer = self._take(page.classified)
        outcome = Outcome.OK if is_answer else _why(page.classified.data.state)
        self.outcomes.append(outcome)
        if not is_answer:
            return outcome
        self._check(page.self_url, query)
        if page.next_url is not None:
            self._follow(page.next_url)
        elif not self.need.is_read and self._is_short_of(page.total):
            self._cut()
        return outcome

    def _cut(self) -> None:
        self.pages.is_whole = False
        self.is_cut = True

    def _check(self, self_url: str | None, query: Query) -> None:
        said = applied(self_url, query)
        if not said.is_of_patient:
            self.pages.dropped["patient-ignored"] += 1
        if not said.is_of_patient or said.is_narrower:
            self.pages.is_whole = False

    def _is_short_of(self, total: float | None) -> bool:
        """More was counted than came, or just as many came as were asked for and nobody says that is all."""
        came = len(self.pages.resources) + len(self.pages.unreadable)
        return total > came if total is not None else len(self.pages.resources) == self.need.page_size

    def _follow(self, next_url: object) -> None:
        """Read the following pages; without the last one the set is not whole."""
        seen = set[object]()
        most = max(self.reader.limits.max_resources, self.need.page_size or 0)
        base = self.reader.client.server.base
        while next_url is not None:
            is_over = len(seen) + 1 >= self.reader.limits.max_pages or len(self.pages.resources) >= most
            if is_over or not is_below(next_url, base) or next_url in seen:
                self._cut()
                return
            seen.add(next_url)
            next_url = self._next(str(next_url))

    def _next(self, url: str) -> object:
        answer = self.reader.ask(Request("GET", url))
        self.outcomes.append(answer.outcome)
        if answer.outcome is not Outcome.OK:
            self._cut()
            return None
        page = read_page(answer.body, self.need)
        if not self._take(page.classified):
            self.outcomes[-1] = _why(page.classified.data.state)
            return None
        return page.next_url

    def _search_by_codes(self) -> None:
        """What has a code the pathway knows, whatever its age; the set stays incomplete."""
        if self.need.resource_type != "Observation" or not self.reader.codes:
            return
        supported = self.reader.capabilities.search_params(self.need.resource_type, self.reader)
        if supported is not None and "code" not in supported:
            return
        self.pages.is_whole = False
        for query in by_codes(self.need, self.patient_id, self.reader.codes):
            if self._search(query) is not Outcome.OK:
                break


def _why(state: DataState) -> Outcome:
    """Why a 200 answer is none: it reported an error, or is something else than was asked for."""
    return Outcome.FAILURE_REPORTED if state is DataState.FAILED else Outcome.UNEXPECTED


def counted(readings: Iterable[KeyReading]) -> Counter[str]:
    """How many queries ended how."""
    return Counter(outcome.value for reading in readings for outcome in reading.outcomes)
