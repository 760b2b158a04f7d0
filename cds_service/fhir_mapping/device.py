"""Device to implants, with their MR safety label."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.references import ref_of
from cds_service.fhir_r4.elements import CodeableConcept
from cds_service.pathway.facts import Implant
from cds_service.pathway.vocabulary import MrLabel, Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import Device

_GONE = frozenset({"inactive", "entered-in-error"})
# NCI Thesaurus codes of the R4 value set device-safety; C113844, "labelling says nothing", is no label.
_LABELS = {"C106045": MrLabel.SAFE, "C106046": MrLabel.CONDITIONAL, "C106047": MrLabel.UNSAFE}
_LABEL_WORDS = {"mr safe": MrLabel.SAFE, "mr conditional": MrLabel.CONDITIONAL, "mr unsafe": MrLabel.UNSAFE}
_CLAUSE = re.compile(r"[.;,]")
_DOUBT = re.compile(
    r"\b(?:not?|non|never|without|cannot|un(?:known|clear|specified|tested|labell?ed)|pending)\b|\?"
)
# Of several labels the most cautious counts.
_CAUTION = (MrLabel.UNSAFE, MrLabel.CONDITIONAL, MrLabel.SAFE)


def implant(device: Device, context: MappingContext) -> Implant | None:
    """The implant; None when it is removed, entered in error, or none that matters for MRI."""
    if device.status in _GONE:
        return None
    described = [
        device.type,
        *(CodeableConcept(text=name.name) for name in device.device_name or () if name.name),
    ]
    concepts = words.any_named([d for d in described if d], context, TextDomain.DEVICE)
    relevant = frozenset(c for c in concepts if c.startswith("imaging/mri-"))
    if not relevant:
        return None
    text = next((wording for item in described if item and (wording := words.wording(item))), "")
    return Implant(relevant, Source(ref_of(device), text), label(device))


def _labels_in(text: str) -> Iterator[MrLabel]:
    """Labels in words; of a negated or open one ("not MR safe") only the one that warns is believed."""
    for clause in _CLAUSE.split(text):
        is_open = _DOUBT.search(clause) is not None
        for said, mr in _LABEL_WORDS.items():
            if said in clause and (mr is MrLabel.UNSAFE or not is_open):
                yield mr


def label(device: Device) -> MrLabel | None:
    """The recorded MR label; None when none is recorded."""
    found = set()
    for concept in device.safety or ():
        found |= {_LABELS[c.code] for c in concept.coding or () if c.code in _LABELS}
        found |= {mr for text in words.texts(concept) for mr in _labels_in(text.lower())}
    return next((mr for mr in _CAUTION if mr in found), None)
