"""Regular expressions for the texts of records, compiled when the first text is held against them.

Together they take longer to compile than any module to import, and most charts have no text that needs them.
"""

from __future__ import annotations

import re
from typing import Any, cast

# Characters that steer a terminal or a page, or cannot be seen: controls, joiners, turners of direction,
# tags. For a character class.
INVISIBLE = (
    r"\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f"
)


def text_pattern(pattern: str) -> re.Pattern[str]:
    """The expression, blind to upper and lower case; used like a compiled one.

    A mistake in it shows at its first use.
    """
    return cast("re.Pattern[str]", _Pattern(pattern))


class _Pattern:
    """Takes over a method of the compiled expression at its first call, and costs nothing from then on."""

    def __init__(self, pattern: str) -> None:
        self._source = pattern

    def __getattr__(self, name: str) -> Any:
        # The library remembers what it has compiled: a second method compiles nothing again.
        found = getattr(re.compile(self._source, re.IGNORECASE), name)
        setattr(self, name, found)
        return found
