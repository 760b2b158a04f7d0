"""History: malignancy (R11), immunosuppression (R12), injection drug use (R13)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.evidence import Reading, denied_on, evidence_of
from cds_service.pathway.facts import DrugUse, Service, Statement
from cds_service.pathway.finding import Evidence, Finding
from cds_service.pathway.record import day, started_on
from cds_service.pathway.rules.cancer_treatment import drugs_for_cancer
from cds_service.pathway.rules.red_flags.chart import Chart, conclude
from cds_service.pathway.rules.red_flags.concepts import (
    B_CELL_DRUG,
    CANCER_TREATMENT,
    DENIED_BY,
    IMMUNE_CONDITIONS,
    IMMUNE_DRUGS,
    STRONG,
    WEAK,
)
from cds_service.pathway.rules.red_flags.steroids import drug_evidence, steroid_reading
from cds_service.pathway.standing import covers
from cds_service.pathway.vocabulary import Presence

if TYPE_CHECKING:
    from datetime import date

# What merely may be a flag must not be called one.
_NAMES = {"R11": "R11-possible", "R13": "R13-possible"}
_SameThing = Callable[[Statement, Statement], bool]


def malignancy(chart: Chart) -> Finding:
    """R11: any own malignancy at any clinical status, its treatment, or a cancer drug given for cancer."""
    coded = _lifetime(chart, "R11", _is_same_diagnosis)
    treated = tuple(_service("R11", s) for s in chart.record.done((CANCER_TREATMENT,)))
    drugs = tuple(drug_evidence("R11", d) for d in drugs_for_cancer(chart.record))
    reading = coded.joined(Reading(present=treated + drugs))
    return conclude(chart, "R11", reading, flag_on=_history_on(chart, reading))


def injection_drug_use(chart: Chart) -> Finding:
    """R13: injection drug use, current or past; a drug use disorder without a route is possible."""
    reading = _lifetime(chart, "R13", covers)
    return conclude(chart, "R13", reading, flag_on=_history_on(chart, reading))


def _lifetime(chart: Chart, rule: str, is_denied: _SameThing) -> Reading:
    """History counts at any clinical status and for ever; a denial answers only what is merely possible."""
    concepts = STRONG[rule] | WEAK.get(rule, frozenset())
    denials = _denials(chart, rule, concepts)
    present: list[Evidence] = []
    possible: list[Evidence] = []
    for statement in chart.record.affirmed(concepts):
        evidence = _history(rule, statement)
        if statement.presence is Presence.PRESENT and statement.concepts & STRONG[rule]:
            present.append(evidence)
        elif not any(_answers(denial, statement, is_denied) for denial in denials):
            possible.append(evidence)
    absent = tuple(evidence_of(rule, denial) for denial in denials)
    return Reading(tuple(present), tuple(possible), absent)


def _denials(chart: Chart, rule: str, concepts: frozenset[str]) -> list[Statement]:
    negative = [s for s in chart.record.about(concepts) if s.presence is Presence.ABSENT]
    coded = chart.record.about(DENIED_BY.get(rule, frozenset()))
    negative += [s for s in coded if s.presence is Presence.PRESENT]
    return [s for s in negative if s.recorded is not None]


def _answers(denial: Statement, statement: Statement, is_denied: _SameThing) -> bool:
    said = started_on(statement)
    return said is not None and denied_on(denial) >= said and is_denied(denial, statement)


def _is_same_diagnosis(denial: Statement, statement: Statement) -> bool:
    """One refuted tumour says nothing about another."""
    shared = denial.concepts & statement.concepts
    return bool(shared) and denial.source.text.casefold() == statement.source.text.casefold()


def _history(rule: str, statement: Statement) -> Evidence:
    """History is told by when it began, not by when it was last written down."""
    remarks = ("suspected",) if _is_suspected(statement) else ()
    name = _NAMES.get(rule, "") if statement.concepts.isdisjoint(STRONG[rule]) else ""
    evidence = evidence_of(rule, statement, *remarks, name=name)
    return structs.replace(evidence, on=started_on(statement) or evidence.on)


def _is_suspected(statement: Statement) -> bool:
    return statement.presence is Presence.SUSPECTED


def _history_on(chart: Chart, reading: Reading) -> date:
    """Date an MRI is compared with: pain onset, or the start of the history itself if that is later.

    An unknown onset counts as today: an MRI from before this pain settles nothing.
    """
    starts = [evidence.on for evidence in reading.present if evidence.on is not None]
    return max([chart.pain_onset or chart.as_of, *starts])


def immunosuppression(chart: Chart) -> Finding:
    """R12: an immune condition, an immunosuppressive drug, or enough systemic steroid for long enough."""
    reading = _immune_conditions(chart).joined(_immune_drugs(chart)).joined(steroid_reading(chart))
    return conclude(chart, "R12", reading, flag_on=_history_on(chart, reading))


def _immune_conditions(chart: Chart) -> Reading:
    entries = chart.record.about(STRONG["R12"] | WEAK["R12"])
    active = [s for s in entries if s.is_active and s.presence is not Presence.ABSENT]
    present = [s for s in active if s.presence is Presence.PRESENT and s.concepts & STRONG["R12"]]
    possible = [s for s in active if not any(s is other for other in present)]
    absent = tuple(evidence_of("R12", s) for s in entries if s.presence is Presence.ABSENT and s.recorded)
    procedures = tuple(_service("R12", s) for s in chart.record.done(IMMUNE_CONDITIONS))
    return Reading(
        tuple(_history("R12", s) for s in present) + procedures,
        tuple(_history("R12", s) for s in possible),
        absent,
    )


def _immune_drugs(chart: Chart) -> Reading:
    limits = chart.thresholds
    depleting = chart.record.used((B_CELL_DRUG,))
    others = [d for d in chart.record.used(IMMUNE_DRUGS) if B_CELL_DRUG not in d.concepts]
    longer = _by_recency(chart, depleting, limits.b_cell_depletion_lookback_days)
    return longer.joined(_by_recency(chart, others, limits.immunosuppressant_lookback_days))


def _by_recency(chart: Chart, drugs: Iterable[DrugUse], days: int) -> Reading:
    """Drugs in use or ended in the look-back; one without any date may be of yesterday: possible."""
    present: list[Evidence] = []
    possible: list[Evidence] = []
    for drug in drugs:
        last = chart.as_of if drug.is_current else day(drug.end or drug.start)
        if last is None:
            possible.append(drug_evidence("R12", drug, "undated"))
        elif chart.record.is_within(last, days):
            present.append(drug_evidence("R12", drug))
    return Reading(tuple(present), tuple(possible))


def _service(rule: str, service: Service) -> Evidence:
    return Evidence(rule, service, day(service.performed))
