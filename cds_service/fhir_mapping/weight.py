"""Whether a goal or a plan is about losing weight on purpose: a recorded reason for a measured loss (R6)."""

from __future__ import annotations

from cds_service.text_patterns import text_pattern

WEIGHT_REASON = "risk/weight-loss-other-cause"
_WANTED = text_pattern(
    r"\b(?:lose (?:some )?weight|lose \d+ (?:kg|pounds|lbs?)|weight loss|weight reduction"
    r"|reduce weight|weight management)\b"
)
# "Prevent further weight loss" names the loss and means the opposite.
_UNWANTED = text_pattern(
    r"\b(?:no|not|without|prevent\w*|avoid\w*|stop\w*|minimi[sz]\w*|unint\w*|unexplained|(?:re)?gain\w*"
    r"|investigat\w*|evaluat\w*)\b"
)


def is_to_lose_weight(text: str) -> bool:
    """Whether the words want a loss of weight; what guards against one, or looks into one, does not."""
    return bool(_WANTED.search(text)) and not _UNWANTED.search(text)
