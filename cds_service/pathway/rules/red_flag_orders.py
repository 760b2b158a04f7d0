"""R25a: red flags with a cervical MRI already ordered; at most its priority is too low."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import newest_date
from cds_service.pathway.finding import (
    Advice,
    Evidence,
    FlagState,
    Indicator,
    Proposal,
    ProposalKind,
)
from cds_service.pathway.open_orders import is_as_urgent
from cds_service.pathway.record import day
from cds_service.pathway.rules.extra_risk import extra_risk_lines
from cds_service.pathway.rules.red_flag_lines import common_lines
from cds_service.pathway.rules.red_flag_parts import flag_names, order_slots, reasons_for, rules_of
from cds_service.pathway.rules.red_flags.groups import (
    CORD_RULES,
    needed_priority,
    present_evidence,
)

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.facts import Service


def already_ordered(assessment: Assessment, order: Service, thresholds: Thresholds) -> Advice:
    """R25a: an MRI is ordered; at most its priority is too low."""
    needed = needed_priority(assessment)
    if is_as_urgent(order.priority, needed):
        return _ordered_card(assessment, order, thresholds, "R25a", Indicator.INFO, ())
    update = Proposal(
        ProposalKind.RAISE_PRIORITY,
        is_recommended=True,
        priority=needed,
        reasons=reasons_for(assessment),
        slots={"flags": flag_names(assessment)},
        order=order,
    )
    indicator = Indicator.CRITICAL if assessment.has_present(*CORD_RULES) else Indicator.WARNING
    return _ordered_card(assessment, order, thresholds, "R25a-raise", indicator, (update,))


def _ordered_card(
    assessment: Assessment,
    order: Service,
    thresholds: Thresholds,
    wording: str,
    indicator: Indicator,
    proposals: tuple[Proposal, ...],
) -> Advice:
    evidence = present_evidence(assessment)
    ordered_on = day(order.authored)
    return Advice(
        rule="R25a",
        wording=wording,
        indicator=indicator,
        rules=("R25a", "R23", *rules_of(evidence)),
        slots={
            "more": len(assessment.flags(FlagState.PRESENT)) - 1,
            **order_slots(order, needed_priority(assessment)),
        },
        evidence=(*evidence, Evidence("R25a", order, ordered_on)),
        lines=(*common_lines(assessment, thresholds), *extra_risk_lines(assessment.case, thresholds)),
        proposals=proposals,
        override="imaging" if proposals else None,
        newest_on=newest_date(evidence),
    )
