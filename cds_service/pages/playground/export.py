"""A case to take away: as a curl call, or as a vignette file."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from cds_service.cards.explanation import KEY
from cds_service.fhir_access.templates import NEEDS, PATIENT_KEY
from cds_service.pages.playground.asked import NotUnderstood
from cds_service.pages.playground.changes import resources
from cds_service.vignettes.common import ENCOUNTER_ID, PATIENT_ID

if TYPE_CHECKING:
    from cds_service.pages.playground.asked import Asked
    from cds_service.pages.playground.cases import Choice
    from cds_service.pages.playground.run import Outcome

Record = list[dict[str, Any]]
_DAY = re.compile(r"(?<![\d-])(\d{4}-\d{2}-\d{2})(?=T|\"|$)")
# Days this far away are history that does not move with the day of the call.
_MOVING_DAYS = 800
_TYPES = {need.resource_type for need in NEEDS if need.key != PATIENT_KEY} | {"Medication"}


def curl(outcome: Outcome, base: str) -> str:
    """The call for a terminal; the body is one line, so that no line of it can end the text early."""
    line = _one_line(outcome.body)
    service = outcome.service_id or "neck-pain-patient-view"
    return (
        f"curl -s {base}/cds-services/{service} -H 'Content-Type: application/json' "
        f"--data-binary @- <<'REQUEST'\n{line}\nREQUEST"
    )


def _one_line(body: bytes) -> str:
    try:
        return msgspec.json.encode(msgspec.json.decode(body)).decode()
    except (msgspec.DecodeError, RecursionError):
        return " ".join(body.decode("utf-8", "replace").split())


def vignette_yaml(asked: Asked, outcome: Outcome, choice: Choice | None) -> str:
    """The case as a vignette file that expects what came out.

    Raises:
        NotUnderstood: The call was refused, so there is nothing to expect.
    """
    if outcome.advised is None:
        raise NotUnderstood("Only a case that was evaluated can be saved as a vignette.")
    in_words = _in_words(asked, choice)
    content = in_words if in_words is not None else _as_sent(outcome)
    case: dict[str, Any] = {"name": "as in the playground"} | content.pop("case", {})
    case["cards"] = [_expected(card) for card in outcome.cards]
    head = {
        "id": f"P-{choice.id}" if choice else "P-pasted",
        "title": "Made in the playground: give it a title",
        "why": "Say what would be wrong if this failed.",
    }
    warning = (
        "" if choice else "# From a pasted request: make sure that nothing in it points to a real person.\n"
    )
    text = yaml.safe_dump(head | content | {"cases": [case]}, sort_keys=False, allow_unicode=True, width=110)
    return f"# Synthetic: no real patient. Format: docs/vignettes.md\n{warning}{text}"


def _in_words(asked: Asked, choice: Choice | None) -> dict[str, Any] | None:
    """A vignette with facts added stays in words; anything else is written as FHIR."""
    is_plain = not (asked.onset or asked.remove or asked.order or asked.clock)
    if choice is None or choice.origin is None or not is_plain or any(s == "empty" for _, s in asked.data):
        return None
    vignette, case = choice.origin
    own: dict[str, Any] = {}
    if data := {**case.data, **dict(asked.data)}:
        own["data"] = data
    for name in ("user", "orders", "sign"):
        value = getattr(case, name, None)
        if value:
            own[name] = list(value) if isinstance(value, tuple) else value
    record = [*vignette.record, *case.record, *asked.entries]
    return {"patient": {**vignette.patient, **case.patient}, "record": record, "case": own}


def _as_sent(outcome: Outcome) -> dict[str, Any]:
    """The whole request as resources, their days counted from the day of the call."""
    assert outcome.advised is not None  # noqa: S101 - checked by the caller
    request = msgspec.json.decode(outcome.body)
    as_of = outcome.advised.case.as_of
    prefetch, context = request.get("prefetch") or {}, request["context"]
    own: dict[str, Any] = {"user": context["userId"]}
    states = {need.key: _state(prefetch, need.key) for need in NEEDS if need.key != PATIENT_KEY}
    if data := {key: state for key, state in states.items() if state}:
        own["data"] = data
    if request["hook"] != "patient-view":
        drafts = resources(context.get("draftOrders"))
        own["orders"] = [{"fhir": _moved(draft, context, as_of)} for draft in drafts]
        own |= {"sign": True} if request["hook"] == "order-sign" else {}
    record = [
        {"fhir": _moved(resource, context, as_of)}
        for need in NEEDS
        for resource in resources(prefetch.get(need.key))
        if resource.get("resourceType") in _TYPES
    ]
    return {"patient": _patient(prefetch.get(PATIENT_KEY), outcome), "record": record, "case": own}


def _state(prefetch: dict[str, Any], key: str) -> str:
    if key not in prefetch:
        return "not sent"
    value = prefetch[key]
    if value is None:
        return "null"
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
        return "failed"
    links = value.get("link")
    is_cut = any(isinstance(link, dict) and link.get("relation") == "next" for link in links or ())
    return "paged" if is_cut else ""


def _patient(patient: Any, outcome: Outcome) -> dict[str, Any]:
    """Age and sex alone: who it is has no place in a vignette."""
    assert outcome.advised is not None  # noqa: S101 - checked by the caller
    age = outcome.advised.case.age_years
    words: dict[str, Any] = {"age": age.at_most} if age else {}
    if isinstance(patient, dict) and patient.get("gender"):
        words["sex"] = patient["gender"]
    return words


def _moved(resource: dict[str, Any], context: dict[str, Any], as_of: date) -> dict[str, Any]:
    """A resource with the vignette's own patient and encounter, and days counted from the call."""
    text = msgspec.json.encode(_bare(resource)).decode()
    for kind, member, own in (
        ("Patient", "patientId", PATIENT_ID),
        ("Encounter", "encounterId", ENCOUNTER_ID),
    ):
        if context.get(member):
            theirs = str(context[member]).rpartition("/")[2]
            text = text.replace(f'{kind}/{theirs}"', f'{kind}/{own}"')
            if kind == resource.get("resourceType") and resource.get("id") == theirs:
                text = text.replace(f'"id":"{theirs}"', f'"id":"{own}"', 1)
    moved: dict[str, Any] = msgspec.json.decode(_DAY.sub(lambda match: _relative(match[1], as_of), text))
    return moved


def _bare(resource: dict[str, Any]) -> dict[str, Any]:
    """Without what the vignette fills in, and without what was written for people's eyes."""
    return {
        name: value for name, value in resource.items() if name not in ("subject", "patient", "text", "meta")
    }


def _relative(day: str, as_of: date) -> str:
    try:
        days = (date.fromisoformat(day) - as_of).days
    except ValueError:
        return day
    if abs(days) > _MOVING_DAYS:
        return day
    return "{{today}}" if days == 0 else f"{{{{today{days:+d}}}}}"


def _expected(card: dict[str, Any]) -> dict[str, Any]:
    explained = card.get("extension", {}).get(KEY, {}).get("rules", [])
    found: dict[str, Any] = {"rule": card["source"]["topic"]["code"], "indicator": card["indicator"]}
    return found | ({"rules": explained[1:]} if explained[1:] else {})
