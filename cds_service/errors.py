"""Every error we raise on purpose."""

from __future__ import annotations

from http import HTTPStatus


class StartError(Exception):
    """Something the service needs at its start is wrong; the message says what, where and what to do."""


class GuidelineError(StartError):
    """The guideline data is not usable; names file and key."""


class TerminologyError(StartError):
    """A value set is not usable; names file and line."""


class SettingsError(StartError):
    """A setting has a bad value; names the setting."""


class RegistryError(StartError):
    """The registry of clients is not usable; names the client."""


class StoreError(StartError):
    """The store cannot be used; says what to do."""


class ProfileError(StartError):
    """The client profiles are not usable; names the setting."""


class ServerError(StartError):
    """The server cannot listen; says where and what to do."""


class ServiceError(Exception):
    """An error with an HTTP answer.

    ``public_message`` is a constant, so nothing about a patient can slip into it; ``str(error)`` is for us:
    keys, ids of ours and counts.

    Attributes:
        code: Stable; clients and dashboards rely on it.
        issue_type: From http://hl7.org/fhir/issue-type.
        retry_after: Seconds after which another try makes sense; None: it makes none.
        names: What it is about, from our own vocabulary alone (members, prefetch keys), never from the
            request; one issue is reported for each.
    """

    code = "internal"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    issue_type = "exception"
    public_message = "The service could not answer. The failure was logged."
    retry_after: int | None = None

    def __init__(self, *names: str) -> None:
        super().__init__(self.code, *names)
        self.names = names


class NotJson(ServiceError):
    """The body is not a JSON object in UTF-8."""

    code = "not-json"
    status = HTTPStatus.BAD_REQUEST
    issue_type = "structure"
    public_message = "The request body is not a JSON object (RFC 8259, UTF-8)."


class BodyIncomplete(ServiceError):
    """The client stopped sending before the announced end."""

    code = "body-incomplete"
    status = HTTPStatus.BAD_REQUEST
    issue_type = "structure"
    public_message = "The request body is shorter than its Content-Length."


class MemberMissing(ServiceError):
    """A required member of the request or its context is missing or empty."""

    code = "member-missing"
    status = HTTPStatus.BAD_REQUEST
    issue_type = "required"
    public_message = "A required member of the CDS Hooks request is missing"


class MemberInvalid(ServiceError):
    """A member of the request or its context has the wrong type or form."""

    code = "member-invalid"
    status = HTTPStatus.BAD_REQUEST
    issue_type = "structure"
    public_message = "A member of the CDS Hooks request has the wrong type or form"


class HookMismatch(ServiceError):
    """The body names a hook that the service at this path does not answer."""

    code = "hook-mismatch"
    status = HTTPStatus.BAD_REQUEST
    issue_type = "invalid"
    public_message = (
        "The service at this path does not answer the hook named in the request; discovery says which does."
    )


class AuthorizationWithoutServer(ServiceError):
    """``fhirAuthorization`` is given, ``fhirServer`` is not."""

    code = "authorization-without-server"
    status = HTTPStatus.BAD_REQUEST
    issue_type = "required"
    public_message = "fhirServer is required when fhirAuthorization is given."


class Unauthorized(ServiceError):
    """The caller could not be verified; the answer is the same whatever the reason.

    Attributes:
        reason: From a fixed list, for the log and the metrics.
        client: Our name of the client, when the issuer is a registered one.
    """

    code = "unauthorized"
    status = HTTPStatus.UNAUTHORIZED
    issue_type = "login"
    public_message = "A valid token of a registered client is required."

    def __init__(self, reason: str, client: str | None = None) -> None:
        super().__init__()
        self.reason = reason
        self.client = client


class OperatorUnknown(ServiceError):
    """Metrics and insights are for operators, who show a token."""

    code = "operator-unknown"
    status = HTTPStatus.UNAUTHORIZED
    issue_type = "login"
    public_message = "This page is for the operators of the service."


class RateLimited(ServiceError):
    """The client called more often than was agreed."""

    code = "rate-limited"
    status = HTTPStatus.TOO_MANY_REQUESTS
    issue_type = "throttled"
    public_message = "More requests than agreed for this client; try again later."
    retry_after = 30


class Overloaded(ServiceError):
    """More requests wait than can be answered in time."""

    code = "overloaded"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    issue_type = "transient"
    public_message = "The service is busy; try again shortly."
    retry_after = 1


class StoreUnavailable(ServiceError):
    """What has to be kept or looked up could not be."""

    code = "store-unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    issue_type = "transient"
    public_message = (
        "The service cannot reach its store; nothing of this request was kept. Try again shortly."
    )
    retry_after = 5


class NotFound(ServiceError):
    """No such path."""

    code = "not-found"
    status = HTTPStatus.NOT_FOUND
    issue_type = "not-found"
    public_message = "There is nothing at this path. Discovery is at /cds-services."


class UnknownService(ServiceError):
    """No CDS service has this id."""

    code = "unknown-service"
    status = HTTPStatus.NOT_FOUND
    issue_type = "not-found"
    public_message = "There is no CDS service with this id. Discovery at /cds-services lists them."


class MethodNotAllowed(ServiceError):
    """The path exists, the method does not."""

    code = "method-not-allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED
    issue_type = "not-supported"
    public_message = "This method is not allowed here; the Allow header lists those that are."


class LengthRequired(ServiceError):
    """Neither a Content-Length nor a chunked body."""

    code = "length-required"
    status = HTTPStatus.LENGTH_REQUIRED
    issue_type = "required"
    public_message = "A Content-Length (or a chunked body) is required."


class BodyTooLarge(ServiceError):
    """The body is over the configured limit."""

    code = "body-too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    issue_type = "too-long"
    public_message = "The request body is over the size limit of this service."


class FeedbackTooLong(ServiceError):
    """More items in one request than are taken at once."""

    code = "feedback-too-long"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    issue_type = "too-long"
    public_message = "More than 1000 feedback items: nothing was kept. Send them in several requests."


class UnsupportedMediaType(ServiceError):
    """The body is not announced as JSON."""

    code = "unsupported-media-type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    issue_type = "not-supported"
    public_message = "The Content-Type has to be application/json."


class ClinicalDataUnavailable(ServiceError):
    """Required prefetch is absent and cannot be fetched (CDS Hooks: 412)."""

    code = "clinical-data-unavailable"
    status = HTTPStatus.PRECONDITION_FAILED
    issue_type = "processing"
    public_message = "Required data could not be obtained, neither from prefetch nor from a FHIR server"


class HeadersTooLarge(ServiceError):
    """The request line and headers are over the server's limit."""

    code = "headers-too-large"
    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    issue_type = "too-long"
    public_message = "The request headers are over the size limit of this service."


class NotHttp(ServiceError):
    """What was sent is not a request the server can follow."""

    code = "not-http"
    status = HTTPStatus.BAD_REQUEST
    issue_type = "structure"
    public_message = "This is not a well-formed HTTP/1.1 request."


class TransferCodingUnknown(ServiceError):
    """A transfer coding other than chunked."""

    code = "transfer-coding-unknown"
    status = HTTPStatus.NOT_IMPLEMENTED
    issue_type = "not-supported"
    public_message = "Of the transfer codings only chunked is supported."


class OtherFhirVersion(ServiceError):
    """The data is of FHIR DSTU2 or STU3, which the pathway does not read: no advice, and a log line."""

    code = "other-fhir-version"
    issue_type = "not-supported"
    public_message = "The pathway reads FHIR R4 only."


class CardError(ServiceError):
    """A card could not be written: code and guideline data do not fit together."""

    code = "card"
