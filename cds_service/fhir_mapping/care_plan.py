"""CarePlan to physical therapy planned and done, and to a wish to lose weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import period_end, period_start
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_mapping.weight import WEIGHT_REASON, is_to_lose_weight
from cds_service.pathway.facts import Service, Statement
from cds_service.pathway.vocabulary import Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import ActivityDetail, CarePlan

_COUNTED = frozenset({"active", "completed"})
_THERAPY, _COMFORT = "therapy/physical-therapy", "procedure/palliative-hospice"
_IN_HAND = frozenset({"scheduled", "in-progress", "completed", "not-started"})


def services(plan: CarePlan, context: MappingContext) -> Iterator[Service]:
    """Physical therapy planned (referred) and done (a dated completed activity); comfort care."""
    if plan.status not in _COUNTED:
        return
    start = period_start(plan.period, context)
    details = [activity.detail for activity in plan.activity or () if activity.detail]
    if plan.status == "active" and _is_comfort(plan, details, context):
        source = Source(ref_of(plan), words.all_words(*(plan.category or ())))
        yield Service(frozenset({_COMFORT}), source, "CarePlan", "planned", authored=start)
    therapy = [detail for detail in details if _is_therapy(detail, context)]
    if therapy or _THERAPY in words.any_named(plan.category, context, TextDomain.PROCEDURE):
        texts = [words.wording(detail.code) for detail in therapy]
        source = Source(ref_of(plan), next(iter(texts), "") or words.all_words(*(plan.category or ())))
        yield Service(frozenset({_THERAPY}), source, "CarePlan", "planned", authored=start)
    for detail in therapy:
        on = period_end(detail.scheduled_period, context) or period_start(detail.scheduled_period, context)
        if detail.status == "completed" and on is not None:
            yield Service(
                frozenset({_THERAPY}),
                Source(ref_of(plan), words.wording(detail.code)),
                "CarePlan",
                "done",
                performed=on,
            )


def _is_comfort(plan: CarePlan, details: list[ActivityDetail], context: MappingContext) -> bool:
    """Whether it is a plan of hospice or comfort care."""
    named = [*(plan.category or ()), *(d.code for d in details if d.code and _is_in_hand(d))]
    return _COMFORT in words.any_named(named, context, TextDomain.PROCEDURE)


def weight_plan(plan: CarePlan, context: MappingContext) -> Statement | None:
    """The plan as a recorded reason for losing weight; None when it is about something else."""
    if plan.status not in _COUNTED:
        return None
    details = [activity.detail for activity in plan.activity or () if activity.detail]
    named = [*(plan.category or ()), *(d.code for d in details if _is_in_hand(d))]
    text = next((said for item in named if is_to_lose_weight(said := words.wording(item))), "")
    if not text:
        return None
    start = period_start(plan.period, context)
    source = Source(ref_of(plan), text)
    return Statement(frozenset({WEIGHT_REASON}), source, "CarePlan", recorded=start, is_text_only=True)


def _is_in_hand(detail: ActivityDetail) -> bool:
    return not detail.do_not_perform and detail.status in _IN_HAND


def _is_therapy(detail: ActivityDetail, context: MappingContext) -> bool:
    if not _is_in_hand(detail):
        return False
    return _THERAPY in words.named(detail.code, context, TextDomain.PROCEDURE).concepts
