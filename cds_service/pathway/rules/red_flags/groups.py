"""Red flags by what they point to, and what the present ones of a case ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.facts import Statement
from cds_service.pathway.finding import FlagState
from cds_service.pathway.open_orders import STAT, URGENT
from cds_service.pathway.rules.red_flags.concepts import (
    ABSCESS,
    CORD,
    INFECTION_TARGETS,
    TARGET,
    TUMOUR_TARGETS,
)

if TYPE_CHECKING:
    from datetime import date

    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.finding import Evidence, Finding

CORD_RULES = ("R14", "R15", "R16", "R17", "R18", "R19", "R20")
MYELOPATHY_RULES = ("R16", "R17", "R18", "R19", "R20")
INFECTION_RULES = ("R5", "R6", "R7", "R8", "R9", "R10", "R12", "R13", "R22")
WORK_UP_RULES = ("R5", "R6", "R7", "R8", "R9", "R10", "R12", "R13")


def newest_flag_on(assessment: Assessment) -> date | None:
    """Day of the newest present flag; None when one bears none, which may be newer than anything."""
    days = [finding.flag_on for finding in assessment.flags(FlagState.PRESENT)]
    dated = [on for on in days if on is not None]
    return max(dated) if dated and len(dated) == len(days) else None


def present_evidence(assessment: Assessment) -> tuple[Evidence, ...]:
    """Evidence of every present flag: cord and root first, since they set the priority; then newest."""
    found = sorted(assessment.flags(FlagState.PRESENT), key=_rank)
    return tuple(evidence for finding in found for evidence in finding.evidence)


def _rank(finding: Finding) -> tuple[bool, int]:
    newest = finding.evidence[0].on if finding.evidence else None
    return (finding.rule not in CORD_RULES, -newest.toordinal() if newest else 0)


def needed_priority(assessment: Assessment) -> str:
    """``stat`` for flags of cord or root and for a suspected epidural abscess, else ``urgent`` [I-11]."""
    is_stat = assessment.has_present(*CORD_RULES) or bool(_target_concepts(assessment) & {ABSCESS})
    return STAT if is_stat else URGENT


def _target_concepts(assessment: Assessment) -> frozenset[str]:
    if not assessment.has_present(TARGET):
        return frozenset()
    found = [f for f in assessment.flags(FlagState.PRESENT) if f.rule == TARGET]
    facts = [e.fact for f in found for e in f.evidence]
    return frozenset[str]().union(*(fact.concepts for fact in facts if isinstance(fact, Statement)))


def is_infection_suspected(assessment: Assessment) -> bool:
    """Any present flag of infection, or a recorded spinal infection."""
    return assessment.has_present(*INFECTION_RULES) or bool(_target_concepts(assessment) & INFECTION_TARGETS)


def is_tumour_suspected(assessment: Assessment) -> bool:
    """A malignancy, or a recorded tumour or metastasis of the spine."""
    return assessment.has_present("R11") or bool(_target_concepts(assessment) & TUMOUR_TARGETS)


def is_infection_only(assessment: Assessment) -> bool:
    """Whether every present flag is of the infection type."""
    rules = {f.rule for f in assessment.flags(FlagState.PRESENT)}
    return rules <= {*INFECTION_RULES, TARGET} and not _target_concepts(assessment) & TUMOUR_TARGETS


def is_myelopathy_likely(assessment: Assessment) -> bool:
    """Myelopathic signs, or a myelopathy coded as such."""
    if assessment.has_present(*MYELOPATHY_RULES):
        return True
    facts = [e.fact for f in assessment.flags(FlagState.PRESENT) if f.rule == "R15" for e in f.evidence]
    return any(isinstance(fact, Statement) and fact.concepts & CORD for fact in facts)
