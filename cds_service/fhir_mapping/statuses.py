"""Clinical and verification status, as conditions and allergies share them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.vocabulary import Presence

if TYPE_CHECKING:
    from cds_service.fhir_r4.elements import CodeableConcept

_ACTIVE = frozenset({"active", "recurrence", "relapse"})
_PRESENCE = {
    "refuted": Presence.ABSENT,
    "unconfirmed": Presence.SUSPECTED,
    "provisional": Presence.SUSPECTED,
    "differential": Presence.SUSPECTED,
}


# Every clinical and verification status of FHIR R4; a client's own codes may stand beside them.
_KNOWN = (
    frozenset({"inactive", "remission", "resolved", "confirmed", "entered-in-error"})
    | _ACTIVE
    | set(_PRESENCE)
)


def status_code(concept: CodeableConcept | None) -> str | None:
    """The status as its FHIR code, in whichever place; words count too. None: none that FHIR has."""
    if concept is None:
        return None
    codings = concept.coding or ()
    words = (*(c.code for c in codings), *(c.display for c in codings), concept.text)
    codes = (word.strip().lower().replace(" ", "-") for word in words if word)
    return next((code for code in codes if code in _KNOWN), None)


def is_active(clinical: str | None, has_ended: bool) -> bool:
    """Active, recurrence or relapse; without a status, whatever has not ended."""
    return clinical in _ACTIVE if clinical else not has_ended


def is_recurrence(clinical: str | None) -> bool:
    """A further episode of something that was over."""
    return clinical in ("recurrence", "relapse")


def presence(verification: str | None) -> Presence | None:
    """What the verification status makes of an entry; None: entered in error, not to be read at all."""
    if verification == "entered-in-error":
        return None
    return _PRESENCE.get(verification or "", Presence.PRESENT)
