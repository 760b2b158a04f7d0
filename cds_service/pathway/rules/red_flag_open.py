"""The card on flags that no MRI has answered (R23), around what its variant adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import newest_date
from cds_service.pathway.finding import Advice, FlagState, Indicator
from cds_service.pathway.rules.extra_risk import extra_risk_lines
from cds_service.pathway.rules.red_flag_lines import common_lines
from cds_service.pathway.rules.red_flag_parts import rules_of
from cds_service.pathway.rules.red_flags.groups import present_evidence
from cds_service.pathway.rules.surgeon import surgical_referral

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.finding import Line, Proposal


def open_card(
    assessment: Assessment,
    thresholds: Thresholds,
    wording: str,
    lines: tuple[Line, ...],
    tests: tuple[Proposal, ...],
) -> Advice:
    """R23 in one of its variants, with the tests it proposes and the surgeon."""
    evidence = present_evidence(assessment)
    variant = ("R24",) if wording.startswith("R24") else ()
    return Advice(
        rule="R23",
        wording=wording,
        indicator=Indicator.CRITICAL,
        rules=("R23", *variant, *rules_of(evidence)),
        slots={"more": len(assessment.flags(FlagState.PRESENT)) - 1},
        evidence=evidence,
        lines=(*common_lines(assessment, thresholds), *lines, *extra_risk_lines(assessment.case, thresholds)),
        proposals=(*tests, *surgical_referral(assessment, thresholds)),
        override="imaging",
        newest_on=newest_date(evidence),
    )
