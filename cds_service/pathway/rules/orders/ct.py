"""CT of the cervical spine without intrathecal contrast (R52)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import Indicator, Line, Section
from cds_service.pathway.rules.orders import changes, offers
from cds_service.pathway.rules.orders.before import is_after_injury
from cds_service.pathway.rules.orders.cards import card, deferred
from cds_service.pathway.rules.orders.question import NextTest
from cds_service.pathway.rules.phase import Phase
from cds_service.pathway.rules.red_flag_parts import rules_of
from cds_service.pathway.rules.red_flags.groups import present_evidence

if TYPE_CHECKING:
    from cds_service.pathway.finding import Advice
    from cds_service.pathway.rules.orders.question import OrderQuestion


_AFTER_EQUIVOCAL = (NextTest.MYELOGRAPHY_AFTER_MRI, NextTest.NONE_FOLLOWED_UP)


def is_ct_agreed(question: OrderQuestion) -> bool:
    """R52c: after an injury CT is the test."""
    return is_after_injury(question)


def judge_ct(question: OrderQuestion) -> Advice:
    """R52b with a flag; else R52a."""
    if question.has_flag:
        return _impossible_mri(question) if question.is_impossible else _flagged(question)
    if question.phase is Phase.UNKNOWN:
        return card(
            question,
            "R52a",
            question.reading("R52a-undated"),
            Indicator.INFO,
            lines=question.lines(),
            proposals=changes.delete(question),
        )
    return deferred(question, "R52a", "R52a") if question.is_early else _late(question)


def _late(question: OrderQuestion) -> Advice:
    """R52a after day 42: MRI is the preferred test; resolving pain needs none, and one is enough."""
    following = question.next_test
    better = offers.next_imaging(question)
    return card(
        question,
        "R52a",
        f"R52a-late{following.value}",
        Indicator.INFO,
        rules=("R38b",) if following in _AFTER_EQUIVOCAL else (),
        evidence=(*question.evidence("R52a"), *question.mri_done("R52a")),
        lines=(*question.lines(), *offers.next_imaging_lines(question)),
        proposals=changes.replace(question, better) or changes.delete(question),
    )


def _flagged(question: OrderQuestion) -> Advice:
    flags = present_evidence(question.assessment)
    better = offers.mri(question)
    return card(
        question,
        "R52b",
        "R52b",
        Indicator.WARNING,
        rules=("R23", *rules_of(flags)),
        slots=question.slots(more=question.more_flags),
        evidence=(*flags, question.itself("R52b")),
        lines=(*question.episode_notes(), *offers.test_lines(question)),
        proposals=changes.replace(question, better, is_recommended=True) or changes.delete(question),
    )


def _impossible_mri(question: OrderQuestion) -> Advice:
    """An MRI cannot be done: CT myelography is the article's alternative; radiology decides for infection."""
    flags = present_evidence(question.assessment)
    is_infection = offers.is_agreed_with_radiology(question)
    lines = (Line(Section.OTHER_GUIDANCE, "modality-infection", rule="R24"),) if is_infection else ()
    return card(
        question,
        "R52b",
        "R52b-myelography",
        Indicator.INFO,
        rules=("R24", *rules_of(flags)),
        slots=question.slots(more=question.more_flags),
        evidence=(*flags, *question.assessment.mri.evidence, question.itself("R52b")),
        lines=(*question.episode_notes(), *lines, *offers.test_lines(question)),
        proposals=changes.replace(
            question, offers.myelography(question), is_recommended=offers.may_recommend(question)
        ),
    )
