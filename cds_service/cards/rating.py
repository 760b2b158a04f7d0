"""Appropriate-use ratings on the imaging orders in hand, for clients that ask for them.

The extension is the one of the Argonaut guide for PAMA. It is sent in ``systemActions``, where the
specification has it, and in ``extension.systemActions``, where the public Sandbox reads it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.cards.wording import Words
    from cds_service.pathway.draft_order import RatedOrder, Rating

URL = "http://fhir.org/argonaut/Extension/pama-rating"
SYSTEM = "http://fhir.org/argonaut/CodeSystem/pama-rating"


def system_actions(ratings: Iterable[RatedOrder], words: Words) -> dict[str, Any]:
    """The members of the response; none when no order can be rated."""
    actions = [action for rated in ratings if (action := _action(rated, words)) is not None]
    return {"systemActions": actions, "extension": {"systemActions": actions}} if actions else {}


def _action(rated: RatedOrder, words: Words) -> dict[str, Any] | None:
    """The order as received, with the rating and nothing else changed."""
    order: dict[str, Any] = json.loads(rated.order.resource)
    if not rated.order.has_id or not _can_carry(order):
        return None
    return {
        "type": "update",
        "description": words.fill("fixed.rating", {"rating": rated.rating.value}),
        "resource": with_rating(order, rated.rating),
    }


def with_rating(order: dict[str, Any], rating: Rating) -> dict[str, Any]:
    """The order with the rating in place of an older one; unchanged where its extensions are no list."""
    if not _can_carry(order):
        return order
    others = order.get("extension", [])
    kept = [item for item in others if not (isinstance(item, dict) and item.get("url") == URL)]
    coding = {"system": SYSTEM, "code": rating.value}
    return order | {"extension": [*kept, {"url": URL, "valueCodeableConcept": {"coding": [coding]}}]}


def _can_carry(order: dict[str, Any]) -> bool:
    return isinstance(order.get("extension", []), list)
