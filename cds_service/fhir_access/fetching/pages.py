"""The pages of one search put together, with a state that says whether they are all there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cds_service.clinical_data import DataState, KeyData, Unreadable
from cds_service.fhir_access import shapes
from cds_service.fhir_access.classify import OUTCOME, Classified, classify, first_page
from cds_service.value import Value

if TYPE_CHECKING:
    import msgspec

    from cds_service.fhir_access.templates import DataNeed

_ANSWERED = (DataState.OK, DataState.EMPTY, DataState.PARTIAL)


@dataclass(slots=True)
class Pages:
    """What has been read of one key so far.

    Attributes:
        is_whole: Nothing is known to be missing.
        has_answered: The server has answered the question at least in part.
    """

    is_whole: bool = True
    has_answered: bool = False
    resources: dict[object, Any] = field(default_factory=dict)
    included: dict[object, Any] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    def add(self, found: Classified) -> bool:
        """Take one page; whether it answered the question."""
        data = found.data
        self.dropped.update(found.dropped or {})
        self.unreadable += data.unreadable
        for kept, resources in ((self.resources, data.resources), (self.included, data.included)):
            for resource in resources:
                # Pages overlap when the record changes between them; a resource without an id stays.
                kept[(resource.resource_type, resource.id) if resource.id else id(resource)] = resource
        is_answer = data.state in _ANSWERED
        self.is_whole = self.is_whole and is_answer and data.state.is_whole
        self.has_answered = self.has_answered or is_answer
        return is_answer

    def classified(self) -> Classified:
        """State and resources of the key as they are now."""
        resources = tuple(self.resources.values())
        if not self.has_answered:
            state = DataState.FAILED
        elif not self.is_whole:
            state = DataState.PARTIAL
        else:
            state = DataState.OK if resources else DataState.EMPTY
        data = KeyData(state, resources, tuple(self.included.values()), tuple(self.unreadable))
        return Classified(data, dict(self.dropped))


class Page(Value, frozen=True):
    """One answer to a search.

    Attributes:
        classified: Its entries, as if it were the only page.
        next_url: Of the next page; None on the last.
        self_url: The search the server says it made.
        total: Matches the server counts.
    """

    classified: Classified
    next_url: object = None
    self_url: str | None = None
    total: float | None = None


def read_page(body: msgspec.Raw, need: DataNeed) -> Page:
    """A page of a search, or the resource of a read."""
    kind = shapes.header(body).resource_type
    if need.is_read:
        return Page(classify(body, need))
    if kind != "Bundle":
        # Of a client "null" or a warning means no data; of a server that was searched, only a Bundle does.
        state = DataState.FAILED if kind == OUTCOME else DataState.NOT_TRIED
        return Page(Classified(KeyData(state)))
    bundle = shapes.bundle(body) or shapes.Bundle()
    links = {link.relation: link.url for link in reversed(bundle.link or [])}
    own = links.get("self")
    return Page(
        first_page(body, need),
        links.get("next"),
        own if isinstance(own, str) else None,
        bundle.total,
    )
