"""Weeks of gestation that ICD-10-CM says in the code itself (Z3A.08 to Z3A.42), as a measurement in days."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_service.fhir_mapping.references import ref_of
from cds_service.pathway.facts import Measurement
from cds_service.pathway.vocabulary import Presence, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cds_service.fhir_mapping.readable import Readable
    from cds_service.fhir_r4.elements import CodeableConcept
    from cds_service.fhir_r4.resources import Condition, Encounter
    from cds_service.pathway.facts import Statement

_PREGNANCY = "nsaid-caution/pregnancy"
# Z3A.00 is "not specified", Z3A.01 "less than 8 weeks", Z3A.49 "more than 42": no number of weeks.
_WEEKS = re.compile(r"Z3A\.?(0[89]|[123]\d|4[0-2])\Z", re.IGNORECASE)
_DAYS_A_WEEK = 7


def gestations(found: Readable, statements: Iterable[Statement]) -> Iterator[Measurement]:
    """The weeks of every dated code of an active pregnancy: on that day it was at least so old."""
    pregnant = {
        s.source.ref: s
        for s in statements
        if _PREGNANCY in s.concepts and s.is_active and s.presence is Presence.PRESENT
    }
    if not pregnant:
        return
    for ref, code in _codes(found):
        statement = pregnant.get(ref)
        taken = None if statement is None else statement.recorded or statement.onset
        if statement is None or taken is None:
            continue
        for coding in code.coding or ():
            weeks = _WEEKS.match(coding.code or "")
            if weeks:
                source = Source(ref, coding.display or statement.source.text)
                days = int(weeks[1]) * _DAYS_A_WEEK
                yield Measurement("obs/gestational-age", source, taken, float(days), "d")


def _codes(found: Readable) -> Iterator[tuple[str, CodeableConcept]]:
    """Every diagnosis and every reason of a visit."""
    conditions: Iterable[Condition] = found.resources.get("conditions", ())
    visits: Iterable[Encounter] = found.resources.get("encounters", ())
    for condition in conditions:
        if condition.code is not None:
            yield ref_of(condition), condition.code
    for visit in visits:
        for reason in visit.reason_code or ():
            yield ref_of(visit), reason
