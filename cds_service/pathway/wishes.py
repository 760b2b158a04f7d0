"""What a client wants of a decision; none of it changes what is true of the patient."""

from __future__ import annotations

from cds_service.value import Value


class Wishes(Value, frozen=True):
    """What a client wants of a decision.

    Attributes:
        muted: Rules whose cards are not shown.
        rates_offers: What an order would be rated once a suggestion is taken is worked out too.
    """

    muted: frozenset[str] = frozenset()
    rates_offers: bool = True


DEFAULT_WISHES = Wishes()
