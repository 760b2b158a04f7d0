"""Appointment to visits to come, and to physical-therapy sessions that took place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import recorded_span, when
from cds_service.fhir_mapping.references import ref_of, target
from cds_service.pathway.facts import Service, Visit
from cds_service.pathway.vocabulary import Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from collections.abc import Collection

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import Appointment

_TO_COME = frozenset({"booked", "pending", "proposed", "arrived", "checked-in"})
_THERAPY = "therapy/physical-therapy"


def visit(appointment: Appointment, neck_refs: Collection[str], context: MappingContext) -> Visit | None:
    """A visit from today on; None for past, cancelled or undated ones.

    Args:
        appointment: The resource.
        neck_refs: ``Condition/id`` of the patient's neck pains.
        context: The day and the words.
    """
    if appointment.status not in _TO_COME:
        return None
    periods = appointment.requested_period or ()
    starts = [appointment.start, *(period.start for period in periods)]
    span = next((found for text in starts if text and (found := recorded_span(text, context))), None)
    if span is None or span[0] < context.as_of:
        return None
    return Visit(
        Source(ref_of(appointment), appointment.description or ""),
        span[0],
        _is_about_neck(appointment, neck_refs, context),
    )


def _is_about_neck(appointment: Appointment, neck_refs: Collection[str], context: MappingContext) -> bool:
    """Its reason is the neck, or none is given."""
    codes = appointment.reason_code or ()
    refs = {target(item) for item in appointment.reason_reference or ()} - {None}
    if not codes and not refs:
        return True
    named = words.any_named(codes, context, TextDomain.CLINICAL)
    return any(concept.startswith("presenting/") for concept in named) or bool(refs & set(neck_refs))


def session(appointment: Appointment, context: MappingContext) -> Service | None:
    """A fulfilled physical-therapy appointment."""
    if appointment.status != "fulfilled":
        return None
    if _THERAPY not in words.any_named(appointment.service_type, context, TextDomain.PROCEDURE):
        return None
    source = Source(ref_of(appointment), words.all_words(*(appointment.service_type or ())))
    performed = when(appointment.start, context)
    return Service(frozenset({_THERAPY}), source, "Appointment", "done", performed=performed)
