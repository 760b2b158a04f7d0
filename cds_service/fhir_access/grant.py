"""What a client lets us read: its FHIR server, and a token for it. Lives no longer than the call."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cds_service.protocol.request import FhirAuthorization, HookRequest

# What may stand in a header (RFC 6750 is narrower; servers are not).
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
# An id in a URL: FHIR's own characters, and the underscore some servers use. Dots alone would climb a path.
_ID = re.compile(r"(?!\.+$)[A-Za-z0-9._-]{1,128}")

NOT_LISTED = "not-listed"
NO_TOKEN = "no-token"  # noqa: S105 - the name of a reason
BAD_TOKEN = "bad-token"  # noqa: S105
OTHER_PATIENT = "other-patient"
ODD_ID = "odd-id"


@dataclass(frozen=True, slots=True)
class Grant:
    """``fhirServer`` and ``fhirAuthorization`` of one call.

    Attributes:
        server: As the client wrote it: compared with a list, never called.
        token: Access token; kept out of every representation.
        patient: The one patient the token is for, if it is for one.
    """

    server: str
    token: str | None = field(default=None, repr=False)
    patient: str | None = None

    def refusal(self, patient_id: str, *, is_open: bool) -> str | None:
        """Why nothing may be read with it for this patient; None when it may be used."""
        if self.patient is not None and self.patient.rpartition("/")[2] != patient_id:
            return OTHER_PATIENT
        if not _ID.fullmatch(patient_id):
            return ODD_ID
        if self.token is None:
            return None if is_open else NO_TOKEN
        return None if _TOKEN.fullmatch(self.token) else BAD_TOKEN


def read_grant(request: HookRequest) -> Grant | None:
    """The grant of a hook call; None without a server."""
    if not request.fhir_server:
        return None
    given = request.fhir_authorization
    if given is None:
        return Grant(request.fhir_server)
    token = given.access_token if _is_current_bearer(given) else ""
    return Grant(request.fhir_server, token, given.patient or None)


def _is_current_bearer(given: FhirAuthorization) -> bool:
    """Whether the token may be sent as a bearer token, and has not expired when it arrives."""
    if given.token_type is not None and str(given.token_type).lower() != "bearer":
        return False
    try:
        return given.expires_in is None or float(given.expires_in) > 0
    except (TypeError, ValueError, OverflowError):
        return True  # nobody can tell; the server will
