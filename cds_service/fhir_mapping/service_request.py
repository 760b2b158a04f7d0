"""ServiceRequest to open orders and referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import when
from cds_service.fhir_mapping.described import sites_in
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_mapping.site_specific import with_region
from cds_service.pathway.facts import Service
from cds_service.pathway.vocabulary import Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import ServiceRequest

_STATUS = {"active": "ordered", "on-hold": "ordered", "draft": "draft"}
_ORDERED = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})


def order(request: ServiceRequest, context: MappingContext) -> Service | None:
    """The open order; None when it is closed, an order not to do it, or none of ours."""
    status = _STATUS.get(request.status or "")
    if status is None or request.do_not_perform:
        return None
    if request.intent is not None and request.intent not in _ORDERED:
        status = "planned"
    name = words.named(request.code, context, TextDomain.PROCEDURE)
    if not name.concepts:
        return None
    sites = sites_in(words.all_words(request.code, *(request.body_site or ())), context)
    return Service(
        concepts=with_region(name.concepts, sites),
        source=Source(ref_of(request), name.text),
        kind="ServiceRequest",
        status=status,
        authored=when(request.authored_on, context),
        priority=request.priority,
        sites=sites,
        reasons=words.any_named(request.reason_code, context, TextDomain.CLINICAL),
        resource=request.raw,
    )
