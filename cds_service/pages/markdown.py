"""Markdown of cards as HTML that can do nothing: no markup of its own, then an allow-list over the result."""

from __future__ import annotations

from functools import cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = frozenset(
    {
        *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
        *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
    }
)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def markdown(text: str) -> Markup:
    """GitHub-flavoured markdown as safe HTML; raw HTML in it appears as typed."""
    clean = nh3.clean(
        _parser().render(text),
        tags=set(TAGS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704 - cleaned in the line above
