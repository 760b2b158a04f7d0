"""What an order is, as the order rules tell orders apart."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cds_service.pathway.draft_order import DraftOrder


class Ware(StrEnum):
    """Kinds of orders, in the order in which they are looked for."""

    MRI_CONTRAST = "mri-contrast"
    MRI = "mri"
    CT_MYELOGRAPHY = "ct-myelography"
    CT = "ct"
    XRAY = "xray"
    NSAID = "nsaid"
    RELAXANT = "relaxant"
    OPIOID = "opioid"
    SURGERY = "surgery"
    INJECTION = "injection"
    AGREEING = "agreeing"
    OTHER = "other"


IMAGING = frozenset({Ware.MRI_CONTRAST, Ware.MRI, Ware.CT_MYELOGRAPHY, Ware.CT, Ware.XRAY})
DRUGS = frozenset({Ware.NSAID, Ware.RELAXANT, Ware.OPIOID})
MRI_WARES = frozenset({Ware.MRI_CONTRAST, Ware.MRI})
# A study of the whole spine may be about another part of it; the others are of the neck.
_WHOLE_SPINE = "imaging/mri-whole-spine"
UNSPECIFIED_MRI = frozenset({"imaging/mri-cervical-unspecified", "imaging/mri-spine-unspecified"})
_CONCEPTS = {
    Ware.MRI_CONTRAST: frozenset({"imaging/mri-cervical-w", "imaging/mri-cervical-wo-w"}),
    Ware.MRI: frozenset(
        {
            "imaging/mri-cervical-wo",
            "imaging/mri-cervical-unspecified",
            "imaging/mri-cervical-other",
            _WHOLE_SPINE,
        }
    ),
    Ware.CT_MYELOGRAPHY: frozenset({"imaging/ct-myelography-cervical"}),
    Ware.CT: frozenset(
        {
            "imaging/ct-cervical-wo",
            "imaging/ct-cervical-w",
            "imaging/ct-cervical-wo-w",
            "imaging/ct-cervical-unspecified",
        }
    ),
    Ware.XRAY: frozenset({"imaging/xray-cervical"}),
    Ware.NSAID: frozenset({"drug/nsaid"}),
    Ware.RELAXANT: frozenset({"drug/muscle-relaxant", "drug/cyclobenzaprine", "drug/carisoprodol"}),
    Ware.OPIOID: frozenset({"drug/opioid"}),
    Ware.SURGERY: frozenset({"referral/spine-surgery"}),
    Ware.INJECTION: frozenset(
        {
            "procedure/occipital-nerve-block",
            "procedure/trigger-point-injection",
            "procedure/botulinum-toxin",
            "drug/botulinum-toxin",
        }
    ),
    Ware.AGREEING: frozenset(
        {
            "therapy/physical-therapy",
            "referral/physical-therapy",
            "referral/neurology",
            "referral/pain",
            "drug/acetaminophen",
            "obs/esr",
            "obs/crp",
            "obs/hs-crp",
            "obs/cbc-panel",
        }
    ),
}
# Concept to the kind that is looked for, with its place among the kinds.
_BY_CONCEPT = {
    concept: (place, ware) for place, (ware, concepts) in enumerate(_CONCEPTS.items()) for concept in concepts
}


def ware_of(order: DraftOrder) -> Ware:
    """What is ordered; OTHER for what is none of ours, and for what is about another part of the body."""
    kinds = [_BY_CONCEPT[concept] for concept in order.concepts if concept in _BY_CONCEPT]
    found = min(kinds)[1] if kinds else None
    if found is None or (_can_be_elsewhere(order, found) and order.is_about_elsewhere):
        return Ware.OTHER
    return found if order.is_systemic or found not in DRUGS else Ware.OTHER


def _can_be_elsewhere(order: DraftOrder, ware: Ware) -> bool:
    """Whether its code leaves open which part of the body it is for."""
    return ware in (Ware.SURGERY, Ware.INJECTION) or _WHOLE_SPINE in order.concepts


def is_cervical_imaging(order: DraftOrder) -> bool:
    """Whether it is imaging of the cervical spine."""
    return ware_of(order) in IMAGING


def may_be_judged(order: DraftOrder) -> bool:
    """Whether any rule can have something to say about it."""
    return order.is_judged and ware_of(order) not in (Ware.AGREEING, Ware.OTHER)
