"""AllergyIntolerance to allergies that matter to the pathway."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import when
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_mapping.statuses import status_code
from cds_service.fhir_r4.elements import CodeableConcept
from cds_service.pathway.facts import Allergy
from cds_service.pathway.vocabulary import Criticality, Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import AllergyIntolerance

_NOT_READ = frozenset({"refuted", "entered-in-error"})
# A code that is one word of letters names what it is about; any other is a key.
_WORD = re.compile(r"[A-Za-z]{3,}")


def allergy(entry: AllergyIntolerance, context: MappingContext) -> Allergy | None:
    """The allergy, or a statement that there is none; None when it is over or refuted.

    One the pathway has no use for names no concept: it says only that allergies are on file.
    """
    if status_code(entry.verification_status) in _NOT_READ:
        return None
    if status_code(entry.clinical_status) in ("inactive", "resolved"):
        return None
    name = words.named(_described(entry), context, TextDomain.ALLERGY, TextDomain.CLINICAL)
    concepts = name.concepts | words.any_named(_substances(entry), context, TextDomain.ALLERGY)
    relevant = frozenset(
        c for c in concepts if c.startswith(("nsaid-caution/", "imaging/", "absent/", "drug/"))
    )
    return Allergy(
        concepts=relevant,
        source=Source(ref_of(entry), name.text or words.wording(entry.code)),
        reaction=_reaction(entry, context),
        recorded=when(entry.recorded_date, context),
    )


def is_told(entry: AllergyIntolerance, context: MappingContext) -> bool:
    """Whether it can be told what an allergy is to: by a code of ours, or by any words at all."""
    return any(_tells(concept, context) for concept in (_described(entry), *_substances(entry)))


def _tells(concept: CodeableConcept | None, context: MappingContext) -> bool:
    return concept is not None and (any(words.texts(concept)) or bool(words.coded_concepts(concept, context)))


def _described(entry: AllergyIntolerance) -> CodeableConcept | None:
    """What it is to; where it has no words, a code that is a word is its text."""
    if entry.code is None or any(words.texts(entry.code)):
        return entry.code
    codes = (coding.code for coding in entry.code.coding or () if coding.code)
    word = next((code for code in codes if _WORD.fullmatch(code)), None)
    return CodeableConcept(entry.code.coding, word) if word else entry.code


def _substances(entry: AllergyIntolerance) -> Iterator[CodeableConcept]:
    for reaction in entry.reaction or ():
        if reaction.substance is not None:
            yield reaction.substance


def _reaction(entry: AllergyIntolerance, context: MappingContext) -> Criticality:
    """Only gastro-intestinal when all that is recorded is; nothing recorded is not harmless."""
    manifestations = [m for reaction in entry.reaction or () for m in reaction.manifestation or ()]
    if manifestations and all(_is_upset(m, context) for m in manifestations):
        return Criticality.ONLY_GASTROINTESTINAL
    return Criticality.OTHER


def _is_upset(manifestation: CodeableConcept, context: MappingContext) -> bool:
    """Whether all its words speak of an upset stomach and of nothing else."""
    said = list(words.texts(manifestation))
    return bool(said) and all(map(context.terminology.tells_of_upset_stomach_alone, said))
