"""The routes: discovery, call, health; every error to an OperationOutcome in one handler."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec
from flask import Blueprint, Response, request
from werkzeug import exceptions as http

from cds_service import telemetry
from cds_service.advise import Advised, Question
from cds_service.errors import MethodNotAllowed, NotFound, OtherFhirVersion, ServiceError
from cds_service.fhir_access.plain import read_plain_request
from cds_service.hooks.body import read_body
from cds_service.hooks.registry import SERVICES, Service, check_id, find
from cds_service.protocol.discovery import discovery
from cds_service.protocol.outcome import operation_outcome
from cds_service.protocol.request import parse_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cds_service.fhir_access.gather import Call
    from cds_service.protocol.request import HookRequest

DISCOVERY_MAX_AGE_SECONDS = 300
NO_ADVICE: dict[str, Any] = {"cards": []}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What the routes need.

    Attributes:
        advise: Answers one question.
        max_body_bytes: Largest request body.
        versions: Version of each part of the knowledge, for readiness and the log.
        standing: What else readiness says.
    """

    advise: Callable[[Question], Advised]
    max_body_bytes: int
    versions: Mapping[str, str] = field(default_factory=dict)
    standing: Callable[[], Mapping[str, Any]] = dict

    def blueprint(self) -> Blueprint:
        """The routes with their error handler and headers."""
        routes = Blueprint("cds", __name__)
        routes.add_url_rule("/cds-services", view_func=self.discover, methods=["GET"])
        routes.add_url_rule("/cds-services/<service_id>", view_func=self.call, methods=["POST"])
        routes.add_url_rule("/healthz", view_func=self.health, methods=["GET"])
        routes.add_url_rule("/readyz", view_func=self.ready, methods=["GET"])
        routes.app_errorhandler(Exception)(answer_error)
        routes.after_app_request(add_headers)
        return routes

    def discover(self) -> Response:
        """``GET /cds-services``."""
        response = json_response(discovery(tuple(service.description for service in SERVICES)))
        response.headers["Cache-Control"] = f"max-age={DISCOVERY_MAX_AGE_SECONDS}"
        return response

    def call(self, service_id: str) -> Response:
        """``POST /cds-services/<id>``."""
        began = time.perf_counter()
        check_id(service_id)
        body = read_body(request.environ, self.max_body_bytes)
        plain = read_plain_request(body)
        hook_request = plain or parse_request(body)
        service = find(service_id, hook_request.hook)
        careful = partial(_careful_call, service, body) if plain else None
        response, fields = self._answer(service, hook_request, careful)
        milliseconds = round((time.perf_counter() - began) * 1000, 2)
        telemetry.emit(
            telemetry.ADVICE_GIVEN,
            service=service_id,
            hook=service.description.hook,
            hook_instance=telemetry.uuid_or_none(hook_request.hook_instance),
            duration_ms=milliseconds,
            cards=len(response["cards"]),
            **{**self.versions, **fields},
        )
        return json_response(response)

    def _answer(
        self, service: Service, hook_request: HookRequest, careful: Callable[[], Call] | None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The body of the answer, and what the log says about how it came about."""
        call = service.read_call(hook_request)
        if service.is_silent_for(call):
            return NO_ADVICE, {"reason": telemetry.LAY_USER}
        try:
            advised = self.advise(Question(service.description.id, hook_request.hook_instance, call, careful))
        except OtherFhirVersion:
            return NO_ADVICE, {"reason": telemetry.OTHER_FHIR_VERSION}
        return advised.response, advised.log_fields()

    def health(self) -> Response:
        """``GET /healthz``: the process lives."""
        return json_response({"status": "ok"})

    def ready(self) -> Response:
        """``GET /readyz``: the knowledge is loaded, or this application would not have been made."""
        return json_response({"status": "ready", **self.versions, **self.standing()})


def _careful_call(service: Service, body: bytes) -> Call:
    return service.read_call(parse_request(body))


def json_response(body: dict[str, Any], status: int = 200) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(body), status, content_type="application/json")


def answer_error(error: Exception) -> Response:
    """Any error as an OperationOutcome; what we did not raise on purpose is a 500 with a constant text."""
    known = _as_service_error(error)
    if known is None:
        return _failure(error)
    telemetry.emit(
        telemetry.REQUEST_REFUSED, error_code=known.code, status=int(known.status), names=list(known.names)
    )
    response = json_response(operation_outcome(known), known.status)
    if isinstance(error, http.MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _as_service_error(error: Exception) -> ServiceError | None:
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, http.MethodNotAllowed):
        return MethodNotAllowed()
    return NotFound() if isinstance(error, http.NotFound) else None


def _failure(error: Exception) -> Response:
    correlation_id = str(uuid4())
    telemetry.emit(
        telemetry.REQUEST_FAILED,
        logging.ERROR,
        correlation_id=correlation_id,
        error_type=type(error).__name__,
        where=telemetry.frames(error),
    )
    failure = ServiceError()
    return json_response(operation_outcome(failure, correlation_id), failure.status)


def add_headers(response: Response) -> Response:
    """Headers of every answer; nothing about a patient may stay in a cache."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
