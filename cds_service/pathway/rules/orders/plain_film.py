"""X-ray of the cervical spine (R51)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import Indicator, Line, Section
from cds_service.pathway.rules.orders import changes, offers
from cds_service.pathway.rules.orders.cards import card
from cds_service.pathway.rules.orders.question import NextTest
from cds_service.pathway.rules.phase import Phase
from cds_service.pathway.rules.red_flag_parts import rules_of
from cds_service.pathway.rules.red_flags.groups import present_evidence

if TYPE_CHECKING:
    from cds_service.pathway.finding import Advice, Proposal
    from cds_service.pathway.rules.orders.question import OrderQuestion

_GUIDANCE = Line(Section.OTHER_GUIDANCE, "radiographs-first", rule="R51a")


def judge_film(question: OrderQuestion) -> Advice:
    """R51b with a flag; R51a up to day 42 and whenever the pain resolves; R51c after it."""
    if question.has_flag:
        return _flagged(question)
    if question.phase is Phase.UNKNOWN:
        return _unflagged(question, "R51a", question.reading("R51a-undated"), changes.delete(question))
    if question.is_early:
        return _unflagged(question, "R51a", "R51a", changes.delete(question))
    following = question.next_test
    leave_out = changes.delete(question) if following is NextTest.NONE_RESOLVING else ()
    more = () if following is NextTest.MRI else offers.next_imaging_lines(question)
    return _unflagged(question, "R51c", f"R51c{following.value}", leave_out, more)


def _unflagged(
    question: OrderQuestion,
    rule: str,
    wording: str,
    proposals: tuple[Proposal, ...],
    more: tuple[Line, ...] = (),
) -> Advice:
    return card(
        question,
        rule,
        wording,
        Indicator.INFO,
        evidence=(*question.evidence(rule), *question.mri_done(rule)),
        lines=(*question.lines(), _GUIDANCE, *more),
        proposals=proposals,
    )


def _flagged(question: OrderQuestion) -> Advice:
    """R51b: radiographs do not exclude what the flag points to."""
    flags = present_evidence(question.assessment)
    better = offers.best_imaging(question)
    is_recommended = offers.may_recommend(question)
    instead = changes.replace(question, better, is_recommended=is_recommended)
    beside = better if question.order.has_id else ()
    return card(
        question,
        "R51b",
        "R51b-myelography" if question.is_impossible else "R51b",
        Indicator.WARNING,
        rules=("R23", *rules_of(flags)),
        slots=question.slots(more=question.more_flags),
        evidence=(*flags, question.itself("R51b")),
        lines=(*question.episode_notes(), *offers.test_lines(question)),
        proposals=(*instead, *beside) if better else changes.delete(question),
    )
