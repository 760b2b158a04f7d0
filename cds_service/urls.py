"""URLs of settings and files, taken apart without trusting their form."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib.parse import SplitResult


def parts_of(url: str) -> SplitResult | None:
    """The parts of a URL; None for what is none: a broken host or port, blanks, control characters."""
    if any(character <= " " or character == "\x7f" for character in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def is_web_address(parts: SplitResult | None) -> bool:
    """Whether they are of http or https, with a host."""
    return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
