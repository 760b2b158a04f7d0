"""An order in the clinician's hand, as far as the order rules judge it (3.4)."""

from __future__ import annotations

from enum import StrEnum

from cds_service.pathway.vocabulary import Site, Source, When
from cds_service.value import Value


class DraftOrder(Value, frozen=True):
    """One order of ``draftOrders``; a fact like any other, and the thing suggestions change.

    Attributes:
        source: ``Type/id`` (``Type/?`` without an id) and the order's own words.
        kind: Resource type.
        place: Where it stands among the entries, from 0; tells orders without an id apart.
        is_judged: It is the one in hand (selected, or up for signing); the others are context.
        has_id: It can be named in an update or a delete.
        concepts: What is ordered: ``imaging/mri-cervical-wo``, ``drug/nsaid``, ``referral/pain``, ...
        status: As received ("draft", "active"), or None.
        priority: routine, urgent, asap, stat or None as received.
        authored: When it was written.
        ingredient: Of a drug: lower-case ingredient name.
        is_systemic: False for forms that act where they are applied.
        daily_dose_mg: Most milligrams a day: dose by doses at the shortest interval; None when not recorded.
        reasons: What its reasons name, our concept ids.
        sites: Regions its own words and body sites name.
        reason_sites: Regions the words of its reasons name.
        has_foreign_reason: It gives a reason, and every one is written out and names nothing of ours.
        resource: The resource as received (bytes of JSON), so that an update can echo it whole.
    """

    source: Source
    kind: str
    place: int = 0
    is_judged: bool = True
    has_id: bool = True
    concepts: frozenset[str] = frozenset()
    status: str | None = None
    priority: str | None = None
    authored: When | None = None
    ingredient: str = ""
    is_systemic: bool = True
    daily_dose_mg: float | None = None
    reasons: frozenset[str] = frozenset()
    sites: frozenset[Site] = frozenset()
    reason_sites: frozenset[Site] = frozenset()
    has_foreign_reason: bool = False
    resource: bytes = b""

    @property
    def name(self) -> str:
        """What tells it from the other orders of the call: its reference, or its place."""
        return self.source.ref if self.has_id else f"{self.kind}#{self.place}"

    @property
    def is_about_elsewhere(self) -> bool:
        """Its own words or reasons name something else, and nothing of the neck or head."""
        named = self.sites | self.reason_sites
        if named & {Site.NECK, Site.OCCIPUT} or any(c.startswith("presenting/") for c in self.reasons):
            return False
        return self.has_foreign_reason or bool(named & {Site.OTHER, Site.LEG})


class Rating(StrEnum):
    """What the pathway makes of an order, in the words of appropriate-use programmes."""

    APPROPRIATE = "appropriate"
    NOT_APPROPRIATE = "not-appropriate"
    NO_GUIDELINES_APPLY = "no-guidelines-apply"


class RatedOrder(Value, frozen=True):
    """An imaging order in hand and its rating."""

    order: DraftOrder
    rating: Rating
