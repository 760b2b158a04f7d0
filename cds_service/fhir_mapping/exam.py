"""An observation, for the findings in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.fhir_mapping import concepts as words
from cds_service.fhir_mapping.dates import first_of, last_event, when
from cds_service.fhir_mapping.described import described
from cds_service.fhir_mapping.references import target
from cds_service.pathway.vocabulary import Site
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.fhir_mapping.asked import Asked
    from cds_service.fhir_mapping.context import MappingContext
    from cds_service.fhir_r4.elements import CodeableConcept
    from cds_service.fhir_r4.resources import Finding, Observation
    from cds_service.pathway.vocabulary import When

_ELSEWHERE = frozenset({Site.LEG, Site.OTHER})


class Exam(Value, frozen=True):
    """What an observation's parts share: where it stands, when it was, and the whole of it."""

    source_ref: str
    taken: When | None
    is_preliminary: bool
    whole: Observation
    asked: Asked

    @property
    def body_site(self) -> CodeableConcept | None:
        """Where on the body."""
        return self.whole.body_site

    @property
    def focus(self) -> frozenset[str]:
        """Entries of the record it is about."""
        return frozenset(found for item in self.whole.focus or () if (found := target(item)))

    @property
    def encounters(self) -> frozenset[str]:
        """The visit it belongs to."""
        encounter = target(self.whole.encounter)
        return frozenset({encounter}) if encounter else words.NONE

    @property
    def panel_words(self) -> str:
        """What its parts have in common, in words."""
        return words.all_words(self.whole.code) if self.whole.component_as_sent else ""

    def words_about(self, finding: Observation | Finding, context: MappingContext) -> str:
        """All words of what a finding in it asks, and where; codes of ours without words are named."""
        asked = words.telling_words(context, finding.code, self.body_site)
        return " ; ".join((asked, self.panel_words))

    def is_elsewhere(self, finding: Observation | Finding, context: MappingContext) -> bool:
        """Whether its words name another part of the body alone; an arm may hurt from the neck."""
        sites = described(self.words_about(finding, context), context).sites
        return bool(sites) and sites <= _ELSEWHERE


def taken(observation: Observation, context: MappingContext) -> When | None:
    """When it was observed: effective, else issued. A future date is an error and the next source is used."""
    at_once = when(observation.effective_date_time, context)
    if at_once is not None:
        return at_once
    period = observation.effective_period
    ends = (period.end, period.start) if period else ()
    found = first_of((observation.effective_instant, *ends), context) or last_event(
        observation.effective_timing, context
    )
    return found or first_of((observation.issued,), context)
