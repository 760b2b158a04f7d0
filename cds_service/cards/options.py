"""How cards are rendered for one call."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What a call and its client fix about the cards; the place where client profiles come in.

    Attributes:
        service_id: Id of the service that answers.
        hook_instance: ``hookInstance`` of the call.
        issuer: Issuer of the client's token, "" without one.
        judged_order: ``Type/id`` of the order a card is about, "" when it is about none.
        code_base: Base of our own code systems.
        base_url: Public base URL for links to our own pages; None: no such links.
        has_explanation: Whether cards carry the explanation extension.
        intent: ``intent`` of new orders: order or proposal.
    """

    service_id: str
    hook_instance: str
    issuer: str = ""
    judged_order: str = ""
    code_base: str = "https://neck-pain-cds.example"
    base_url: str | None = None
    has_explanation: bool = True
    intent: str = "order"


# Our own name space, so that ids of other makers never collide.
_NAMESPACE: UUID = uuid5(NAMESPACE_URL, "https://neck-pain-cds.example/card")


def card_uuid(options: RenderOptions, rule: str, position: str = "") -> str:
    """Id of a card or suggestion: the same for a retried call, another for another call."""
    parts = (options.issuer, options.service_id, options.hook_instance, rule, options.judged_order, position)
    return str(uuid5(_NAMESPACE, "\x1f".join(parts)))
