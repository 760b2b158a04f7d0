"""The order-sign hook: orders are complete and about to be signed, or signed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_access.templates import templates
from cds_service.hooks.order_context import USAGE, read_order_call
from cds_service.protocol.discovery import ServiceDescription

if TYPE_CHECKING:
    from cds_service.fhir_access.gather import Call
    from cds_service.protocol.request import HookRequest

SERVICE = ServiceDescription(
    id="neck-pain-order-sign",
    hook="order-sign",
    title="Neck pain pathway: orders to sign",
    description=(
        "The same advice as on selection, on every order up for signing, its details complete: dose, "
        "priority, contrast."
    ),
    usage_requirements=USAGE,
    prefetch=templates(),
)


def read_call(request: HookRequest) -> Call:
    """What gathering needs of the request; every draft is in hand."""
    return read_order_call(request, has_selections=False)
