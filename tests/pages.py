"""The whole application with its pages, in process, on a fixed day."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from lxml import html

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
    return create_app(endpoints, Pages(knowledge, settings).blueprint()).test_client()


ADDRESSES = ("src", "href", "action", "formaction", "xlink:href")


class Read:
    """What a page consists of: its text, ids, addresses, and whatever could run or be loaded."""

    def __init__(self, page: str) -> None:
        self._tree = html.document_fromstring(page)
        self.ids: list[str] = []
        self.addresses: list[tuple[str, str]] = []
        self.handlers: list[str] = []
        for element in self._tree.iter("*"):
            for name, value in element.attrib.items():
                self._attribute(element.tag, name, value)
        self.inline = [text for text in self._tree.xpath("//script/text() | //style/text()") if text.strip()]

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name == "id" and value:
            self.ids.append(value)
        if name in ADDRESSES:
            self.addresses.append((tag, value))
        if name.startswith("on") or name in ("style", "srcdoc"):
            self.handlers.append(f"{tag} {name}={value}")

    @property
    def text(self) -> str:
        """All words, single-spaced."""
        return " ".join(" ".join(self._tree.xpath("//text()")).split())
