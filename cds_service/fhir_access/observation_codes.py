"""The codes by which observations are asked for when a server has too many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cds_service.terminology import Terminology

# What the code of an Observation can name, and systems that code diagnoses, procedures and drugs alone.
_GROUPS = ("obs/", "course/", "presenting/", "red-flag/", "absent/")
_NOT_OF_OBSERVATIONS = ("icd", "rxnorm", "cpt", "v3-", "discharge", "goal-", "condition-")


def observation_codes(terminology: Terminology) -> tuple[str, ...]:
    """``system|code`` of everything the pathway may read from an Observation, measurements first."""
    found = [
        (not any(concept.startswith("obs/") for concept in concepts), f"{system}|{code}")
        for system, codes in terminology.index.items()
        if not any(word in system.lower() for word in _NOT_OF_OBSERVATIONS)
        for code, concepts in codes.items()
        if any(concept.startswith(_GROUPS) for concept in concepts)
    ]
    return tuple(token for _, token in sorted(found))
