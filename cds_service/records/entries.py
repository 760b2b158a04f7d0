"""What is kept, as plain values; nothing here can hold a word of a request but ids that are UUIDs."""

from __future__ import annotations

from datetime import datetime

import msgspec

from cds_service.value import Value


class ShownSuggestion(Value, frozen=True):
    """A suggestion of a card that was sent.

    Attributes:
        uuid: As sent.
        position: Where it stood, from 0.
        kind: Its first action and what it acts on ("create ServiceRequest").
    """

    uuid: str
    position: int
    kind: str


class ShownCard(Value, frozen=True):
    """A card that was sent.

    Attributes:
        uuid: As sent; the same for a retried call.
        rule: The card's topic.
        indicator: info, warning or critical.
        position: Where it stood, from 0.
        rules: Every rule that shaped it, where the explanation was sent.
        suggestions: Its suggestions.
    """

    uuid: str
    rule: str
    indicator: str
    position: int
    rules: tuple[str, ...] = ()
    suggestions: tuple[ShownSuggestion, ...] = ()


class Answered(Value, frozen=True):
    """One call that was answered.

    Attributes:
        at: Store time, aware; never the clinical day.
        client: Our name of the client, "" for a caller nobody verified.
        hook_instance: Of the call, when it is a UUID.
        outcome: evaluated, lay-user or other-fhir-version.
        verdicts: How many rules came to each verdict.
        versions: Of guideline, terminology and service.
        cards: Cards sent; of a call without any only its number is kept.
    """

    at: datetime
    client: str
    service: str
    hook: str
    hook_instance: str | None
    outcome: str
    verdicts: dict[str, int] = msgspec.field(default_factory=dict)
    versions: dict[str, str] = msgspec.field(default_factory=dict)
    cards: tuple[ShownCard, ...] = ()


class Feedback(Value, frozen=True):
    """What became of a card, as its client reported it.

    Attributes:
        key: The same for the same report sent again: SHA-256 of issuer, card, outcome, time and suggestions.
        card: Id of the card when it is a UUID; None otherwise.
        outcome: accepted or overridden.
        reason: A code we know, "other" for one we do not, None without one.
        has_comment: Whether the user wrote something; the text is never kept, it may name a person.
        happened_at: When the user decided, aware.
        suggestions: Ids of accepted suggestions that are UUIDs.
    """

    key: str
    client: str
    service: str
    card: str | None
    outcome: str
    reason: str | None
    has_comment: bool
    happened_at: datetime
    suggestions: tuple[str, ...] = ()
