"""What a change changed: cards that came, went or say something else, and rules that moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.pages.playground.trace import RuleRow


_SILENT = (("not asked", "not met"), ("not met", "not asked"))


class Difference(msgspec.Struct, frozen=True):
    """One thing that is different now: ``kind`` is new, gone or changed."""

    kind: str
    rule: str
    before: str = ""
    after: str = ""


def card_differences(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[Difference]:
    """Cards by their topic."""
    old, new = {_topic(card): card for card in before}, {_topic(card): card for card in after}
    for topic, card in new.items():
        if topic not in old:
            yield Difference("new", topic, after=_said(card))
        elif _said(card) != _said(old[topic]):
            yield Difference("changed", topic, _said(old[topic]), _said(card))
    for topic, card in old.items():
        if topic not in new:
            yield Difference("gone", topic, _said(card))


def rule_differences(before: tuple[RuleRow, ...], after: tuple[RuleRow, ...]) -> Iterator[Difference]:
    """Rules whose state is another; one that was not asked before and is not met now tells nothing."""
    old = {row.rule: row.state for row in before}
    for row in after:
        was = old.get(row.rule, "not asked")
        if was != row.state and (was, row.state) not in _SILENT:
            yield Difference("changed", row.rule, was, row.state)
    asked = {row.rule for row in after}
    for rule, state in old.items():
        if rule not in asked and (state, "not asked") not in _SILENT:
            yield Difference("changed", rule, state, "not asked")


def _topic(card: dict[str, Any]) -> str:
    return str(card["source"]["topic"]["code"])


def _said(card: dict[str, Any]) -> str:
    offers = "; ".join(s["label"] for s in card.get("suggestions", ())) or "nothing"
    return f"{card['indicator']}: {card['summary']} Offers {offers}."
