"""How cards are rendered for one call."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from cds_service.value import Value

BEHAVIOURS = ("any", "at-most-one")
# Resource types a suggestion of ours may create.
CREATES = ("Appointment", "MedicationRequest", "ServiceRequest")


class Orderable(Value, frozen=True):
    """What a client orders something by: a code of its own build."""

    system: str
    code: str
    display: str


class ClientProfile(Value, frozen=True):
    """What one client can do and wants; the defaults are what the specification allows.

    Attributes:
        selection_behaviors: Values of ``selectionBehavior`` the client knows; a rule keeps its own if it can.
        one_action_per_suggestion: Suggestions of several actions are taken apart.
        rates_orders: Imaging orders in hand get an appropriate-use rating in ``systemActions``.
        has_explanation: Whether cards carry the explanation extension.
        intent: ``intent`` of new orders: order or proposal.
        orderables: The client's own codes by kind of proposal ("mri", "physical-therapy", ...).
        is_silent: Everything is evaluated and logged, nothing is shown.
        max_cards: Most cards at once, where fewer than the pathway's.
        muted_rules: Rules whose cards are not shown.
        changes_orders_in_place: A study that would be deleted or replaced is updated: for a client that takes
            nothing but updates (the imaging screen of the public Sandbox).
        creates: Resource types the client takes as ``create``; what is of another one is said in words.
        updates_recorded_orders: Whether a suggestion may change an order that is in the record already.
    """

    selection_behaviors: tuple[str, ...] = BEHAVIOURS
    one_action_per_suggestion: bool = False
    rates_orders: bool = False
    has_explanation: bool = True
    intent: str = "order"
    orderables: Mapping[str, Orderable] = msgspec.field(default_factory=dict)
    is_silent: bool = False
    max_cards: int | None = None
    muted_rules: frozenset[str] = frozenset()
    creates: tuple[str, ...] = CREATES
    updates_recorded_orders: bool = True
    changes_orders_in_place: bool = False


DEFAULT_PROFILE = ClientProfile()


class RenderOptions(Value, frozen=True):
    """What a call and its client fix about the cards.

    Attributes:
        service_id: Id of the service that answers.
        hook_instance: ``hookInstance`` of the call.
        issuer: Issuer of the client's token, "" without one.
        code_base: Base of our own code systems.
        base_url: Public base URL for links to our own pages; None: no such links.
        profile: What the client can do and wants.
    """

    service_id: str
    hook_instance: str
    issuer: str = ""
    code_base: str = "https://neck-pain-cds.example"
    base_url: str | None = None
    profile: ClientProfile = DEFAULT_PROFILE


# Our own name space, so that ids of other makers never collide.
_NAMESPACE: UUID = uuid5(NAMESPACE_URL, "https://neck-pain-cds.example/card")


def card_uuid(options: RenderOptions, rule: str, order: str = "", position: str = "") -> str:
    """Id of a card or suggestion: the same for a retried call, another for another call.

    Args:
        options: The call.
        rule: The card's rule.
        order: The order in hand the card is about, "" for none.
        position: Of a suggestion: where it stands.
    """
    parts = (options.issuer, options.service_id, options.hook_instance, rule, order, position)
    return str(uuid5(_NAMESPACE, "\x1f".join(parts)))
