"""Who is calling, as far as it was verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_access.allow_list import AllowList


class Caller(Value, frozen=True):
    """A client whose token was verified.

    Attributes:
        name: Our short name of the client; "" is a caller nobody verified.
        issuer: Issuer of its token, "" without one.
        servers: FHIR servers that may be called for it; None: nobody was verified, the setting's list holds.
    """

    name: str = ""
    issuer: str = ""
    servers: AllowList | None = None


ANYONE = Caller()
