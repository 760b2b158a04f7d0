"""Procedure to services done, imaging done, and things declined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import first_of
from cds_service.fhir_mapping.described import sites_in
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_mapping.refused import is_refusal
from cds_service.fhir_mapping.site_specific import with_region
from cds_service.pathway.facts import DrugRefusal, ImagingReport, Service
from cds_service.pathway.vocabulary import Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.mapped import Mapped
    from cds_service.fhir_r4.resources import Procedure
    from cds_service.pathway.vocabulary import When

_DOMAINS = (TextDomain.PROCEDURE,)
_DONE = frozenset({"completed", "in-progress"})
# Treatment of a cancer that was begun and broken off still says that there was one.
_BEGUN = {"red-flag/cancer-treatment": frozenset({"stopped", "on-hold"})}
_REMOVAL = "imaging/device-removed"
_REFERRAL = "referral/physical-therapy"
_IMAGING = (
    "imaging/mri-cervical",
    "imaging/mri-spine",
    "imaging/mri-whole",
    "imaging/ct-",
    "imaging/xray-",
    "imaging/mye",
)


def map_procedure(procedure: Procedure, context: MappingContext, mapped: Mapped) -> None:
    """Add what was done; a procedure not done is kept as declined."""
    name = _name(procedure, context)
    if not name.concepts:
        return
    source = Source(ref_of(procedure), name.text)
    performed = performed_on(procedure, context)
    sites = sites_in(words.all_words(procedure.code, *(procedure.body_site or ())), context)
    concepts = with_region(name.concepts, sites)
    if procedure.status == "not-done":
        is_choice = is_refusal((procedure.status_reason,), context)
        mapped.refusals.append(
            DrugRefusal(name.concepts, source, performed, performed, is_patients_choice=is_choice)
        )
    if procedure.status not in _DONE.union(*(_BEGUN.get(c, ()) for c in name.concepts)):
        return
    if procedure.status != "completed" and _REMOVAL in name.concepts:
        return  # the device is still there
    # A referral that was made asks for therapy; none has been given by it.
    is_referral = _REFERRAL in name.concepts
    mapped.services.append(
        Service(
            concepts=concepts,
            source=source,
            kind="Procedure",
            status="ordered" if is_referral else "done",
            performed=None if is_referral else performed,
            authored=performed if is_referral else None,
            sites=sites,
            reasons=words.any_named(procedure.reason_code, context, TextDomain.CLINICAL),
        )
    )
    if procedure.status == "completed" and any(c.startswith(_IMAGING) for c in concepts):
        mapped.imaging.append(ImagingReport(concepts, source, "Procedure", performed=performed))


def _name(procedure: Procedure, context: MappingContext) -> words.Named:
    """What its code says: the same bytes are looked up once."""
    said = bytes(procedure.code_as_sent)
    known = context.codes.procedures
    found = known.get(said) or known.recall(said)
    if found is None:
        code = procedure.code
        found = known.keep(said, code, words.look_up(code, context, _DOMAINS) if code else words.UNNAMED)
    return found


def performed_on(procedure: Procedure, context: MappingContext) -> When | None:
    """When it was done: the date, else the end of the period, else its start."""
    period = procedure.performed_period
    ends = (period.end, period.start) if period else ()
    return first_of((procedure.performed_date_time, *ends), context)
