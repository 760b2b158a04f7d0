"""Answers: JSON, every error as an OperationOutcome, the headers of every answer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec
from flask import Response, request
from werkzeug import exceptions as http

from cds_service import telemetry
from cds_service.errors import MethodNotAllowed, NotFound, OperatorUnknown, ServiceError, Unauthorized
from cds_service.metrics import Metrics
from cds_service.protocol.outcome import operation_outcome
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Blueprint

# Where the correlation ids of a request stand in its environment.
CORRELATION = "cds.correlation"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
# Sent where the public base URL is https: a browser never tries http again for a year.
TRANSPORT_SECURITY = ("Strict-Transport-Security", "max-age=31536000")


def json_response(body: dict[str, Any], status: int = 200) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(body), status, content_type="application/json")


class Answers(Value, frozen=True, gc=True):
    """What every answer has in common.

    Attributes:
        metrics: Told of every refusal and failure.
        is_https: The public base URL is https.
    """

    metrics: Metrics = msgspec.field(default_factory=Metrics)
    is_https: bool = False

    def attach(self, routes: Blueprint) -> None:
        """Hold for every answer of the application, whoever makes it."""
        routes.app_errorhandler(Exception)(self.answer_error)
        routes.after_app_request(self.add_headers)

    def answer_error(self, error: Exception) -> Response:
        """Any error as an OperationOutcome; what was not raised on purpose is a 500 with a constant text."""
        known = _as_service_error(error)
        if known is None:
            return self._failure(error)
        reason = known.reason if isinstance(known, Unauthorized) else None
        telemetry.emit(
            telemetry.REQUEST_REFUSED,
            error_code=known.code,
            status=int(known.status),
            names=list(known.names),
            reason=reason,
            client=known.client if isinstance(known, Unauthorized) else None,
        )
        self.metrics.refused(known.code, int(known.status), reason)
        response = json_response(operation_outcome(known), known.status)
        if isinstance(error, http.MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        if isinstance(known, Unauthorized):
            response.headers["WWW-Authenticate"] = "Bearer"
        if isinstance(known, OperatorUnknown):
            response.headers["WWW-Authenticate"] = 'Basic realm="operators", charset="UTF-8"'
        if known.retry_after is not None:
            response.headers["Retry-After"] = str(known.retry_after)
        return response

    def _failure(self, error: Exception) -> Response:
        correlation_id = str(uuid4())
        telemetry.emit(
            telemetry.REQUEST_FAILED,
            logging.ERROR,
            correlation_id=correlation_id,
            error_type=type(error).__name__,
            where=telemetry.frames(error),
        )
        failure = ServiceError()
        self.metrics.refused(failure.code, int(failure.status))
        return json_response(operation_outcome(failure, correlation_id), failure.status)

    def add_headers(self, response: Response) -> Response:
        """Headers of every answer; nothing about a patient may stay in a cache."""
        headers = response.headers
        present = {name.lower() for name in headers.keys()}  # noqa: SIM118 - iterating them gives pairs
        for name, value in self._of_every_answer():
            if name.lower() not in present:
                headers.add(name, value)
        return response

    def _of_every_answer(self) -> Iterator[tuple[str, str]]:
        yield from HEADERS.items()
        if self.is_https:
            yield TRANSPORT_SECURITY
        if about := request.environ.get(CORRELATION):
            yield "X-Request-Id", about.request_id


def _as_service_error(error: Exception) -> ServiceError | None:
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, http.MethodNotAllowed):
        return MethodNotAllowed()
    return NotFound() if isinstance(error, http.NotFound) else None
