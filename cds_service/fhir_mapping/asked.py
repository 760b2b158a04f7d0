"""What the code of an observation, or of a part of one, asks for, and of whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.measurement import MEASURED, STRENGTHS
from cds_service.pathway.vocabulary import Presence
from cds_service.terminology import TextDomain
from cds_service.terminology.questions import (
    NOT_OWN,
    OWN,
    Bearing,
    Bearings,
    as_asked,
    bearings,
    without_others,
)
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_mapping.values import Answer
    from cds_service.fhir_r4.elements import CodeableConcept
    from cds_service.fhir_r4.resources import Finding, Observation

_DOMAINS = (TextDomain.MEASUREMENT, TextDomain.CLINICAL)
_FAMILY_HISTORY = frozenset({"context/family-history", "context/family-history-cancer"})
_AFFIRMED = frozenset({"", "yes", "y", "true", "present"})


class Asked(Value, frozen=True):
    """What an observation's code asks for.

    Attributes:
        name: What it names.
        measured: Quantities of ours it measures.
        bearings: What it makes of its parts and of its own value.
        perhaps: What it names of the patient, when it asks of others as well.
    """

    name: words.Named
    measured: tuple[str, ...] = ()
    bearings: Bearings = OWN
    perhaps: frozenset[str] = words.NONE


NOTHING_ASKED = Asked(words.UNNAMED)


def asked_by(finding: Observation | Finding, context: MappingContext) -> Asked:
    """What its code asks for: the same bytes are looked up once."""
    said = bytes(finding.code_as_sent)
    known = context.codes.observed
    found = known.get(said) or known.recall(said)
    if found is None:
        code = finding.code
        found = known.keep(said, code, _look_up(code, context))
    return found


def asked_by_part(component: Finding, whole: Asked, context: MappingContext) -> Asked:
    """What a part asks for; a part of a strength test that only names a muscle asks for its strength."""
    asked = asked_by(component, context)
    if asked.name is not words.UNNAMED:
        return asked
    tested = tuple(concept for concept in whole.measured if concept in STRENGTHS)
    if not tested or component.code is None:
        return asked
    return Asked(structs.replace(whole.name, text=words.wording(component.code)), tested)


def _look_up(code: CodeableConcept | None, context: MappingContext) -> Asked:
    if code is None:
        return NOTHING_ASKED
    code = _as_asked(code)
    name = words.look_up(code, context, _DOMAINS)
    said = words.all_words(code)
    found = NOT_OWN if name.concepts & _FAMILY_HISTORY else bearings(said)
    if name is words.UNNAMED and found == OWN:
        return NOTHING_ASKED
    measured = tuple(sorted(MEASURED & name.concepts))
    return Asked(name, measured, found, perhaps_named(said, name.concepts, found, context))


def _as_asked(code: CodeableConcept) -> CodeableConcept:
    """The question without its mark, which would be a doubt in what somebody states."""
    if "?" not in (said := words.all_words(code)) and as_asked(said) == said:
        return code
    codings = [structs.replace(c, display=as_asked(c.display)) if c.display else c for c in code.coding or ()]
    return structs.replace(code, coding=tuple(codings), text=as_asked(code.text) if code.text else None)


def perhaps_named(
    text: str, named: frozenset[str], whose: Bearings, context: MappingContext
) -> frozenset[str]:
    """What a question of the patient and of others names, when read as one of the patient alone."""
    if named or whose.subject is not Bearing.IN_DOUBT:
        return words.NONE
    return context.terminology.text(without_others(text), TextDomain.CLINICAL)


def bearing_of(said: Answer, own: Bearings, inherited: Bearing) -> Bearing:
    """Whose an answer is.

    Args:
        said: The answer.
        own: What its question makes of it.
        inherited: What the headings above make of it.
    """
    if own.subject is Bearing.NOT_OWN:
        return Bearing.NOT_OWN
    found = max(inherited, own.of_answer if said.concepts else own.subject)
    # "Denies - fever: yes" affirms the denial. "Tested for - HIV: positive" is more than that.
    is_more = said.presence is Presence.PRESENT and said.text.strip().lower() not in _AFFIRMED
    return Bearing.IN_DOUBT if found is Bearing.NOT_OWN and is_more else found
