"""The whole application with its pages, in process, on a fixed day."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.hooks.endpoints import Endpoints
from cds_service.pages import Pages
from cds_service.wsgi import advisor
from tests.service import AS_OF, knowledge

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NOON = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=UTC)


@cache
def pages_client(**changes: Any) -> FlaskClient:
    """A test client of the application with pages, as production or development sets it up."""
    settings = Settings(**({"as_of": NOON} | changes))
    endpoints = Endpoints(advisor(knowledge(), settings), settings.max_body_bytes)
    return create_app(endpoints, Pages(knowledge(), settings).blueprint()).test_client()


class Read(HTMLParser):
    """What a page consists of: its text, ids, addresses, and whatever could run or be loaded."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[tuple[str, str]] = []
        self.handlers: list[str] = []
        self.inline: list[str] = []
        self._open: list[str] = []
        self._words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("src", "href", "action", "formaction", "xlink:href"):
                self.addresses.append((tag, value or ""))
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.handlers.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style") and data.strip():
            self.inline.append(data)
        self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    @property
    def text(self) -> str:
        """All words, single-spaced."""
        return " ".join(" ".join(self._words).split())
