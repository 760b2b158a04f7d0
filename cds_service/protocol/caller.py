"""Who is calling, as far as it was verified."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """A client whose token was verified.

    Attributes:
        name: Our short name of the client; "" is a caller nobody verified.
        issuer: Issuer of its token, "" without one.
        fhir_servers: Base URLs of FHIR servers that may be called for it, without a slash at the end.
    """

    name: str = ""
    issuer: str = ""
    fhir_servers: tuple[str, ...] = ()


ANYONE = Caller()
