"""One builder per kind of record entry: words of a vignette to a FHIR R4 resource.

Each builder takes the entry and the day of the call and returns ``(prefetch key, resource)`` pairs. Builders
write plain, complete resources as an EHR would send them; what a vignette does not say is left out. ``fhir``
takes a resource as it is, for the shapes that are not plain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from cds_service.vignettes.as_sent import as_sent
from cds_service.vignettes.clinical import (
    allergy,
    appointment,
    condition,
    device,
    imaging_report,
    order,
    physical_therapy,
    procedure,
)
from cds_service.vignettes.drugs import drug
from cds_service.vignettes.observations import course, finding, lab, score, strength
from cds_service.vignettes.phrasebook import VignetteError

Entry = dict[str, Any]
Built = Iterator[tuple[str, dict[str, Any]]]
Builder = Callable[[Entry, date], Built]

BUILDERS: dict[str, Builder] = {
    "allergy": allergy,
    "condition": condition,
    "course": course,
    "device": device,
    "drug": drug,
    "fhir": as_sent,
    "finding": finding,
    "imaging": imaging_report,
    "lab": lab,
    "order": order,
    "physical therapy": physical_therapy,
    "procedure": procedure,
    "score": score,
    "strength": strength,
    "visit": appointment,
}


class _Words(dict[str, Any]):
    """An entry that says which of its words is missing."""

    def __missing__(self, key: str) -> Any:
        raise VignetteError(f"an entry of {', '.join(self)} needs '{key}' too")


def build_entry(entry: Entry, as_of: date) -> Built:
    """Resources of one record entry; the entry's kind is the one key the builders know.

    Raises:
        VignetteError: No or several kinds in one entry, or a word it needs is missing.
    """
    kinds = [key for key in entry if key in BUILDERS]
    if len(kinds) != 1:
        raise VignetteError(f"an entry needs exactly one of {', '.join(BUILDERS)}; found {sorted(entry)}")
    return BUILDERS[kinds[0]](_Words(entry), as_of)
