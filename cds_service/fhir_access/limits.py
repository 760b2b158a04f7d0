"""How long and how much may be read from a FHIR server."""

from __future__ import annotations

from cds_service.value import Value


class FetchLimits(Value, frozen=True):
    """Limits of reading from a FHIR server.

    Attributes:
        call_seconds: One query, its retry included.
        total_seconds: Everything that is read for one hook call.
        max_bytes: One answer, decompressed.
        max_pages: Pages of one search.
        max_resources: Resources of one search; a query that asks for more at once may bring them.
        ca_file: Certificate authorities to trust in place of the public ones.
    """

    call_seconds: float = 0.8
    total_seconds: float = 1.5
    max_bytes: int = 8 * 1024 * 1024
    max_pages: int = 5
    max_resources: int = 500
    ca_file: str | None = None
