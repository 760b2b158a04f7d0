"""Where a case stands with its present red flags."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.pathway.finding import Advice, Line


class FlagStatus(StrEnum):
    """Where a case stands with its present red flags."""

    NONE = "none present"
    OPEN = "open"
    SATISFIED_SHOWN = "MRI done, result to be read"
    SATISFIED_OVER = "MRI done and its result had time to be read"

    @property
    def is_satisfied(self) -> bool:
        """Whether an MRI has followed the flags."""
        return self in (FlagStatus.SATISFIED_SHOWN, FlagStatus.SATISFIED_OVER)

    @property
    def suppresses(self) -> bool:
        """Whether R26-R36, R40, R41, R43 and R44 wait behind the red-flag card."""
        return self in (FlagStatus.OPEN, FlagStatus.SATISFIED_SHOWN)


class RedFlagOutcome(Value, frozen=True):
    """Where a case stands with its red flags, and its red-flag card where that was asked for.

    Attributes:
        status: OPEN and SATISFIED_SHOWN have a card; the other two have none.
        advice: R23 (or its variant R24), R25a or R25b.
        lines: The line that names the settled flags: for the detail of a card on an order, and after
            SATISFIED_OVER of whatever card follows.
    """

    status: FlagStatus
    advice: Advice | None = None
    lines: tuple[Line, ...] = ()
