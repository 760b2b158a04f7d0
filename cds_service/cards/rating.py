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
    from cds_service.pathway.draft_order import RatedOrder

URL = "http://fhir.org/argonaut/Extension/pama-rating"
SYSTEM = "http://fhir.org/argonaut/CodeSystem/pama-rating"


def system_actions(ratings: Iterable[RatedOrder], words: Words) -> dict[str, Any]:
    """The members of the response; none when no order can be rated."""
    actions = [action for rated in ratings if (action := _action(rated, words)) is not None]
    return {"systemActions": actions, "extension": {"systemActions": actions}} if actions else {}


def _action(rated: RatedOrder, words: Words) -> dict[str, Any] | None:
    """The order as received, with the rating and nothing else changed."""
    order: dict[str, Any] = json.loads(rated.order.resource)
    others = order.get("extension", [])
    if not rated.order.has_id or not isinstance(others, list):
        return None
    kept = [item for item in others if not (isinstance(item, dict) and item.get("url") == URL)]
    coding = {"system": SYSTEM, "code": rated.rating.value}
    extension = [*kept, {"url": URL, "valueCodeableConcept": {"coding": [coding]}}]
    return {
        "type": "update",
        "description": words.fill("fixed.rating", {"rating": rated.rating.value}),
        "resource": order | {"extension": extension},
    }
