"""What the server refuses by itself, in the form of every other error: body, headers, log line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge, RequestHeaderFieldsTooLarge, ServerNotImplemented

from cds_service import errors, telemetry
from cds_service.app import EXPOSED_HEADERS
from cds_service.hooks.answers import HEADERS, TRANSPORT_SECURITY
from cds_service.protocol.outcome import operation_outcome

if TYPE_CHECKING:
    from waitress.parser import HTTPRequestParser

    from cds_service.reception import Reception


class OutcomeTask(ErrorTask):
    """waitress's own refusals as OperationOutcome."""

    def execute(self) -> None:
        """Answer and close."""
        server = self.channel.server
        about = telemetry.correlate(self.request.headers.get("TRACEPARENT"))
        try:
            error = as_service_error(self.request.error)
            server.on_refusal(error)
            body = msgspec.json.encode(operation_outcome(error))
            self.status = f"{error.status.value} {error.status.phrase}"
            self.response_headers += _headers(error, str(about.request_id), server.reception.is_https)
            self.response_headers += _for_browsers(self.request, server.reception)
            self.set_close_on_finish()
            self.content_length = len(body)
            self.write(body)
        finally:
            telemetry.correlate_no_more()


def _headers(error: errors.ServiceError, request_id: str, is_https: bool) -> list[tuple[str, str]]:
    found = {
        "Content-Type": "application/json",
        "X-Request-Id": request_id,
        **HEADERS,
    }
    if error.retry_after is not None:
        found["Retry-After"] = str(error.retry_after)
    return [*found.items(), *([TRANSPORT_SECURITY] if is_https else ())]


def _for_browsers(request: HTTPRequestParser, reception: Reception) -> list[tuple[str, str]]:
    """What lets a browser client read the refusal, where the path and the origin could still be read."""
    if not reception.origins:
        return []
    found = [("Vary", "Origin")]
    origin = request.headers.get("ORIGIN", "")
    is_allowed = origin.lower() in {allowed.lower() for allowed in reception.origins}
    if is_allowed and reception.is_for_clients(getattr(request, "path", "")):
        found.append(("Access-Control-Allow-Origin", origin))
        found.append(("Access-Control-Expose-Headers", ", ".join(EXPOSED_HEADERS)))
    return found


def as_service_error(error: Any) -> errors.ServiceError:
    """The error as one of ours; waitress's own are told apart by class."""
    if isinstance(error, errors.ServiceError):
        return error
    if isinstance(error, RequestEntityTooLarge):
        return errors.BodyTooLarge()
    if isinstance(error, RequestHeaderFieldsTooLarge):
        return errors.HeadersTooLarge()
    if isinstance(error, ServerNotImplemented):
        return errors.TransferCodingUnknown()
    return errors.NotHttp() if error.code == errors.NotHttp.status else errors.ServiceError()
