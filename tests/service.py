"""The whole service in process, on a day the test names."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.hooks.endpoints import Endpoints
from cds_service.wsgi import advisor, load_knowledge

SERVICE = "/cds-services/neck-pain-patient-view"
EXPLANATION = "org.neck-pain-cds.explanation"
AS_OF = date(2026, 6, 15)


@cache
def knowledge() -> Any:
    """Guideline and terminology, loaded once a test process."""
    return load_knowledge(Settings())


@cache
def client(as_of: date = AS_OF) -> Any:
    """A test client whose clinical day is fixed."""
    settings = Settings(as_of=datetime(as_of.year, as_of.month, as_of.day, 12, tzinfo=UTC))
    endpoints = Endpoints(advisor(knowledge(), settings), settings.max_body_bytes)
    return create_app(endpoints).test_client()


def ask(request: dict[str, Any], as_of: date = AS_OF) -> dict[str, Any]:
    """The body of a call that must succeed."""
    answer = client(as_of).post(SERVICE, data=json.dumps(request), content_type="application/json")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body: dict[str, Any] = json.loads(answer.get_data())
    return body


@cache
def prefetch_keys() -> tuple[str, ...]:
    """Keys the service asks for."""
    return tuple(client().get("/cds-services").json["services"][0]["prefetch"])


def topics(body: dict[str, Any]) -> list[str]:
    """Topic of each card, in order."""
    return [card["source"]["topic"]["code"] for card in body["cards"]]


def rules(body: dict[str, Any]) -> set[str]:
    """Every rule any card names."""
    return {rule for card in body["cards"] for rule in card["extension"][EXPLANATION]["rules"]}
