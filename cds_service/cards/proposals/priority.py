"""An order in the record with another priority: the whole order as received, nothing else changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cds_service.errors import CardError

if TYPE_CHECKING:
    from cds_service.pathway.finding import Proposal


def with_priority(proposal: Proposal) -> dict[str, Any]:
    """The order as recorded, with the proposal's priority."""
    order = proposal.order
    if order is None or not order.resource or proposal.priority is None:
        raise CardError("an update needs the order as recorded")
    recorded: dict[str, Any] = json.loads(order.resource)
    return recorded | {"priority": proposal.priority}
