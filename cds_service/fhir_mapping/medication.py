"""Which drug it is: codes, contained and referenced medications, ingredients, names, forms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dosage import strength_mg
from cds_service.fhir_mapping.references import contained, target
from cds_service.fhir_r4.elements import CodeableConcept
from cds_service.fhir_r4.resources import Medication
from cds_service.terminology import TextDomain
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import Dosage
    from cds_service.fhir_r4.resources import (
        MedicationAdministration,
        MedicationRequest,
        MedicationStatement,
    )

    Prescribed = MedicationAdministration | MedicationRequest | MedicationStatement

_LOCAL_ROUTES = re.compile(
    r"\b(?:ophthalmic|ocular|otic|nasal|intranasal|topical|cutaneous|inhal\w*|respiratory|vaginal"
    r"|intra-?\s?articular|dental|conjunctival|intravitreal)\b",
    re.IGNORECASE,
)
# Given rectally these act on the whole body; a steroid given so is meant for the bowel.
_ABSORBED_RECTALLY = frozenset({"drug/nsaid", "drug/ibuprofen", "drug/aspirin"})


class Drug(Value, frozen=True):
    """A drug as far as the pathway knows it.

    Attributes:
        concepts: Drug concepts; empty when it is none the pathway asks about.
        text: The record's own words.
        ingredient: Lower-case ingredient name, "" when none is known.
        strength_mg: Milligrams per unit, from the product's name or its only ingredient.
        is_systemic: False for forms and routes that act where they are applied.
        is_told: Whether it can be told which drug it is: by a code of ours, or by any words at all.
    """

    concepts: frozenset[str]
    text: str
    ingredient: str = ""
    strength_mg: float | None = None
    is_systemic: bool = True
    is_told: bool = True


OTHER_DRUG = Drug(words.NONE, "")
UNTOLD_DRUG = Drug(words.NONE, "", is_told=False)
Medications = dict[str, Medication]


def medications_by_ref(resources: Iterable[object]) -> Medications:
    """Medication resources that came along, by ``Medication/id``."""
    return {f"Medication/{r.id}": r for r in resources if isinstance(r, Medication) and r.id}


def drug_of(resource: Prescribed, known: Mapping[str, Medication], context: MappingContext) -> Drug:
    """The drug a resource is about, by code or by reference; the same bytes are looked up once."""
    said = bytes(resource.medication_codeable_concept_as_sent)
    if not said or resource.medication_reference is not None:
        named = _drug(list(_descriptions(resource, known)), _forms(resource, known), context)
        strength = named.strength_mg or _strength_mg(resource, known)
        return structs.replace(named, strength_mg=strength) if strength else named
    drugs = context.codes.drugs
    drug = drugs.get(said) or drugs.recall(said)
    if drug is None:
        described = list(_descriptions(resource, known))
        drug = drugs.keep(said, resource.medication_codeable_concept, _drug(described, (), context))
    return drug


def as_given(drug: Drug, dosages: Iterable[Dosage], context: MappingContext) -> Drug:
    """The drug by the way it is given: a route that acts where it is applied is not systemic."""
    if drug.is_systemic and _has_local_route(drug, dosages, context):
        return structs.replace(drug, is_systemic=False)
    return drug


def _drug(described: list[CodeableConcept], forms: Iterable[str], context: MappingContext) -> Drug:
    named = words.any_named(described, context, TextDomain.DRUG)
    concepts = frozenset(c for c in named if c.startswith(("drug/", "risk/")))
    if not concepts:
        is_told = any(words.all_words(item) or words.coded_concepts(item, context) for item in described)
        return OTHER_DRUG if is_told else UNTOLD_DRUG
    text = next((wording for item in described if (wording := words.wording(item))), "")
    said = " ; ".join([words.all_words(*described), *forms])
    return Drug(
        concepts=concepts,
        text=text,
        ingredient=context.terminology.ingredient(said),
        strength_mg=context.terminology.strength_mg(text),
        is_systemic=_is_systemic(concepts, said, context),
    )


def _is_systemic(concepts: frozenset[str], said: str, context: MappingContext) -> bool:
    is_absorbed = bool(concepts & _ABSORBED_RECTALLY)
    return context.terminology.drug_form_is_systemic(said, is_absorbed_rectally=is_absorbed)


def _descriptions(resource: Prescribed, known: Mapping[str, Medication]) -> Iterator[CodeableConcept]:
    code = resource.medication_codeable_concept
    if code is not None:
        yield words.in_words(code)
    medication = _referenced(resource, known)
    if medication is None:
        # Clients that send references seldom send what they point to; the name is often beside them.
        if resource.medication_reference is not None and resource.medication_reference.display:
            yield CodeableConcept(text=resource.medication_reference.display)
        return
    if medication.code is None or not any(words.texts(medication.code)):
        yield from _identifiers(medication)
    if medication.code is not None:
        yield words.in_words(medication.code)
    for ingredient in medication.ingredient or ():
        if ingredient.item_codeable_concept is not None:
            yield ingredient.item_codeable_concept


def _strength_mg(resource: Prescribed, known: Mapping[str, Medication]) -> float | None:
    """What a unit of the product holds of its only ingredient."""
    medication = _referenced(resource, known)
    ingredients = (medication.ingredient or ()) if medication is not None else ()
    strength = ingredients[0].strength if len(ingredients) == 1 else None
    return strength_mg(strength) if strength is not None else None


def _identifiers(medication: Medication) -> Iterator[CodeableConcept]:
    """Identifiers as words, those with most letters first: a name has more of them than a key."""
    values = [found.value for found in medication.identifier or () if found.value]
    for value in sorted(values, key=_letters, reverse=True):
        yield CodeableConcept(text=value)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _forms(resource: Prescribed, known: Mapping[str, Medication]) -> Iterator[str]:
    medication = _referenced(resource, known)
    if medication is not None and medication.form is not None:
        yield words.all_words(medication.form)


def _referenced(resource: Prescribed, known: Mapping[str, Medication]) -> Medication | None:
    ref = target(resource.medication_reference)
    if ref is None:
        return None
    if ref.startswith("#"):
        inside = (r for r in contained(resource) if isinstance(r, Medication) and f"#{r.id}" == ref)
        return next(inside, None)
    return known.get(ref)


def _has_local_route(drug: Drug, dosages: Iterable[Dosage], context: MappingContext) -> bool:
    """By the words of route and site; a route without words may be written as its code ("RIGHT EYE")."""
    for dosage in dosages:
        route = words.in_words(dosage.route) if dosage.route else None
        said = words.all_words(route, dosage.site)
        if said and (_LOCAL_ROUTES.search(said) or not _is_systemic(drug.concepts, said, context)):
            return True
    return False
