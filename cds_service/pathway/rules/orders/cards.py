"""The parts every card on an order shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import newest_date
from cds_service.pathway.finding import Advice, Selection
from cds_service.pathway.rules.initial_care import care_lines, care_rules
from cds_service.pathway.rules.orders.changes import replace_or_delete
from cds_service.pathway.rules.orders.offers import initial_care

if TYPE_CHECKING:
    from cds_service.pathway.finding import Evidence, Indicator, Line, Proposal, SlotValue
    from cds_service.pathway.rules.orders.question import OrderQuestion

IMAGING, DRUGS = "imaging", "drugs"


def card(
    question: OrderQuestion,
    rule: str,
    wording: str,
    indicator: Indicator,
    *,
    rules: tuple[str, ...] = (),
    slots: dict[str, SlotValue] | None = None,
    evidence: tuple[Evidence, ...] | None = None,
    lines: tuple[Line, ...] = (),
    proposals: tuple[Proposal, ...] = (),
    selection: Selection = Selection.AT_MOST_ONE,
    override: str | None = IMAGING,
) -> Advice:
    """A card about the order in hand."""
    found = question.evidence(rule) if evidence is None else evidence
    parts = [part for proposal in proposals for part in (proposal, *proposal.parts)]
    return Advice(
        rule=rule,
        wording=wording,
        indicator=indicator,
        rules=tuple(dict.fromkeys((rule, *rules, *care_rules(tuple(parts))))),
        slots=question.slots() if slots is None else slots,
        evidence=found,
        lines=lines,
        proposals=proposals,
        selection=selection,
        override=override,
        newest_on=newest_date(found),
        order=question.order,
    )


def deferred(
    question: OrderQuestion,
    rule: str,
    wording: str,
    *,
    rules: tuple[str, ...] = (),
    lines: tuple[Line, ...] = (),
) -> Advice:
    """R46 and what is judged like it: initial care in place of the study.

    With a possible flag, or with data unread, nothing is recommended away.
    """
    offers = replace_or_delete(question, initial_care(question), is_recommended=not question.is_doubtful)
    return card(
        question,
        rule,
        question.fitting(wording),
        question.discouraging(),
        rules=rules,
        lines=(
            *question.lines(),
            *lines,
            *care_lines(question.assessment, question.thresholds),
            *question.radicular_lines(),
        ),
        proposals=offers,
    )
