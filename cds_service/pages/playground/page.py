"""The playground's page: from the fields of its form to HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import structs

from cds_service.errors import ServiceError
from cds_service.hooks.registry import SERVICES
from cds_service.inspection.input_check import check_resources
from cds_service.pages.playground import cases
from cds_service.pages.playground.asked import STATES, Asked, NotUnderstood, clinical_day, read_asked
from cds_service.pages.playground.changes import ORDER_HOOKS, changed, without
from cds_service.pages.playground.compare import card_differences, rule_differences
from cds_service.pages.playground.export import curl, vignette_yaml
from cds_service.pages.playground.run import Outcome, answer, as_request
from cds_service.pages.playground.timeline import timeline
from cds_service.pages.playground.trace import trace_of
from cds_service.pages.templating import render
from cds_service.protocol.request import parse_request
from cds_service.value import Value
from cds_service.vignettes.phrasebook import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.advise import Knowledge
    from cds_service.config import Settings
    from cds_service.pages.playground.asked import Fields
    from cds_service.pages.playground.cases import Choice

# New facts to choose from: kind of entry, heading, chapter of the phrasebook or the words themselves.
FACTS: dict[str, tuple[str, str | tuple[str, ...]]] = {
    "lab": ("Laboratory and vital signs (value with unit)", "measurements"),
    "finding": ("Findings (value: present, absent)", "findings"),
    "condition": ("Conditions (since)", "conditions"),
    "drug": ("Drugs (from)", "drugs"),
    "device": ("Devices (value: safe, conditional, unsafe)", "devices"),
    "allergy": ("Allergies (value: reaction)", "allergies"),
    "imaging": ("Imaging done (value: conclusion)", "imaging"),
    "order": ("Orders on file (value: priority)", "orders"),
    "course": ("Course of the pain", ("resolving", "stable", "progressing")),
    "score": ("Pain score (value: 0 to 10)", ("pain",)),
    "physical therapy": ("Physical therapy", ("session",)),
    "visit": ("Appointments", ("follow-up",)),
}


class Seen(Value, frozen=True):
    """A case before and after what was changed about it.

    Attributes:
        asked: What was asked.
        choice: The case; None for what was pasted.
        base: Without the changes.
        outcome: With them.
    """

    asked: Asked
    choice: Choice | None
    base: Outcome
    outcome: Outcome


@dataclass
class Playground:
    """Answers the form."""

    knowledge: Knowledge
    settings: Settings

    def page(self, fields: Fields, is_pasted: bool) -> str:
        """The page; what could not be understood is said on it."""
        asked, problem = Asked(), ""
        try:
            asked = read_asked(fields, is_pasted=is_pasted)
            seen = self._seen(asked)
        except NotUnderstood as error:
            seen, problem = None, str(error)
        return render("playground.html", self.settings, **self._form(asked, problem), **self._result(seen))

    def vignette(self, fields: Fields, is_pasted: bool) -> str:
        """The case as a vignette file; a comment where it cannot be one."""
        try:
            seen = self._seen(read_asked(fields, is_pasted=is_pasted))
            if seen is None:
                raise NotUnderstood("Choose a case first.")
            return vignette_yaml(seen.asked, seen.outcome, seen.choice)
        except NotUnderstood as error:
            return f"# {error}\n"

    def _seen(self, asked: Asked) -> Seen | None:
        """What came of it; None before anything was chosen."""
        if not asked.case and not asked.body:
            return None
        today, now = self.settings.now(), self._moment(asked)
        choice = cases.choices().get(asked.case)
        if asked.case and choice is None:
            raise NotUnderstood("There is no such case; choose one from the list.")
        # A case is dated from today, so that another clock makes it older or younger.
        built = choice.build(today.date()) if choice else None
        body = msgspec.json.encode(built) if built else as_request(asked.body, now.date())
        base = self._answer(body, today)
        if not asked.changes_request:
            return Seen(asked, choice, base, self._answer(body, now) if asked.clock else base)
        request = without(self._decoded(base), asked.remove)
        left = self._answer(msgspec.json.encode(request), today) if asked.remove and asked.onset else base
        index = str(left.advised.decision.facts.get("index", "")) if left.advised else ""
        altered = msgspec.json.encode(changed(request, asked, now.date(), index))
        return Seen(asked, choice, base, self._answer(altered, now))

    def _answer(self, body: bytes, now: datetime) -> Outcome:
        return answer(body, self.knowledge, now, self.settings.links_base)

    def _moment(self, asked: Asked) -> datetime:
        """Noon of the day of the call, or now."""
        now = self.settings.now()
        if not asked.clock:
            return now
        return datetime.combine(clinical_day(asked.clock, now.date()), time(12), now.tzinfo)

    def _decoded(self, base: Outcome) -> dict[str, Any]:
        """The request as an object whose facts can be changed."""
        try:
            parse_request(base.body)
        except ServiceError:
            raise NotUnderstood("Facts can be changed only in a request that can be read.") from None
        request: dict[str, Any] = msgspec.json.decode(base.body)
        return request

    def _form(self, asked: Asked, problem: str) -> dict[str, Any]:
        """What the form shows."""
        hooks = {service.description.hook for service in SERVICES}
        return {
            "asked": asked,
            "problem": problem,
            "groups": cases.groups(),
            "keys": cases.keys_of("patient-view"),
            "states": STATES,
            "facts": {kind: (heading, _words(source)) for kind, (heading, source) in FACTS.items()},
            "orders": {kind: words_of(f"{kind}s") for kind in ("order", "drug")},
            "has_orders": hooks >= set(ORDER_HOOKS),
            "today": self.settings.now().date(),
        }

    def _result(self, seen: Seen | None) -> dict[str, Any]:
        """What is shown of a case."""
        if seen is None:
            return {"seen": None}
        outcome, base = seen.outcome, seen.base
        trace = trace_of(outcome.advised, self.knowledge) if outcome.advised else None
        before = trace_of(base.advised, self.knowledge) if base.advised and base is not outcome else None
        picture = timeline(outcome.advised, self.knowledge.guideline.thresholds) if outcome.advised else None
        return {
            "seen": seen,
            "outcome": outcome,
            "trace": trace,
            "timeline": picture,
            "cards": outcome.cards,
            "card_changes": list(card_differences(base.cards, outcome.cards))
            if seen.asked.has_changes
            else [],
            "rule_changes": list(rule_differences(before.rules, trace.rules)) if before and trace else [],
            "request": pretty(outcome.body),
            "response": pretty(msgspec.json.encode(outcome.response)),
            "curl": curl(outcome, (self.settings.base_url or "http://127.0.0.1:8080").rstrip("/")),
            "permalink": "" if seen.asked.body else seen.asked.address(),
            "unmade": ""
            if seen.asked.body
            else structs.replace(seen.asked, add=(), remove=(), data=(), onset="", order="").address(),
            "invalid": list(self._invalid(outcome)) if seen.asked.is_checked else None,
            "expected": self._expected(seen),
        }

    def _invalid(self, outcome: Outcome) -> Iterator[str]:
        """What the R4 models say of each resource; advice does not depend on it."""
        try:
            yield from check_resources(parse_request(outcome.body).prefetch or {})
        except ServiceError:
            return

    def _expected(self, seen: Seen) -> str:
        """Whether an unchanged vignette came out as it must."""
        if seen.choice is None or seen.choice.expected is None or seen.asked.has_changes:
            return ""
        found = tuple(card["source"]["topic"]["code"] for card in seen.outcome.cards)
        said = ", ".join(seen.choice.expected) or "no card"
        return f"As expected: {said}." if found == seen.choice.expected else f"Expected was {said}."


def _words(source: str | tuple[str, ...]) -> tuple[str, ...]:
    return words_of(source) if isinstance(source, str) else source


def pretty(body: bytes) -> str:
    """JSON to be read; what is not JSON as it is."""
    try:
        return msgspec.json.format(body).decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "replace")
