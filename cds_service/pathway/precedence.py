"""Which cards are shown, in which order, and what becomes of the others (3.2)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.finding import Advice, Line, Section
from cds_service.pathway.rules.red_flag_outcome import FlagStatus, RedFlagOutcome
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.guideline.thresholds import Thresholds

_EMERGENCY, _INJURY, _RED_FLAG, _PHASE = 1, 2, 3, 6
# Rank of each card; what is not named is a phase card.
_RANKS = {
    **dict.fromkeys(("S5", "S7"), _EMERGENCY),
    "S4": _INJURY,
    **dict.fromkeys(("R23", "R25a", "R25b"), _RED_FLAG),
    "S6": 4,
    **dict.fromkeys(("R26", "S9"), 5),
    **dict.fromkeys(("R40", "R41", "R38b"), 7),
    "R44": 8,
    "R43": 9,
}
# What waits behind an open red flag; R38b does not (3.2).
_WAITS_FOR_FLAG = frozenset(
    {"R26", "R27", "R32", "R33a", "R33b", "R33c", "R34a", "R34b", "R36", "R40", "R41", "R43", "R44"}
)
_WAITS_FOR_TRAUMA = frozenset({"R27", "R32", "R33a", "R33b", "R33c", "R34a", "R34b", "R36"})


class Shown(Value, frozen=True):
    """The cards to show, and those that were left out."""

    advice: tuple[Advice, ...]
    waiting: tuple[Advice, ...]
    also: tuple[Advice, ...]


def settle(candidates: Iterable[Advice], outcome: RedFlagOutcome, thresholds: Thresholds) -> Shown:
    """Order the cards, let what has to wait wait, and keep to the limit."""
    everything = sorted(candidates, key=_order)
    waiting = [advice for advice in everything if _waits(advice, everything, outcome)]
    speaking = [advice for advice in everything if advice not in waiting]
    shown, also = speaking[: thresholds.max_cards], speaking[thresholds.max_cards :]
    return Shown(_with_lines(shown, waiting, also, outcome), tuple(waiting), tuple(also))


def _order(advice: Advice) -> tuple[int, int, str]:
    newest = advice.newest_on or date.min
    return _RANKS.get(advice.rule, _PHASE), -newest.toordinal(), advice.rule


def _waits(advice: Advice, everything: Iterable[Advice], outcome: RedFlagOutcome) -> bool:
    others = {other.rule for other in everything}
    if any(_RANKS.get(rule) == _EMERGENCY for rule in others):
        return _RANKS.get(advice.rule, _PHASE) not in (_EMERGENCY, _RED_FLAG)
    if outcome.status is FlagStatus.SATISFIED_SHOWN and advice.rule == "R38b":
        return True
    if outcome.status.suppresses and advice.rule in _WAITS_FOR_FLAG:
        return True
    return "S4" in others and advice.rule in _WAITS_FOR_TRAUMA


def _with_lines(
    shown: list[Advice], waiting: list[Advice], also: list[Advice], outcome: RedFlagOutcome
) -> tuple[Advice, ...]:
    """The cards with what they say about the others: settled flags first, waiting and further advice last."""
    if not shown:
        return ()
    cards = list(shown)
    if outcome.status is FlagStatus.SATISFIED_OVER:
        cards[0] = structs.replace(cards[0], lines=(*outcome.lines, *cards[0].lines))
    suppressor = next(
        (i for i, card in enumerate(cards) if _RANKS.get(card.rule) in (_EMERGENCY, _INJURY, _RED_FLAG)), None
    )
    # Emergencies say nothing but what to do now.
    if suppressor is not None and _RANKS[cards[suppressor].rule] != _EMERGENCY:
        # Behind an injury alone there is no red flag to wait for.
        key = "waits" if outcome.status.suppresses else "waits-injury"
        lines = tuple(Line(Section.ALSO, key, {"card": f"@term.card-{w.rule}"}) for w in waiting)
        cards[suppressor] = structs.replace(cards[suppressor], lines=(*cards[suppressor].lines, *lines))
    if also:
        names = tuple(f"@term.card-{advice.rule}" for advice in also)
        cards[-1] = structs.replace(
            cards[-1], lines=(*cards[-1].lines, Line(Section.ALSO, "also", {"cards": names}))
        )
    return tuple(cards)
