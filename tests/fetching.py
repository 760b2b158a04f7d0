"""The service in process, with a FHIR server it may read from."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.hooks.endpoints import Endpoints
from cds_service.vignettes.hook_requests import dated
from cds_service.wsgi import advisor
from tests.fhir_server import TOKEN, Asked, Reply, as_json, searchset
from tests.service import AS_OF, SERVICE, knowledge

if TYPE_CHECKING:
    from collections.abc import Callable

    from cds_service.advise import Advised, Question

REQUESTS = Path(__file__).resolve().parents[1] / "fixtures" / "hook_requests"
NOON = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12, tzinfo=UTC)


# Time enough on a machine that does other things as well; tests about time set their own.
PATIENT = {"fhir_call_ms": 8000, "fhir_total_ms": 9000}


class Service:
    """The service with settings of its own; remembers what it gathered last."""

    def __init__(self, servers: str = "", **changes: Any) -> None:
        settings = Settings(as_of=NOON, fhir_servers=servers, **(PATIENT | changes))
        self._advise = advisor(knowledge(), settings)
        self.last: Advised | None = None
        self._client = create_app(Endpoints(self._answer, settings.max_body_bytes)).test_client()

    def _answer(self, question: Question) -> Advised:
        self.last = None
        self.last = self._advise(question)
        return self.last

    def post(self, request: dict[str, Any], path: str = SERVICE) -> Any:
        """The answer to a call."""
        return self._client.post(path, data=json.dumps(request), content_type="application/json")

    def cards(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """The cards of a call that must succeed."""
        answer = self.post(request)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        cards: list[dict[str, Any]] = json.loads(answer.get_data())["cards"]
        return cards

    def states(self) -> dict[str, str]:
        """Key to state, of the last call."""
        assert self.last is not None
        return {key: found.state.value for key, found in self.last.gathered.data.keys.items()}

    def outcomes(self) -> dict[str, int]:
        """What came of the queries of the last call."""
        assert self.last is not None
        fetched = self.last.gathered.fetched
        return dict(fetched.outcomes) if fetched else {}


def fixture(name: str) -> dict[str, Any]:
    """A hook request of ours, dated for the tests' day."""
    text = (REQUESTS / f"{name}.json").read_text(encoding="utf-8")
    request: dict[str, Any] = json.loads(dated(text, AS_OF))
    return request


def granted(request: dict[str, Any], base: str, *without: str, **changes: Any) -> dict[str, Any]:
    """The request with a server to read from, and some of its prefetch not sent."""
    kept = {key: value for key, value in request["prefetch"].items() if key not in without}
    return (
        request
        | {
            "prefetch": kept,
            "fhirServer": base,
            "fhirAuthorization": {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300},
        }
        | changes
    )


def said(cards: list[dict[str, Any]]) -> list[Any]:
    """The cards without what differs from call to call, or was added by the server a resource was on."""
    kept = json.loads(json.dumps(cards))
    for card in kept:
        card.pop("uuid", None)
        for suggestion in card.get("suggestions", ()):
            suggestion.pop("uuid", None)
            for action in suggestion["actions"]:
                action.get("resource", {}).pop("meta", None)
    return list(kept)


# A chart that gets a reassuring card when all of it can be read, and one with a red flag.
CALM, CRP = fixture("initial-care"), fixture("red-flag-crp")
REASSURING = ("no red flag recorded", "no red flags recorded")
GOAL = {"resourceType": "Goal", "lifecycleStatus": "active", "subject": {"reference": "Patient/syn-002"}}


def is_reassuring(cards: list[dict[str, Any]]) -> bool:
    """Whether any card says that no red flag is recorded."""
    text = json.dumps(cards).lower()
    return any(words in text for words in REASSURING)


def paged(base: str, pages: int, size: int = 2) -> Callable[[Asked], Reply]:
    """Goals on so many pages; the last has no link."""

    def answer(asked: Asked) -> Reply:
        page = int(asked.params.get("page", ["1"])[0])
        found = [GOAL | {"id": f"g-{page}-{n}"} for n in range(size)]
        link = [{"relation": "next", "url": f"{base}/Goal?page={page + 1}"}] if page < pages else []
        return as_json(searchset(*found, total=pages * size, link=link))

    return answer
