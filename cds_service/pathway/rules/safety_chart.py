"""What the drug-safety rules read: active conditions, drugs in use, past events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cds_service.pathway.evidence import evidence_of
from cds_service.pathway.finding import Evidence
from cds_service.pathway.record import Record, day, record_of, started_on
from cds_service.value import Value

if TYPE_CHECKING:
    from datetime import date

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import Measurement

# An administered drug has its order among the requests, so these two lists are the medication record.
DRUG_KEYS = frozenset({"medicationStatements", "medicationRequests"})
DRUG_TYPES = frozenset({"MedicationStatement", "MedicationRequest"})


class SafetyChart(Value, frozen=True):
    """A case as the safety rules read it. Suspected conditions count: caution costs little here."""

    case: NeckPainCase
    record: Record
    thresholds: Thresholds

    def active(self, rule: str, *concepts: str) -> list[Evidence]:
        """Active conditions of any of the concepts."""
        return [evidence_of(rule, s) for s in self.record.affirmed(concepts) if s.is_active]

    def ever(self, rule: str, *concepts: str) -> list[Evidence]:
        """Conditions of any of the concepts at any clinical status."""
        return [evidence_of(rule, s) for s in self.record.affirmed(concepts)]

    def since(self, rule: str, days: int, *concepts: str) -> list[Evidence]:
        """Conditions that began in the last days, at any clinical status, and active ones without a date."""
        found = self.record.affirmed(concepts)
        recent = [s for s in found if self.record.is_within(started_on(s), days)]
        undated = [s for s in found if started_on(s) is None and s.is_active]
        return [evidence_of(rule, s) for s in recent + undated]

    def done_within(self, rule: str, days: int, *concepts: str) -> list[Evidence]:
        """Services carried out in the last days."""
        found = [s for s in self.record.done(concepts) if self.record.is_within(day(s.performed), days)]
        return [Evidence(rule, s, day(s.performed)) for s in found]

    def taking(self, rule: str, *concepts: str) -> list[Evidence]:
        """Systemic drugs in use, and active entries that say such a drug is in use."""
        drugs = [d for d in self.record.used(concepts) if d.is_current]
        return [Evidence(rule, d, day(d.start)) for d in drugs] + self.active(rule, *concepts)

    def taken_within(self, rule: str, days: int, *concepts: str) -> list[Evidence]:
        """Drugs in use or stopped in the last days."""
        stopped = [d for d in self.record.used(concepts) if self.record.is_within(day(d.end), days)]
        return self.taking(rule, *concepts) + [
            Evidence(rule, d, day(d.end)) for d in stopped if not d.is_current
        ]

    def newest_dated(self, concept: str, days: int | None = None) -> list[Measurement]:
        """Results of the newest day that has any, in the look-back; several when that day has several."""
        newest: list[Measurement] = []
        last: date | None = None
        for result in self.record.measured((concept,)):  # newest first
            if result.taken is None or result.value is None:
                continue
            if last is not None and result.taken.on != last:
                break
            last = result.taken.on
            newest.append(result)
        return newest if days is None or self.record.is_within(last, days) else []

    def undated(self, concept: str) -> list[Measurement]:
        """Results that bear no date, and may be of today."""
        return [m for m in self.record.measured((concept,)) if m.taken is None and m.value is not None]

    def maybe_newest(self, concept: str, days: int | None = None) -> list[Measurement]:
        """The newest dated results, and those without a date: nothing shows that they are older."""
        return self.newest_dated(concept, days) + self.undated(concept)

    def is_aged(self, years: int) -> bool:
        """Whether the patient may have reached an age; a doubt about the age is no clearance."""
        return self.case.age_years is not None and self.case.age_years.at_most >= years


class Check(Value, frozen=True):
    """A reason for or against a drug.

    Attributes:
        reads: Every concept without which nothing is found.
        judge: The evidence, none when the reason does not apply.
    """

    reads: frozenset[str]
    judge: Callable[[SafetyChart], list[Evidence]]

    def found(self, chart: SafetyChart) -> list[Evidence]:
        """The evidence; the record is asked only when it names anything of it."""
        return self.judge(chart) if chart.record.names_any(self.reads) else []


def safety_chart(case: NeckPainCase, thresholds: Thresholds) -> SafetyChart:
    """Index a case for the safety rules."""
    return SafetyChart(case, record_of(case), thresholds)
