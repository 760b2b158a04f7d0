"""A serious cause already recorded as suspected or confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import Reading, active_diagnoses, evidence_of
from cds_service.pathway.rules.red_flags.chart import Chart, conclude
from cds_service.pathway.rules.red_flags.concepts import TARGET, TARGETS, WEAK
from cds_service.pathway.vocabulary import Presence

if TYPE_CHECKING:
    from cds_service.pathway.finding import Finding


def target_diagnosis(chart: Chart) -> Finding:
    """Present even when only suspected; an abscess that may lie in the head is possible.

    Benign tumours of spine and cord belong to the primary tumours [I-19].
    """
    active = active_diagnoses(chart.record, TARGETS | WEAK[TARGET])
    targets = [s for s in active if s.concepts & TARGETS]
    unplaced = [s for s in active if not s.concepts & TARGETS]
    suspected = {id(s) for s in active if s.presence is Presence.SUSPECTED}
    reading = Reading(
        tuple(evidence_of("R23", s, *(("suspected",) if id(s) in suspected else ())) for s in targets),
        tuple(evidence_of("R23", s, "site-not-stated") for s in unplaced),
    )
    return conclude(chart, TARGET, reading)
