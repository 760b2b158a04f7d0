"""The routes for clients: discovery, call and feedback."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Blueprint, Response, request
from msgspec import structs

from cds_service import telemetry
from cds_service.advise import Advised, Question
from cds_service.caller import ANYONE
from cds_service.errors import OtherFhirVersion, StoreUnavailable
from cds_service.fhir_access.plain import read_plain_request
from cds_service.hooks import feedback, shown
from cds_service.hooks.answers import Answers, json_response
from cds_service.hooks.body import read_body
from cds_service.hooks.registry import SERVICES, Service, check_id, find
from cds_service.protocol.discovery import discovery
from cds_service.protocol.feedback import NAMED_PROBLEMS, read_feedback
from cds_service.protocol.request import parse_request
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Protocol

    from cds_service.caller import Caller
    from cds_service.fhir_access.gather import Call
    from cds_service.protocol.request import HookRequest
    from cds_service.records.recorder import Recorder

    class Authenticate(Protocol):
        """Says who calls, from the Authorization header."""

        def __call__(  # noqa: D102 - the class says it
            self, authorization: str | None, service_id: str, *, is_feedback: bool = False
        ) -> Caller: ...


DISCOVERY_MAX_AGE_SECONDS = 300
NO_ADVICE: dict[str, Any] = {"cards": []}


class Endpoints(Value, frozen=True, gc=True):
    """What the routes need.

    Attributes:
        advise: Answers one question.
        max_body_bytes: Largest request body.
        versions: Version of each part of the knowledge, for readiness and the log.
        authenticate: Verifies a caller; None lets everyone in.
        recorder: Keeps what was shown and what became of it; None keeps nothing and refuses feedback.
        reasons: Codes of our override reasons.
        answers: What every answer has in common.
    """

    advise: Callable[[Question], Advised]
    max_body_bytes: int
    versions: Mapping[str, str] = msgspec.field(default_factory=dict)
    authenticate: Authenticate | None = None
    recorder: Recorder | None = None
    reasons: Collection[str] = frozenset()
    answers: Answers = msgspec.field(default_factory=Answers)

    def blueprint(self) -> Blueprint:
        """The routes with their error handler and headers."""
        routes = Blueprint("cds", __name__)
        routes.add_url_rule("/cds-services", view_func=self.discover, methods=["GET"])
        routes.add_url_rule("/cds-services/<service_id>", view_func=self.call, methods=["POST"])
        routes.add_url_rule("/cds-services/<service_id>/feedback", view_func=self.feedback, methods=["POST"])
        self.answers.attach(routes)
        return routes

    def discover(self) -> Response:
        """``GET /cds-services``; open to everyone, there is nothing in it to protect."""
        response = json_response(discovery(tuple(service.description for service in SERVICES)))
        response.headers["Cache-Control"] = f"max-age={DISCOVERY_MAX_AGE_SECONDS}"
        return response

    def call(self, service_id: str) -> Response:
        """``POST /cds-services/<id>``."""
        began = time.perf_counter()
        check_id(service_id)
        caller = self._caller(service_id)
        body = read_body(request.environ, self.max_body_bytes)
        plain = read_plain_request(body)
        hook_request = plain or parse_request(body)
        service = find(service_id, hook_request.hook)
        careful = partial(_careful_call, service, body, caller) if plain else None
        outcome = self._advised(service, hook_request, careful, caller)
        response = NO_ADVICE if isinstance(outcome, str) else outcome.response
        fields: dict[str, Any] = {"reason": outcome} if isinstance(outcome, str) else outcome.log_fields()
        seconds = time.perf_counter() - began
        telemetry.emit(
            telemetry.ADVICE_GIVEN,
            service=service_id,
            hook=service.description.hook,
            client=caller.name or None,
            hook_instance=telemetry.uuid_or_none(hook_request.hook_instance),
            duration_ms=round(seconds * 1000, 2),
            cards=len(response["cards"]),
            **{**self.versions, **fields},
        )
        self._keep(service, caller, hook_request, outcome, seconds)
        return json_response(response)

    def _caller(self, service_id: str, *, is_feedback: bool = False) -> Caller:
        if self.authenticate is None:
            return ANYONE
        authorization = request.environ.get("HTTP_AUTHORIZATION")
        return self.authenticate(authorization, service_id, is_feedback=is_feedback)

    def _advised(
        self,
        service: Service,
        hook_request: HookRequest,
        careful: Callable[[], Call] | None,
        caller: Caller,
    ) -> Advised | str:
        """The evaluation, or why there was none."""
        call = _bound(service.read_call(hook_request), caller)
        if service.is_silent_for(call):
            return telemetry.LAY_USER
        question = Question(
            service.description.id, hook_request.hook_instance, call, careful, client=caller.issuer
        )
        try:
            return self.advise(question)
        except OtherFhirVersion:
            return telemetry.OTHER_FHIR_VERSION

    def _keep(
        self,
        service: Service,
        caller: Caller,
        hook_request: HookRequest,
        outcome: Advised | str,
        seconds: float,
    ) -> None:
        """Count the call, and keep what it showed."""
        description = service.description
        if self.recorder is not None:
            self.recorder.answered(
                shown.as_kept(description, caller, hook_request.hook_instance, outcome, self.versions)
            )
        counted = shown.as_counted(outcome)
        self.answers.metrics.answered(description.hook, caller.name, seconds, counted)

    def feedback(self, service_id: str) -> Response:
        """``POST /cds-services/<id>/feedback``: what became of cards; a 200 means it is on the disk."""
        check_id(service_id)
        caller = self._caller(service_id, is_feedback=True)
        items, problems = read_feedback(read_body(request.environ, self.max_body_bytes))
        if self.recorder is None:
            raise StoreUnavailable
        kept = [feedback.as_kept(item, service_id, caller, self.reasons) for item in items]
        new = self.recorder.add_feedback(kept)
        telemetry.emit(
            telemetry.FEEDBACK_KEPT,
            service=service_id,
            client=caller.name or None,
            received=len(items),
            rejected=len(problems),
            names=problems[:NAMED_PROBLEMS],
        )
        self.answers.metrics.feedback(caller.name, [(item.outcome, item.reason) for item in kept], new)
        rejected = {"rejected": len(problems), "problems": problems[:NAMED_PROBLEMS]} if problems else {}
        return json_response({"received": len(items), **rejected})


def _careful_call(service: Service, body: bytes, caller: Caller) -> Call:
    return _bound(service.read_call(parse_request(body)), caller)


def _bound(call: Call, caller: Caller) -> Call:
    """The call with the FHIR servers of its verified caller, whatever ``fhirServer`` it names."""
    return call if caller.servers is None else structs.replace(call, servers=caller.servers)
