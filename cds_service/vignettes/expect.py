"""Compares the cards that came back with the cards a vignette expects, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.vignettes.model import ExpectedCard

_EXPLANATION = "org.neck-pain-cds.explanation"
_NAMES = {
    "30667-0": "MRI",
    "571891000119109": "MRI",
    "72141": "MRI",
    "24935-9": "MRI",
    "24934-2": "CT myelography",
    "30592-0": "CT",
    "444831000124102": "physical therapy",
    "308482002": "spine surgery",
    "308474002": "neurology",
    "306265007": "pain medicine",
    "5640": "ibuprofen",
}


def differences(expected: tuple[ExpectedCard, ...], body: dict[str, Any]) -> list[str]:
    """Everything in which the answer is not what the vignette expects; empty when it is."""
    cards: list[dict[str, Any]] = body["cards"]
    wanted = [f"{card.rule} {card.indicator}" for card in expected]
    found = [f"{_topic(card)} {card['indicator']}" for card in cards]
    if wanted != found:
        summaries = "; ".join(card["summary"] for card in cards) or "no card"
        return [f"expected cards {wanted or 'none'}, got {found or 'none'} ({summaries})"]
    return [line for want, card in zip(expected, cards, strict=True) for line in _card(want, card)]


def _topic(card: dict[str, Any]) -> str:
    code: str = card["source"]["topic"]["code"]
    return code


def _card(want: ExpectedCard, card: dict[str, Any]) -> Iterator[str]:
    rules = card["extension"][_EXPLANATION]["rules"]
    detail = card.get("detail", "")
    yield from (f"{want.rule}: rule {rule} not named in {rules}" for rule in want.rules if rule not in rules)
    yield from (f"{want.rule}: rule {rule} named in {rules}" for rule in want.without_rules if rule in rules)
    if want.summary not in card["summary"]:
        yield f"{want.rule}: summary lacks '{want.summary}': {card['summary']}"
    yield from (f"{want.rule}: detail lacks '{text}': {detail}" for text in want.detail if text not in detail)
    yield from (f"{want.rule}: detail has '{text}'" for text in want.without_detail if text in detail)
    if want.suggests is not None:
        found = sorted(suggestion_names(card))
        if sorted(want.suggests) != found:
            yield f"{want.rule}: expected suggestions {sorted(want.suggests)}, got {found}"


def suggestion_names(card: dict[str, Any]) -> list[str]:
    """Suggestions in words: ``MRI (urgent, recommended)``, ``update MRI (stat)``, ``delete + MRI``.

    Routine is not said.
    """
    return [_suggestion(suggestion) for suggestion in card.get("suggestions", [])]


def _suggestion(suggestion: dict[str, Any]) -> str:
    resources = [action["resource"] for action in suggestion["actions"] if "resource" in action]
    name = " + ".join(_action(action) for action in suggestion["actions"])
    priorities = {r["priority"] for r in resources if r.get("priority", "routine") != "routine"}
    remarks = sorted(priorities) + (["recommended"] if suggestion.get("isRecommended") else [])
    return name + (f" ({', '.join(remarks)})" if remarks else "")


def _action(action: dict[str, Any]) -> str:
    if action["type"] == "delete":
        return "delete"
    resource = action["resource"]
    name = "follow-up" if resource["resourceType"] == "Appointment" else _name(resource)
    return name if action["type"] == "create" else f"{action['type']} {name}"


def _name(resource: dict[str, Any]) -> str:
    concept = resource.get("code") or resource["medicationCodeableConcept"]
    codes = [coding["code"] for coding in concept["coding"]]
    return next((_NAMES[code] for code in codes if code in _NAMES), codes[0])
