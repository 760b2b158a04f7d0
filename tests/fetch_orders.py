"""What is asked of a fetcher, and how long it may take where a test is not about time."""

from __future__ import annotations

from typing import Any

from cds_service.fhir_access.grant import Grant
from cds_service.fhir_access.limits import FetchLimits
from cds_service.fhir_access.source import Order
from cds_service.fhir_access.templates import NEEDS
from tests.fhir_server import TOKEN

GOALS = tuple(need for need in NEEDS if need.key == "goals")
PATIENT = FetchLimits(call_seconds=8.0, total_seconds=9.0)


def order(base: str, needs: tuple[Any, ...] = GOALS, **grant: Any) -> Order:
    """What is wanted of the server at ``base``: the goals, unless told otherwise."""
    return Order("syn-002", Grant(base, **{"token": TOKEN, **grant}), needs)
