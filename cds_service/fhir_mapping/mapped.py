"""What the mappers hand back, gathered for one case."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cds_service.fhir_mapping.references import target
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_r4.resources import Observation
    from cds_service.pathway.facts import (
        Allergy,
        CourseStatement,
        DrugRefusal,
        DrugUse,
        ImagingReport,
        Implant,
        Measurement,
        NotInterpretable,
        Service,
        Statement,
        Visit,
    )
    from cds_service.pathway.vocabulary import When


class FocusedCourse(Value, frozen=True):
    """A course stated about other entries of the record, named by reference."""

    refs: frozenset[str]
    statement: CourseStatement


class FocusedScore(Value, frozen=True):
    """A pain score about other entries of the record, named by reference."""

    refs: frozenset[str]
    score: Measurement


@dataclass(slots=True)
class Mapped:
    """Facts as they are found, before duplicates are merged."""

    statements: list[Statement] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    drugs: list[DrugUse] = field(default_factory=list)
    refusals: list[DrugRefusal] = field(default_factory=list)
    allergies: list[Allergy] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    imaging: list[ImagingReport] = field(default_factory=list)
    implants: list[Implant] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    courses: list[CourseStatement] = field(default_factory=list)
    focused: list[FocusedCourse] = field(default_factory=list)
    focused_scores: list[FocusedScore] = field(default_factory=list)
    observed_on: dict[str, When] = field(default_factory=dict)
    not_interpretable: list[NotInterpretable] = field(default_factory=list)


def remember_focus(observation: Observation, on: When | None, mapped: Mapped) -> None:
    """Newest day something was observed about an entry of the record: that entry is of that day still."""
    for ref in filter(None, map(target, observation.focus or ())):
        known = mapped.observed_on.get(ref)
        if on is not None and (known is None or known.on < on.on):
            mapped.observed_on[ref] = on
