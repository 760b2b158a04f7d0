"""Feedback on the wire: read item by item, tolerant of what real clients send, exact about what is refused.

Source: CDS Hooks 2.0.1, Feedback; Epic spells ``overrideReason`` as ``overrideReasons``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from cds_service.errors import FeedbackTooLong, MemberInvalid, MemberMissing, NotJson
from cds_service.protocol.json_text import decode_text
from cds_service.value import Value

OUTCOMES = ("accepted", "overridden")
# A client reports on some cards at a time; more would hold up everyone who writes to the store.
MOST_ITEMS = 1000
# No card of ours offers half as many.
MOST_SUGGESTIONS = 20
# Of many faults the first are named.
NAMED_PROBLEMS = 10
_OBJECT = msgspec.json.Decoder(dict[str, Any])


class FeedbackItem(Value, frozen=True):
    """One reported outcome.

    Attributes:
        card: As sent; no secret, but text of the client.
        suggestions: Ids of the accepted suggestions, as sent.
        reason_code: Code of the override reason, as sent; "" for a reason without one, None without a reason.
        has_comment: Whether the user wrote something.
        happened_at: Aware, UTC.
    """

    card: str
    outcome: str
    happened_at: datetime
    suggestions: tuple[str, ...] = ()
    reason_code: str | None = None
    has_comment: bool = False


def read_feedback(body: bytes) -> tuple[list[FeedbackItem], list[str]]:
    """The items that can be used, and what is wrong with the others ("feedback[1].outcome").

    Raises:
        NotJson: No JSON object.
        MemberMissing, MemberInvalid: ``feedback`` is not a list, or no item of it can be used.
        FeedbackTooLong: More than MOST_ITEMS.
    """
    members = decode_text(_OBJECT, body)
    if members is None:
        raise NotJson
    if members.get("feedback") is None:
        raise MemberMissing("feedback")
    if not isinstance(members["feedback"], list):
        raise MemberInvalid("feedback")
    if len(members["feedback"]) > MOST_ITEMS:
        raise FeedbackTooLong
    items, problems = [], []
    for number, given in enumerate(members["feedback"]):
        found = _item(given)
        if isinstance(found, FeedbackItem):
            items.append(found)
        else:
            problems.append(f"feedback[{number}]{found}")
    if problems and not items:
        raise MemberInvalid(*problems[:NAMED_PROBLEMS])
    return items, problems


def _item(given: object) -> FeedbackItem | str:
    """The item, or the name of the member that is at fault."""
    if not isinstance(given, dict):
        return ""
    card, outcome = given.get("card"), given.get("outcome")
    if not isinstance(card, str) or not card:
        return ".card"
    if outcome not in OUTCOMES:
        return ".outcome"
    happened_at = _moment(given.get("outcomeTimestamp"))
    if happened_at is None:
        return ".outcomeTimestamp"
    suggestions = _suggestions(given.get("acceptedSuggestions"))
    if len(suggestions) > MOST_SUGGESTIONS or (outcome == "accepted" and not suggestions):
        return ".acceptedSuggestions"
    override = given.get("overrideReason") or given.get("overrideReasons")
    reason, has_comment = _override(override[0] if isinstance(override, list) and override else override)
    return FeedbackItem(card, outcome, happened_at, suggestions, reason, has_comment)


def _moment(value: object) -> datetime | None:
    """An RFC 3339 date-time; an offset other than Z is read too."""
    if not isinstance(value, str):
        return None
    try:
        moment = msgspec.convert(value, datetime)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (msgspec.ValidationError, OverflowError):
        return None


def _suggestions(value: object) -> tuple[str, ...]:
    """Ids of ``{"id": ...}`` objects; plain strings are what some clients send."""
    entries = value if isinstance(value, list) else []
    ids = [entry.get("id") if isinstance(entry, dict) else entry for entry in entries]
    return tuple(found for found in ids if isinstance(found, str) and found)


def _override(value: object) -> tuple[str | None, bool]:
    """Code of the reason, and whether there is a comment.

    Epic names the reason in an extension instead; it has no code that we could know.
    """
    if not isinstance(value, Mapping):
        return None, False
    has_comment = isinstance(value.get("userComment"), str) and bool(value["userComment"].strip())
    reason = value.get("reason")
    if isinstance(reason, Mapping):
        code = reason.get("code")
        return (code if isinstance(code, str) else ""), has_comment
    return ("" if reason or value.get("extension") else None), has_comment
