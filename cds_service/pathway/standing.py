"""What a mere mention says stands until an entry with a status of its own says that it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.vocabulary import Presence, Side

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from cds_service.pathway.facts import Statement

# What carries a clinical status, and so says by itself whether it is over.
_HAS_STATUS = frozenset({"Condition", "Flag"})


def covers(negative: Statement, positive: Statement) -> bool:
    """Whether a denial or an end speaks about all of what the other statement says (side and site)."""
    is_side = negative.side in (None, Side.BOTH, positive.side)
    is_site = not negative.sites or (bool(positive.sites) and positive.sites <= negative.sites)
    return is_side and is_site


def standing(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The statements, with mentions of what has ended since marked as no longer active.

    A visit for a pregnancy, a finding or an answer has no end of its own; the problem list does.
    """
    ended = [s for s in statements if not s.is_active and s.presence is not Presence.ABSENT]
    if not ended:
        return statements
    return tuple(
        structs.replace(s, is_active=False) if s.is_active and _has_ended(s, ended) else s for s in statements
    )


def _has_ended(mention: Statement, ended: Iterable[Statement]) -> bool:
    if mention.kind in _HAS_STATUS or mention.is_current_encounter or mention.recorded is None:
        return False
    said = mention.recorded.on
    # What was closed on the day of a visit was closed at that visit; a finding of that day may be later.
    last = said - timedelta(1) if mention.kind == "Encounter" else said
    return any(
        (over := ended_on(other)) is not None and over > last and covers(other, mention)
        for other in ended
        if mention.concepts <= other.concepts
    )


def ended_on(entry: Statement) -> date | None:
    """When an inactive entry was over; without a date of its own, its newest mention."""
    return entry.abated.on if entry.abated else entry.newest_on
