"""A request answered as the endpoint answers it, with everything in between kept to be looked at."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from cds_service.advise import Question, advise
from cds_service.errors import OtherFhirVersion, ServiceError
from cds_service.fhir_access.templates import PATIENT_KEY
from cds_service.hooks.registry import SERVICES, find
from cds_service.pages.playground.asked import NotUnderstood
from cds_service.pages.playground.cases import keys_of
from cds_service.protocol.outcome import operation_outcome
from cds_service.protocol.request import parse_request
from cds_service.records_evaluation.load import Record
from cds_service.records_evaluation.request import build_request
from cds_service.value import Value

if TYPE_CHECKING:
    from datetime import date, datetime

    from cds_service.advise import Advised, Knowledge

NOTHING: dict[str, Any] = {"cards": []}


class Outcome(Value, frozen=True):
    """What came of one request.

    Attributes:
        body: The request, as sent.
        service_id: Service that was asked; "" where none could be.
        status: HTTP status.
        response: Body of the answer.
        advised: What it was made from; None where nothing was evaluated.
        note: Why nothing was evaluated.
    """

    body: bytes
    service_id: str
    status: int
    response: dict[str, Any]
    advised: Advised | None = None
    note: str = ""

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards; none in a refusal."""
        found: list[dict[str, Any]] = self.response.get("cards", [])
        return found


def answer(body: bytes, knowledge: Knowledge, now: datetime, links_base: str | None) -> Outcome:
    """The outcome of a request at a moment; nothing is logged, nothing kept."""
    service_id = ""
    try:
        request = parse_request(body)
        service_id = next((s.description.id for s in SERVICES if s.description.hook == request.hook), "")
        service = find(service_id, request.hook)
        call = service.read_call(request)
        if service.is_silent_for(call):
            return Outcome(body, service_id, HTTPStatus.OK, NOTHING, note="The user is not a clinician.")
        question = Question(service_id, request.hook_instance, call)
        advised = advise(question, knowledge, lambda: now, links_base=links_base)
    except OtherFhirVersion as error:
        return Outcome(body, service_id, HTTPStatus.OK, NOTHING, note=error.public_message)
    except ServiceError as error:
        return Outcome(body, service_id, int(error.status), operation_outcome(error))
    return Outcome(body, service_id, HTTPStatus.OK, advised.response, advised)


def as_request(pasted: str, as_of: date) -> bytes:
    """What was pasted, as a request: a Bundle becomes the call an EHR would make with that record.

    Raises:
        NotUnderstood: It is a Bundle nobody can be found in.
    """
    body = pasted.encode("utf-8", "replace")
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return body  # the endpoint says what is wrong with it
    if not isinstance(content, dict) or content.get("resourceType") != "Bundle":
        return body
    found = tuple(
        entry["resource"]
        for entry in content.get("entry") or ()
        if isinstance(entry, dict)
        and isinstance(entry.get("resource"), dict)
        and isinstance(entry["resource"].get("resourceType"), str)
    )
    patients = [r for r in found if r["resourceType"] == "Patient" and isinstance(r.get("id"), str)]
    if not patients:
        raise NotUnderstood(f"The Bundle has no {PATIENT_KEY} with an id, so nobody can be asked about.")
    request = build_request(Record("pasted", 1, found), keys_of("patient-view"), as_of)
    return msgspec.json.encode(request)
