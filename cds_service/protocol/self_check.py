"""Checks a CDS Hooks response against the conformance list (C-04, C-39 to C-51), in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from cds_service.protocol.self_check_orders import check_system_actions, check_targets, ref_of

SUMMARY_LIMIT = 139
_INDICATORS = frozenset({"info", "warning", "critical"})
BEHAVIOURS = frozenset({"at-most-one", "any"})
_ACTION_TYPES = frozenset({"create", "update", "delete"})
_MARKDOWN = re.compile(r"[*`#]|\]\(|<[A-Za-z/!]")
_TOPIC = re.compile(r"[A-Za-z0-9]{1,100}")

Json = dict[str, Any]


def check_response(
    body: Json,
    hook: str,
    drafts: Iterable[Json] = (),
    selections: Iterable[str] = (),
    *,
    behaviours: Collection[str] = BEHAVIOURS,
    has_system_actions: bool = False,
) -> list[str]:
    """Everything wrong with a 200 body; empty when nothing is.

    Args:
        body: The response.
        hook: The hook it answers.
        drafts: Resources of ``draftOrders``, for order hooks.
        selections: ``Type/id`` of the selected orders, for order-select.
        behaviours: Values of ``selectionBehavior`` the client knows.
        has_system_actions: The client asked for system actions.
    """
    cards = body.get("cards")
    if not isinstance(cards, list):
        return ["C-39: cards is not a list"]
    found = [*_empties(body, "$")]
    for number, card in enumerate(cards):
        found += [f"card {number}: {problem}" for problem in _card(card, behaviours)]
    found += _identifiers(cards)
    by_ref: dict[str, Json] = {}
    for draft in drafts:
        by_ref.setdefault(ref_of(draft), draft)
    if hook in ("order-select", "order-sign"):
        found += check_targets(cards, by_ref, set(selections), hook, is_rated=has_system_actions)
    found += check_system_actions(body, by_ref, is_enabled=has_system_actions)
    return found


def _empties(node: Any, path: str) -> Iterator[str]:
    """C-04: no null and no empty member, but in ``cards`` and inside the resource of an update."""
    if isinstance(node, dict):
        for key, value in node.items():
            is_echo = key == "resource" and node.get("type") == "update"
            if is_echo or (path == "$" and key == "cards" and value == []):
                continue
            yield from _empties(value, f"{path}.{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _empties(value, f"{path}[{number}]")
    if node is None or node in ("", [], {}):
        yield f"C-04: {path} is empty"


def _card(card: Json, behaviours: Collection[str]) -> Iterator[str]:
    summary = card.get("summary")
    if not isinstance(summary, str) or not summary:
        yield "C-40: summary is missing"
    elif len(summary) > SUMMARY_LIMIT:
        yield f"C-40: summary has {len(summary)} characters"
    elif _MARKDOWN.search(summary):
        yield "C-40: summary holds markdown"
    if card.get("indicator") not in _INDICATORS:
        yield "C-40: indicator is none of info, warning, critical"
    yield from _source(card.get("source"))
    yield from _suggestions(card, behaviours)
    for reason in card.get("overrideReasons", ()):
        if not all(isinstance(reason.get(name), str) for name in ("code", "system", "display")):
            yield "C-42: an override reason needs code, system and display"
    for link in card.get("links", ()):
        yield from _link(link)


def _source(source: Any) -> Iterator[str]:
    if not isinstance(source, dict) or not source.get("label"):
        yield "C-40: source.label is missing"
        return
    if "url" in source and not str(source["url"]).startswith("https://"):
        yield "C-43: source.url is not absolute https"
    topic = source.get("topic")
    if topic is not None and not (_TOPIC.fullmatch(str(topic.get("code"))) and topic.get("system")):
        yield "C-40: source.topic needs a system and an alphanumeric code"


def _link(link: Json) -> Iterator[str]:
    if not link.get("label"):
        yield "C-43: a link needs a label"
    # A reader on this machine can follow our own pages over http; nobody else is given such a link.
    if not str(link.get("url")).startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        yield "C-43: a link needs an absolute https url"
    if link.get("type") not in ("absolute", "smart"):
        yield "C-43: a link is absolute or smart"
    if "appContext" in link and link.get("type") != "smart":
        yield "C-43: appContext is for smart links only"


def _suggestions(card: Json, behaviours: Collection[str]) -> Iterator[str]:
    suggestions = card.get("suggestions")
    if ("selectionBehavior" in card) != bool(suggestions):
        yield "C-41: selectionBehavior goes with suggestions, and only with them"
    elif suggestions and card["selectionBehavior"] not in behaviours:
        yield "C-41: selectionBehavior is unknown to this client"
    recommended = [s for s in suggestions or () if s.get("isRecommended")]
    if len(recommended) > 1 and card.get("selectionBehavior") == "at-most-one":
        yield "C-47: more than one suggestion is recommended"
    for suggestion in suggestions or ():
        if not suggestion.get("label"):
            yield "C-44: a suggestion needs a label"
        if "actionSelectionBehavior" in suggestion:
            yield "C-48: actionSelectionBehavior is not to be used unasked"
        for action in suggestion.get("actions", ()):
            yield from _action(action)


def _action(action: Json) -> Iterator[str]:
    kind = action.get("type")
    if kind not in _ACTION_TYPES:
        yield "C-44: an action creates, updates or deletes"
    if not action.get("description"):
        yield "C-44: an action needs a description"
    if kind in ("create", "update") and not isinstance(action.get("resource"), dict):
        yield "C-44: create and update need a resource object"
    if kind == "update" and not (action.get("resource") or {}).get("id"):
        yield "C-45: an update needs the id of what it updates"
    if kind == "delete" and ("resource" in action or "/" not in str(action.get("resourceId"))):
        yield "C-44: delete needs a resourceId, and no resource"


def _identifiers(cards: Iterable[Json]) -> Iterator[str]:
    ids = [card.get("uuid") for card in cards]
    ids += [suggestion.get("uuid") for card in cards for suggestion in card.get("suggestions", ())]
    for identifier, count in Counter(ids).items():
        if not _is_uuid(identifier):
            yield f"C-49: {identifier!r} is no UUID"
        elif count > 1:
            yield f"C-49: {identifier} stands {count} times"


def _is_uuid(text: Any) -> bool:
    try:
        return bool(str(UUID(text)) == text)
    except (ValueError, TypeError, AttributeError):
        return False
