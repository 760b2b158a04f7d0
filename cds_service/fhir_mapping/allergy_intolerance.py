"""AllergyIntolerance to allergies that matter to the pathway."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import when
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_mapping.statuses import status_code
from cds_service.pathway.facts import Allergy
from cds_service.pathway.vocabulary import Criticality, Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import CodeableConcept
    from cds_service.fhir_r4.resources import AllergyIntolerance

_NOT_READ = frozenset({"refuted", "entered-in-error"})
_GASTROINTESTINAL = re.compile(
    r"\b(?:nausea|vomit\w*|dyspepsia|indigestion|heartburn|stomach|abdominal|gastric|gastritis|gi|"
    r"gastro-?\s?intestinal|diarrh\w*|upset)\b",
    re.IGNORECASE,
)


def allergy(entry: AllergyIntolerance, context: MappingContext) -> Allergy | None:
    """The allergy, or a statement that there is none; None when it is over or refuted.

    One the pathway has no use for names no concept: it says only that allergies are on file.
    """
    if status_code(entry.verification_status) in _NOT_READ:
        return None
    if status_code(entry.clinical_status) in ("inactive", "resolved"):
        return None
    name = words.named(entry.code, context, TextDomain.ALLERGY, TextDomain.CLINICAL)
    concepts = name.concepts | words.any_named(_substances(entry), context, TextDomain.ALLERGY)
    relevant = frozenset(
        c for c in concepts if c.startswith(("nsaid-caution/", "imaging/", "absent/", "drug/"))
    )
    return Allergy(
        concepts=relevant,
        source=Source(ref_of(entry), name.text or words.wording(entry.code)),
        reaction=_reaction(entry),
        recorded=when(entry.recorded_date, context),
    )


def _substances(entry: AllergyIntolerance) -> Iterator[CodeableConcept]:
    for reaction in entry.reaction or ():
        if reaction.substance is not None:
            yield reaction.substance


def _reaction(entry: AllergyIntolerance) -> Criticality:
    """Only gastro-intestinal when every recorded manifestation is; nothing recorded is not harmless."""
    manifestations = [m for reaction in entry.reaction or () for m in reaction.manifestation or ()]
    said = [words.wording(manifestation) for manifestation in manifestations]
    if said and all(_GASTROINTESTINAL.search(text) for text in said):
        return Criticality.ONLY_GASTROINTESTINAL
    return Criticality.OTHER
