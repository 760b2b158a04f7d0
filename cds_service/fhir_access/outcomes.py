"""What one query to a FHIR server came to: a fixed list, for the log and metrics."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How a query ended."""

    OK = "ok"
    UNAUTHORIZED = "unauthorized"  # 401
    FORBIDDEN = "forbidden"  # 403
    NOT_FOUND = "not-found"  # 404
    GONE = "gone"  # 410
    REJECTED = "rejected"  # any other 4xx: the server does not take the query
    THROTTLED = "throttled"  # 429
    SERVER_ERROR = "server-error"  # 5xx
    REDIRECT = "redirect"  # 3xx: never followed
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"  # no connection, or one that broke before the answer
    REFUSED_ADDRESS = "refused-address"  # the name leads to an address that is not allowed
    TRUNCATED = "truncated"  # the answer broke off, or is no whole JSON
    NOT_FHIR = "not-fhir"  # another content type, an empty body, HTML
    TOO_LARGE = "too-large"
    FAILURE_REPORTED = "failure-reported"  # 200 with nothing but an OperationOutcome that says error
    UNEXPECTED = "unexpected"  # a resource that was not asked for
    CIRCUIT_OPEN = "circuit-open"  # not called, the server has not answered lately
    INTERNAL = "internal"  # a mistake of ours

    @property
    def is_fault_of_server(self) -> bool:
        """Whether asking the server for something else is likely to end the same way."""
        return self in _FAULTS


_FAULTS = frozenset({Outcome.THROTTLED, Outcome.SERVER_ERROR, Outcome.TIMEOUT, Outcome.UNREACHABLE})

_BY_STATUS = {
    200: Outcome.OK,
    401: Outcome.UNAUTHORIZED,
    403: Outcome.FORBIDDEN,
    404: Outcome.NOT_FOUND,
    410: Outcome.GONE,
    429: Outcome.THROTTLED,
}
_BY_CLASS = {3: Outcome.REDIRECT, 4: Outcome.REJECTED, 5: Outcome.SERVER_ERROR}


def of_status(status: int) -> Outcome:
    """The outcome an HTTP status means by itself; what is no answer to a read is not FHIR."""
    return _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, Outcome.NOT_FHIR)
