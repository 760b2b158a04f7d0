"""The part of the conformance list that is about orders in hand: C-45, C-46 and C-51, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Json = dict[str, Any]
# What says which order it is: an update of these is another order.
_IDENTITY = frozenset({"resourceType", "id", "subject", "status", "intent"})
_RATING = frozenset({"extension"})
_MISSING = object()


def check_targets(
    cards: Iterable[Json],
    drafts: Mapping[str, Json],
    selections: set[str],
    hook: str,
    *,
    is_rated: bool = False,
) -> Iterator[str]:
    """C-46: updates and deletes touch only orders in play; C-45: an update changes one thing alone.

    A client that asked for ratings gets them with the change: its extension is no second one.
    """
    for card in cards:
        for suggestion in card.get("suggestions", ()):
            for action in suggestion.get("actions", ()):
                if action.get("type") != "create":
                    yield from _target(action, drafts, selections, hook, _RATING if is_rated else frozenset())


def _target(
    action: Json, drafts: Mapping[str, Json], selections: set[str], hook: str, beside: frozenset[str]
) -> Iterator[str]:
    ref = action.get("resourceId") or ref_of(action.get("resource") or {})
    if ref not in drafts:
        yield f"C-46: {ref} is not in draftOrders"
    elif hook == "order-select" and ref not in selections:
        yield f"C-46: {ref} is not in selections"
    elif action.get("type") == "update":
        update = action.get("resource") or {}
        changed = _changed(update, drafts[ref])
        if _keeps_extensions(update, drafts[ref]):
            changed -= beside
        if len(changed) != 1 or changed & _IDENTITY:
            yield f"C-45: the update of {ref} changes {', '.join(sorted(changed)) or 'nothing'}"


def check_system_actions(body: Json, drafts: Mapping[str, Json], *, is_enabled: bool) -> Iterator[str]:
    """C-51: absent when empty or not agreed on; an update adds extensions and changes nothing else."""
    if "systemActions" not in body:
        return
    actions = body["systemActions"]
    if not actions:
        yield "C-51: systemActions is empty; leave it out"
    if not is_enabled:
        yield "C-51: systemActions is only for clients that asked for it"
    for action in actions:
        resource = action.get("resource")
        if action.get("type") != "update" or not isinstance(resource, dict):
            yield "C-51: a system action updates an order"
            continue
        ref = ref_of(resource)
        if ref not in drafts:
            yield f"C-46: {ref} is not in draftOrders"
        elif _changed(resource, drafts[ref]) - {"extension"}:
            yield f"C-51: the update of {ref} changes more than extensions"


def _keeps_extensions(update: Json, draft: Json) -> bool:
    """Whether each extension received is still there, or replaced by one of the same name."""
    sent = update.get("extension") or []
    urls = {item.get("url") for item in sent if isinstance(item, dict)}
    received = draft.get("extension") or []
    return all(isinstance(item, dict) and item.get("url") in urls for item in received)


def _changed(update: Json, draft: Json) -> set[str]:
    """Names of the members that are not as in the draft."""
    return {
        name
        for name in update.keys() | draft.keys()
        if update.get(name, _MISSING) != draft.get(name, _MISSING)
    }


_MISSING = object()


def ref_of(resource: Json) -> str:
    """``Type/id``."""
    return f"{resource.get('resourceType')}/{resource.get('id')}"
