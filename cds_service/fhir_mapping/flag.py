"""Flag to statements: warnings somebody put on the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import period_end, period_start
from cds_service.fhir_mapping.described import described
from cds_service.fhir_mapping.references import ref_of
from cds_service.pathway.facts import Statement
from cds_service.pathway.vocabulary import Source
from cds_service.terminology import TextDomain

if TYPE_CHECKING:
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.resources import Flag


def statement(flag: Flag, context: MappingContext) -> Statement | None:
    """The warning as a statement, active while the flag is; None when it names nothing of ours."""
    if flag.status == "entered-in-error":
        return None
    name = words.named(flag.code, context, TextDomain.CLINICAL)
    if not name.concepts:
        return None
    ended = period_end(flag.period, context)
    said = described(words.all_words(flag.code), context)
    return Statement(
        concepts=name.concepts,
        source=Source(ref_of(flag), name.text),
        kind="Flag",
        is_active=flag.status == "active" and ended is None,
        is_status_recorded=True,
        recorded=period_start(flag.period, context),
        abated=ended,
        sites=said.sites,
        side=said.side,
        is_text_only=name.is_text_only,
    )
