"""The order-select hook: an order was picked, and is not complete yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_access.templates import templates
from cds_service.hooks.order_context import USAGE, read_order_call
from cds_service.protocol.discovery import ServiceDescription

if TYPE_CHECKING:
    from cds_service.fhir_access.gather import Call
    from cds_service.protocol.request import HookRequest

SERVICE = ServiceDescription(
    id="neck-pain-order-select",
    hook="order-select",
    title="Neck pain pathway: order selected",
    description=(
        "Imaging, drugs, referrals and injections ordered for an adult with neck or occipital pain: an order "
        "that fits the pathway passes in silence, another one meets one card with the alternative. Only "
        "selected orders are judged."
    ),
    usage_requirements=USAGE,
    prefetch=templates(),
)


def read_call(request: HookRequest) -> Call:
    """What gathering needs of the request; the selected drafts are in hand."""
    return read_order_call(request, has_selections=True)
