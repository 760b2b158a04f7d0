"""All red flags of a case, in the order of their rules.

A flag is judged when the record names anything it reads; most charts are about a few of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import NO_EVIDENCE
from cds_service.pathway.record import record_of
from cds_service.pathway.rules.red_flags import (
    bilateral,
    constitutional,
    history,
    laboratory,
    myelopathy,
    neurology,
    pain,
    targets,
)
from cds_service.pathway.rules.red_flags.chart import Chart, conclude
from cds_service.pathway.rules.red_flags.concepts import read_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Episode, Trial
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.finding import Finding

JUDGES: Mapping[str, Callable[[Chart], Finding]] = {
    "R5": constitutional.fever,
    "R6": constitutional.weight_loss,
    "R7": constitutional.night_sweats,
    "R8": laboratory.esr,
    "R9": laboratory.crp,
    "R10": laboratory.white_cells,
    "R11": history.malignancy,
    "R12": history.immunosuppression,
    "R13": history.injection_drug_use,
    "R14": neurology.progressive_weakness,
    "R15": neurology.deficit,
    "R16": bilateral.bilateral_symptoms,
    "R17": myelopathy.gait,
    "R18": myelopathy.bladder_bowel,
    "R19": myelopathy.hyperreflexia,
    "R20": myelopathy.plantar,
    "R21": pain.intractable_pain,
    "R22": pain.vertebral_tenderness,
    "target-diagnosis": targets.target_diagnosis,
}
_READ = {rule: read_by(rule) for rule in JUDGES}


def screen(case: NeckPainCase, episode: Episode, trial: Trial, thresholds: Thresholds) -> tuple[Finding, ...]:
    """Judge every red flag: R5 to R22 in order, then the recorded target diagnosis.

    The trajectory of the pain is not asked for: what "progressing" means in R14 is stated about the weakness.
    """
    chart = Chart(case, record_of(case), episode, trial, thresholds)
    return tuple(
        [
            judge(chart) if _has_evidence(chart, rule) else conclude(chart, rule, NO_EVIDENCE)
            for rule, judge in JUDGES.items()
        ]
    )


def _has_evidence(chart: Chart, rule: str) -> bool:
    """Whether anything may speak for or against a flag; of R21 that may be the pain's own entry."""
    return rule == "R21" or chart.record.names_any(_READ[rule])
