"""Concepts that depend on where it hurts: a code without a site takes its meaning from the recorded site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.vocabulary import Site
from cds_service.terminology import TextDomain
from cds_service.terminology.systems import ICD10CM, normal_code

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import CodeableConcept

HEADACHE = "context/headache-not-qualifying"
OCCIPITAL = "presenting/occipital-headache"
SPASM = "presenting/neck-muscle-spasm"
# "Other muscle spasm" may be of any muscle.
SPASM_ANYWHERE = "M62838"
# Tenderness of what: bone, muscle, or the neck at large.
TENDERNESS = "context/tenderness"


def with_site(
    concepts: frozenset[str],
    code: CodeableConcept | None,
    sites: frozenset[Site],
    where: str,
    context: MappingContext,
) -> frozenset[str]:
    """The concepts, with what the site adds (occipital headache) or takes away (a spasm elsewhere).

    Args:
        concepts: What the code names.
        code: The code itself.
        sites: Body regions in all its words.
        where: The words of the body site alone.
        context: The words we know.
    """
    if TENDERNESS in concepts and where:
        return concepts | context.terminology.text(f"tenderness {where}", TextDomain.CLINICAL)
    if HEADACHE in concepts and Site.OCCIPUT in sites:
        return concepts | {OCCIPITAL}
    if SPASM in concepts and Site.NECK not in sites and _is_spasm_anywhere(code, context):
        return (concepts - {SPASM}) | {"context/muscle-spasm-site-not-stated"}
    return concepts


# What a code leaves open and a body site can say.
_OF_THE_NECK = {
    "imaging/mri-spine-unspecified": "imaging/mri-cervical-unspecified",
    "imaging/ct-spine-unspecified": "imaging/ct-cervical-unspecified",
    "imaging/ct-myelography-unspecified": "imaging/ct-myelography-cervical",
}


def with_region(concepts: frozenset[str], sites: frozenset[Site]) -> frozenset[str]:
    """The concepts of a study, with the region its body site adds to a code of the spine at large."""
    if Site.NECK not in sites or concepts.isdisjoint(_OF_THE_NECK):
        return concepts
    return concepts | {_OF_THE_NECK[concept] for concept in concepts if concept in _OF_THE_NECK}


def _is_spasm_anywhere(code: CodeableConcept | None, context: MappingContext) -> bool:
    known = [
        normal_code(ICD10CM, coding.code or "")
        for coding in (code.coding if code and code.coding else ())
        if SPASM in context.terminology.codings(coding.system, coding.code)
    ]
    return bool(known) and set(known) == {SPASM_ANYWHERE}
