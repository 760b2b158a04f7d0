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


def status_code(concept: CodeableConcept | None) -> str | None:
    """The status as its FHIR code; text counts where a client sends nothing else. None: not recorded."""
    if concept is None:
        return None
    codes = [coding.code for coding in concept.coding or () if coding.code]
    words = codes or [concept.text or ""]
    return words[0].strip().lower().replace(" ", "-") or None


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
