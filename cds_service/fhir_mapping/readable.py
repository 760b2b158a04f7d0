"""Which of the gathered resources may be read: this patient's, and none with an unknown modifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import structs

from cds_service.fhir_mapping.concepts import named
from cds_service.fhir_mapping.references import is_of_other_patient, ref_of
from cds_service.pathway.case import Readability
from cds_service.pathway.facts import NotInterpretable
from cds_service.terminology import TextDomain
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.clinical_data import ClinicalData, KeyData, Unreadable
    from cds_service.fhir_mapping.context import MappingContext

# Where codes of systems we have no codes of are counted.
OTHER_SYSTEM = "other"
# Elements whose loss changes nothing the pathway reads.
_HARMLESS = frozenset({"meta", "contained"})
# Elements that say what an entry is about.
_NAMING = frozenset({"code", "type", "medicationCodeableConcept", "medicationReference"})


class Readable(Value, frozen=True):
    """Resources by key, and what was left out.

    ``mixed_up`` are keys that held someone else's resources: an answer to another question than ours, so that
    nothing may be read from what is not in it.
    """

    resources: Mapping[str, tuple[Any, ...]]
    wrong_patient: int = 0
    mixed_up: frozenset[str] = frozenset()
    with_modifier: tuple[NotInterpretable, ...] = ()


def readable(data: ClinicalData) -> Readable:
    """The resources that may be read, by key."""
    kept: dict[str, tuple[Any, ...]] = {}
    modified: list[NotInterpretable] = []
    mixed_up: set[str] = set()
    wrong = 0
    for key, found in data.keys.items():
        if not found.resources:
            continue
        own = _own(found.resources, data.patient_id)
        if len(own) < len(found.resources):
            wrong += len(found.resources) - len(own)
            mixed_up.add(key)
        strange = [r for r in own if r.modifier_extension]
        modified += [_modified(r) for r in strange]
        kept[key] = tuple([r for r in own if not r.modifier_extension] if strange else own)
    return Readable(kept, wrong, frozenset(mixed_up), tuple(modified))


def without(found: Readable, refs: frozenset[str]) -> Readable:
    """What may be read, but for orders that are in hand: the record may hold them too."""
    keys = ("medicationRequests", "serviceRequests")
    kept = {
        key: tuple([r for r in found.resources[key] if ref_of(r) not in refs])
        for key in keys
        if key in found.resources
    }
    return structs.replace(found, resources={**found.resources, **kept})


def _own(resources: Iterable[Any], patient_id: str) -> list[Any]:
    """Those of this patient; nearly every one says so in the usual words, which are compared first."""
    usual = f"Patient/{patient_id}"
    return [
        r
        for r in resources
        if ((subject := getattr(r, "subject", None)) is not None and subject.reference == usual)
        or not is_of_other_patient(r, patient_id)
    ]


def _modified(resource: Any) -> NotInterpretable:
    return NotInterpretable(ref_of(resource), resource.resource_type, "modifier")


def readability(
    data: ClinicalData, found: Readable, values: Iterable[NotInterpretable], context: MappingContext
) -> Readability:
    """What could be read and what could not, in an order of its own."""
    unclear = [*values, *found.with_modifier]
    for key_data in data.keys.values():
        unclear += [_unread(item, key_data, context) for item in key_data.unreadable if _matters(item)]
    states = readability_of_states(data)
    return structs.replace(
        states,
        complete=states.complete - found.mixed_up,
        incomplete=states.incomplete | found.mixed_up,
        not_interpretable=tuple(
            sorted(set(unclear), key=lambda item: (item.ref, item.what, item.why, item.concept))
        ),
        wrong_patient=found.wrong_patient,
        unmapped=by_system(context),
    )


def by_system(context: MappingContext) -> tuple[tuple[str, int], ...]:
    """How many codes are unmapped, by our names of systems: what a record calls one is not for counting."""
    by_uri: dict[str | None, int] = {}
    for system, _ in context.unmapped:
        by_uri[system] = by_uri.get(system, 0) + 1
    counts: dict[str, int] = {}
    for system, number in by_uri.items():
        name = context.terminology.system(system or "") or OTHER_SYSTEM
        counts[name] = counts.get(name, 0) + number
    return tuple(sorted(counts.items()))


def readability_of_states(data: ClinicalData) -> Readability:
    """Which keys are whole."""
    whole = {key for key, found in data.keys.items() if found.state.is_whole}
    return Readability(complete=frozenset(whole), incomplete=frozenset(data.keys.keys() - whole))


def _matters(item: Unreadable) -> bool:
    return not item.elements or not _HARMLESS.issuperset(item.elements)


def _unread(item: Unreadable, key_data: KeyData, context: MappingContext) -> NotInterpretable:
    """An undecodable resource or element, with the concept it would have fed where its code was readable."""
    kind = item.ref.partition("/")[0]
    resource = next((r for r in key_data.resources if ref_of(r) == item.ref), None)
    code = getattr(resource, "code", None)
    concepts = named(code, context, TextDomain.MEASUREMENT, TextDomain.CLINICAL).concepts
    is_known = resource is not None and _NAMING.isdisjoint(item.elements)
    return NotInterpretable(item.ref, kind, "part" if is_known else "element", min(concepts, default=""))
