"""Checks a CDS Hooks response against the conformance list (C-04, C-39 to C-51), in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

SUMMARY_LIMIT = 139
_INDICATORS = frozenset({"info", "warning", "critical"})
_BEHAVIOURS = frozenset({"at-most-one", "any"})
_ACTION_TYPES = frozenset({"create", "update", "delete"})
_MARKDOWN = re.compile(r"[*`#]|\]\(|<[A-Za-z/!]")
_TOPIC = re.compile(r"[A-Za-z0-9]{1,100}")

Json = dict[str, Any]


def check_response(
    body: Json, hook: str, drafts: Iterable[Json] = (), selections: Iterable[str] = ()
) -> list[str]:
    """Everything wrong with a 200 body; empty when nothing is.

    Args:
        body: The response.
        hook: The hook it answers.
        drafts: Resources of ``draftOrders``, for order hooks.
        selections: ``Type/id`` of the selected orders, for order-select.
    """
    cards = body.get("cards")
    if not isinstance(cards, list):
        return ["C-39: cards is not a list"]
    found = [*_empties(body, "$")]
    for number, card in enumerate(cards):
        found += [f"card {number}: {problem}" for problem in _card(card)]
    found += _identifiers(cards)
    if hook in ("order-select", "order-sign"):
        found += _targets(cards, {_ref(d): d for d in drafts}, set(selections), hook)
    if "systemActions" in body and not body["systemActions"]:
        found.append("C-51: systemActions is empty; leave it out")
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


def _card(card: Json) -> Iterator[str]:
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
    yield from _suggestions(card)
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
    if not str(link.get("url")).startswith("https://"):
        yield "C-43: a link needs an absolute https url"
    if link.get("type") not in ("absolute", "smart"):
        yield "C-43: a link is absolute or smart"
    if "appContext" in link and link.get("type") != "smart":
        yield "C-43: appContext is for smart links only"


def _suggestions(card: Json) -> Iterator[str]:
    suggestions = card.get("suggestions")
    if ("selectionBehavior" in card) != bool(suggestions):
        yield "C-41: selectionBehavior goes with suggestions, and only with them"
    elif suggestions and card["selectionBehavior"] not in _BEHAVIOURS:
        yield "C-41: selectionBehavior is unknown"
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


def _ref(resource: Json) -> str:
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def _targets(
    cards: Iterable[Json], drafts: dict[str, Json], selections: set[str], hook: str
) -> Iterator[str]:
    """C-46: updates and deletes touch only orders in play."""
    for card in cards:
        for suggestion in card.get("suggestions", ()):
            for action in suggestion.get("actions", ()):
                if action.get("type") == "create":
                    continue
                ref = action.get("resourceId") or _ref(action.get("resource") or {})
                if ref not in drafts:
                    yield f"C-46: {ref} is not in draftOrders"
                elif hook == "order-select" and ref not in selections:
                    yield f"C-46: {ref} is not in selections"
