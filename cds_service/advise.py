"""The use case, one function: gather, map, decide, render."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import structs

from cds_service.cards.render import RenderOptions, render
from cds_service.errors import OtherFhirVersion
from cds_service.fhir_access.gather import Call, Gathered, gather
from cds_service.fhir_mapping.case import build_case, orders_in_hand, quiet_case
from cds_service.fhir_mapping.first_look import may_name_pain
from cds_service.fhir_r4 import LateUnreadable
from cds_service.pathway.decision import decide
from cds_service.pathway.wishes import Wishes
from cds_service.profiles import Profiles
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.cards.options import ClientProfile
    from cds_service.fhir_access.source import Fetch
    from cds_service.fhir_mapping.draft_order import InHand
    from cds_service.guideline.model import Guideline
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.finding import Decision
    from cds_service.telemetry import Loggable
    from cds_service.terminology import Terminology

# The clinical moment, with its zone: the clock of the wall, or a fixed one.
Clock = Callable[[], datetime]


class Knowledge(Value, frozen=True):
    """What the service knows, loaded once at its start."""

    guideline: Guideline
    terminology: Terminology
    profiles: Profiles = msgspec.field(default_factory=Profiles)

    @property
    def versions(self) -> dict[str, str]:
        """Version of each part, for readiness and the log."""
        return {"guideline_version": self.guideline.version, "terminology_version": self.terminology.version}


class Question(Value, frozen=True):
    """One call, as the hook's module read it.

    Attributes:
        service_id: Service that was asked.
        hook_instance: ``hookInstance`` of the call.
        call: What to gather from.
        client: Issuer of the client's token; "" while nobody verified the caller.
        careful: Reads the call again, piece by piece; given when ``call`` was decoded in one go, and
            asked when an element turns out to be malformed.
    """

    service_id: str
    hook_instance: str
    call: Call
    careful: Callable[[], Call] | None = None
    client: str = ""


class Advised(Value, frozen=True):
    """The answer and everything it came from."""

    gathered: Gathered
    case: NeckPainCase
    decision: Decision
    response: dict[str, Any]
    is_silent: bool = False

    def log_fields(self) -> dict[str, Loggable]:
        """Rules, states and counts: what may be logged."""
        keys = self.gathered.data.keys
        states: list[str] = [data.state for data in keys.values()]
        return {
            "rules": [advice.rule for advice in self.decision.advice],
            "data_states": dict(Counter(states)),
            "unreadable": sum([len(data.unreadable) for data in keys.values()]),
            "dropped": dict(self.gathered.dropped),
            "wrong_patient": self.case.readability.wrong_patient,
            "silent": self.is_silent or None,
        }


def advise(
    question: Question,
    knowledge: Knowledge,
    clock: Clock,
    fetch: Fetch | None = None,
    links_base: str | None = None,
) -> Advised:
    """Gather the data, map it to facts, decide, and say it in cards.

    Args:
        question: The call.
        knowledge: What the service knows.
        clock: The clinical moment.
        fetch: Reads from the client's FHIR server what was not sent; None reads nothing.
        links_base: Address of our own pages for the links of cards; None: no such links.

    Raises:
        ClinicalDataUnavailable: Required data is not to be had.
        OtherFhirVersion: The data is of FHIR before R4.
    """
    now = clock()
    gathered, case = _read(question, knowledge, now, fetch)
    profile = knowledge.profiles.of(question.client)
    wishes = Wishes(profile.muted_rules, rates_offers=profile.rates_orders)
    decision = decide(case, _limits(profile, knowledge), wishes)
    options = RenderOptions(
        question.service_id,
        question.hook_instance,
        issuer=question.client,
        profile=profile,
        base_url=links_base,
    )
    response = render(decision, case, knowledge.guideline, options)
    return Advised(gathered, case, decision, response, profile.is_silent)


def _limits(profile: ClientProfile, knowledge: Knowledge) -> Thresholds:
    """The guideline's numbers; a client may want fewer cards, never more."""
    limits = knowledge.guideline.thresholds
    if profile.max_cards is None or profile.max_cards >= limits.max_cards:
        return limits
    return structs.replace(limits, max_cards=profile.max_cards)


def _read(
    question: Question, knowledge: Knowledge, now: datetime, fetch: Fetch | None
) -> tuple[Gathered, NeckPainCase]:
    """What was gathered and the case it makes; a chart that names no pain is not read any further."""
    # Most drafts are of no interest here: nothing is read from a server for them.
    is_about_orders = question.call.orders is not None
    gathered = gather(question.call, fetch=None if is_about_orders else fetch)
    in_hand = orders_in_hand(gathered.data, knowledge.terminology, knowledge.guideline.units, now)
    if in_hand is not None and not in_hand.is_of_interest:
        return gathered, quiet_case(gathered.data, now, in_hand)
    if is_about_orders and question.call.grant is not None and gathered.has_gaps:
        gathered = gather(question.call, fetch=fetch)
        in_hand = orders_in_hand(gathered.data, knowledge.terminology, knowledge.guideline.units, now)
    if question.careful is None:
        return gathered, _case(gathered, knowledge, now, in_hand)
    try:
        if not _may_name_pain(gathered, in_hand, knowledge):
            return gathered, quiet_case(gathered.data, now, in_hand)
        return gathered, _case(gathered, knowledge, now, in_hand)
    except LateUnreadable:
        gathered = gather(question.careful(), fetched=gathered.fetched)
        return gathered, _case(gathered, knowledge, now, in_hand)


def _may_name_pain(gathered: Gathered, in_hand: InHand | None, knowledge: Knowledge) -> bool:
    """Whether an order in hand, or anything in the chart, can name a pain."""
    if in_hand is not None and in_hand.reasons.names_pain:
        return True
    return may_name_pain(gathered.data, knowledge.terminology)


def _case(gathered: Gathered, knowledge: Knowledge, now: datetime, in_hand: InHand | None) -> NeckPainCase:
    if gathered.is_old_version:
        raise OtherFhirVersion
    return build_case(gathered.data, knowledge.terminology, knowledge.guideline.units, now, in_hand)
