"""What is written to the log: one JSON object a line, a constant event name, fields of a fixed list.

Nothing about a patient is ever loggable: no resource, name, id, date or text of a request, no URL, no token.
Held by a test that plants a marker in every field of a request and looks for it here.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

import msgspec

from cds_service.value import Value

LOGGER = "cds_service"

SERVICE_STARTED = "service_started"
SERVICE_STOPPED = "service_stopped"
ADVICE_GIVEN = "advice_given"
FHIR_READ = "fhir_read"
VALUE_SETS_EXPANDED = "value_sets_expanded"
FETCH_FAILED = "fetch_failed"
REQUEST_REFUSED = "request_refused"
REQUEST_FAILED = "request_failed"
LIBRARY_MESSAGE = "library_message"
KEYS_UNAVAILABLE = "keys_unavailable"
STORE_FAILED = "store_failed"
FEEDBACK_KEPT = "feedback_kept"
SELF_TEST_FAILED = "self_test_failed"
# Reasons of an answer without evaluation.
LAY_USER = "lay-user"
OTHER_FHIR_VERSION = "other-fhir-version"

LOGGABLE = frozenset(
    {
        "as_of_fixed",  # bool: CDS_AS_OF is set
        "callers",  # verified, or anyone in development
        "cards",  # number of cards
        "client",  # our name of a registered client
        "correlation_id",  # ours, also in the 500 answer
        "data_states",  # prefetch key -> state
        "dropped",  # reason -> number of entries not used
        "duration_ms",
        "error_code",
        "codes_added",  # number of codes a terminology server added
        "error_type",  # name of an exception class
        "expansions",  # outcome -> number of value sets
        "fhir_outcomes",  # outcome -> number of queries
        "fhir_server",  # host and port of a server on our own list
        "guideline_version",
        "hook",
        "hook_instance",  # only when it is a UUID
        "host",
        "level",
        "names",  # members or prefetch keys an error is about
        "port",
        "reason",  # why a call was refused, or answered without being evaluated
        "received",  # items of feedback that could be used
        "rejected",  # items of feedback that could not
        "request_id",  # ours, also in the answer's headers
        "rules",  # rule ids of the cards
        "service",
        "silent",  # bool: the client's profile shows no cards
        "source",  # module:line that spoke
        "status",
        "terminology_version",
        "trace_id",  # of the caller's traceparent header
        "unreadable",  # number of resources that could not be decoded
        "vignettes",  # names of our own embedded ones
        "waiting",  # number of calls that wait to be written
        "workers",  # number of processes that answer
        "where",  # frames of a traceback, without its message
        "wrong_patient",  # number of resources of someone else
    }
)

Loggable = str | int | float | bool | list[str] | dict[str, str] | dict[str, int] | None


class Correlation(Value, frozen=True):
    """What ties the lines of one request together.

    Attributes:
        request_id: Ours; 16 hexadecimal digits.
        trace_id: Of the caller, 32 hexadecimal digits.
        traceparent: The caller's header as received, when it is well formed: goes on to who we call.
    """

    request_id: str | None = None
    trace_id: str | None = None
    traceparent: str | None = None


NO_CORRELATION = Correlation()
CORRELATION: ContextVar[Correlation] = ContextVar("correlation", default=NO_CORRELATION)
# https://www.w3.org/TR/trace-context/: all zeros and version ff are not valid.
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def correlate(traceparent: str | None) -> Correlation:
    """The correlation of the request that this thread begins to answer."""
    match = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    found = Correlation(secrets.token_hex(8), match and match[1], match and match[0])
    CORRELATION.set(found)
    return found


def correlate_no_more() -> None:
    """The request of this thread is answered."""
    CORRELATION.set(NO_CORRELATION)


def emit(event: str, level: int = logging.INFO, **fields: Loggable) -> None:
    """Write one event; fields that are not LOGGABLE, or empty, are left out."""
    log = logging.getLogger(LOGGER)
    if not log.isEnabledFor(level):
        return
    kept = {name: value for name, value in fields.items() if (value or value == 0) and name in LOGGABLE}
    about = CORRELATION.get()
    if about.request_id:
        kept["request_id"] = about.request_id
    if about.trace_id:
        kept["trace_id"] = about.trace_id
    # Made here, since the event says who spoke: looking for the caller costs half as much as the line.
    log.handle(log.makeRecord(LOGGER, level, "", 0, event, (), None, extra={"fields": kept}))


def uuid_or_none(text: str) -> str | None:
    """The text when it is a UUID in its usual form (8-4-4-4-12 digits): any other id could name a person.

    Of 32 digits without dashes, two record numbers in a row are some too.
    """
    return text.lower() if _UUID.fullmatch(text) else None


def frames(error: BaseException) -> list[str]:
    """Where an exception came from, as ``file:line function``; never its message, which may quote data."""
    return [
        f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}"
        for f in traceback.extract_tb(error.__traceback__)
    ]


class JsonLines(logging.Formatter):
    """Our events with their fields; of other libraries only who spoke and where, never their text."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        }
        line["level"] = record.levelname
        if record.name == LOGGER:
            line |= {"event": record.getMessage()} | getattr(record, "fields", {})
        else:
            line |= {"event": LIBRARY_MESSAGE, "source": f"{record.name}.{record.module}:{record.lineno}"}
            if record.exc_info and record.exc_info[1]:
                line |= {"error_type": type(record.exc_info[1]).__name__, "where": frames(record.exc_info[1])}
        return msgspec.json.encode(line).decode()


def set_up(stream: TextIO = sys.stderr) -> None:
    """Send every log record of the process through JsonLines."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(LOGGER).setLevel(logging.INFO)
