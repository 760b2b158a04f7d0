"""Regular expressions for the texts of records, compiled when the first text is held against them.

Together they take longer to compile than any module to import, and most charts have no text that needs them.
"""

from __future__ import annotations

import re
from typing import Any, cast


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
