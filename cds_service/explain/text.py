"""One request explained to a person: inputs with their source, each rule's verdict and why, the cards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.advise import Advised, Question
from cds_service.cards.wording import Words
from cds_service.errors import OtherFhirVersion, ServiceError
from cds_service.hooks.order_context import DRAFTS
from cds_service.hooks.registry import SERVICES, Service
from cds_service.inspection.facts import fact_lines
from cds_service.inspection.input_check import check_resources
from cds_service.protocol.request import HookRequest, parse_request
from cds_service.vignettes.hook_requests import dated
from cds_service.wsgi import advisor, load_knowledge

if TYPE_CHECKING:
    from pathlib import Path

    from cds_service.advise import Knowledge
    from cds_service.config import Settings

_WIDTH = 26
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class NotExplainable(ValueError):
    """The request cannot be answered; says what the HTTP endpoint would have said."""


def explain_json(path: Path, settings: Settings) -> Iterator[str]:
    """The whole response as indented JSON."""
    try:
        response = _advised(path, settings)[1].response
    except OtherFhirVersion:
        response = {"cards": []}
    yield json.dumps(response, indent=2, ensure_ascii=False)


def explain_text(path: Path, settings: Settings) -> Iterator[str]:
    """The text, line by line.

    Raises:
        NotExplainable: The request is refused; says why.
    """
    try:
        request, advised, knowledge = _advised(path, settings)
    except OtherFhirVersion as error:
        yield f"{path.name}: {error.public_message} The answer has no cards."
        return
    case = advised.case
    yield f"{path.name} as of {case.as_of.isoformat()}, guideline {knowledge.guideline.version}"
    yield from _section("What was read", _data_lines(advised))
    yield from _section("What it says", fact_lines(case))
    yield from _section("Not valid FHIR R4 (advice does not depend on it)", check_resources(_sent(request)))
    yield from _section("What was worked out", _worked_out_lines(advised))
    yield from _section("What each rule made of it", _verdict_lines(advised, knowledge))
    yield from _section("Cards", _card_lines(advised.response["cards"]))


def _advised(path: Path, settings: Settings) -> tuple[HookRequest, Advised, Knowledge]:
    knowledge = load_knowledge(settings)
    try:
        request = parse_request(_body(path, settings))
        service = _service(path, request.hook)
        question = Question(service.description.id, request.hook_instance, service.read_call(request))
        return request, advisor(knowledge, settings)(question), knowledge
    except OtherFhirVersion:
        raise
    except ServiceError as error:
        names = f" ({', '.join(error.names)})" if error.names else ""
        raise NotExplainable(
            f"{path.name}: HTTP {error.status.value}: {error.public_message}{names}"
        ) from None


def _body(path: Path, settings: Settings) -> bytes:
    """What a client would send: days counted from today, as in the fixtures, are filled in."""
    body = path.read_bytes()
    try:
        return dated(body.decode(), settings.now().date()).encode() if b"{{" in body else body
    except UnicodeDecodeError:
        return body  # refused where it is parsed
    except (OverflowError, ValueError):
        raise NotExplainable(f"{path.name}: a date such as {{{{today-6}}}} in it is no day") from None


def _service(path: Path, hook: str) -> Service:
    found = next((service for service in SERVICES if service.description.hook == hook), None)
    if found is None:
        known = ", ".join(service.description.hook for service in SERVICES)
        raise NotExplainable(f"{path.name}: no service answers the hook '{hook}'; there are {known}")
    return found


def _sent(request: HookRequest) -> dict[str, msgspec.Raw]:
    """Everything of FHIR in the request, by key; drafts under ``draftOrders``."""
    drafts = _MEMBERS.decode(request.context).get(DRAFTS)
    return dict(request.prefetch or {}) | ({DRAFTS: drafts} if drafts is not None else {})


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    found = list(lines) or ["none"]
    yield ""
    yield title
    yield from (f"  {line}" for line in found)


def _data_lines(advised: Advised) -> Iterator[str]:
    for key, data in advised.gathered.data.keys.items():
        count = len(data.resources)
        yield f"{key:<{_WIDTH}} {data.state.value:<10} {count:>5} {'resource' if count == 1 else 'resources'}"
        for unread in data.unreadable:
            yield f"{'':<{_WIDTH}} could not be read: {unread.ref} {', '.join(unread.elements)}".rstrip()
    for reason, count in advised.gathered.dropped.items():
        yield f"{'not used':<{_WIDTH}} {reason}: {count}"
    if advised.case.readability.wrong_patient:
        yield f"{'not used':<{_WIDTH}} of another patient: {advised.case.readability.wrong_patient}"


def _worked_out_lines(advised: Advised) -> Iterator[str]:
    """The numbers the phase rules went by."""
    for name, value in advised.decision.facts.items():
        said = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield f"{name.replace('_', ' '):<{_WIDTH}} {said or 'nothing'}"


def _verdict_lines(advised: Advised, knowledge: Knowledge) -> Iterator[str]:
    words = Words(knowledge.guideline, advised.case.as_of)
    for verdict in advised.decision.verdicts:
        why = words.fill(f"why.{verdict.why}", verdict.slots)
        yield f"{verdict.rule:<17} {verdict.verdict.value:<13} {why}".rstrip()
        yield from (f"{'':<31} from {item.source.ref}" for item in verdict.evidence)


def _card_lines(cards: list[dict[str, Any]]) -> Iterator[str]:
    for number, card in enumerate(cards, start=1):
        yield f"{number}. {card['indicator'].upper()} {card['source']['topic']['code']}: {card['summary']}"
        yield from (f"   {line}".rstrip() for line in card.get("detail", "").splitlines())
        for suggestion in card.get("suggestions", ()):
            mark = " (recommended)" if suggestion.get("isRecommended") else ""
            yield f"   [ ] {suggestion['label']}{mark}"
