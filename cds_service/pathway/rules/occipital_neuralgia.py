"""Occipital neuralgia: the diagnosis, or its pattern (R44)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import (
    Advice,
    Evidence,
    Indicator,
    Line,
    Proposal,
    ProposalKind,
    Section,
    Selection,
)
from cds_service.pathway.open_orders import ORDERED_OR_DRAFTED, open_orders
from cds_service.pathway.qualifying import NEURALGIA
from cds_service.pathway.rules.phase import reasons
from cds_service.pathway.vocabulary import Site

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.facts import Statement

_DETAIL = "obs/pain-detail"
_OCCIPITAL = frozenset({"presenting/occipital-headache", NEURALGIA})
_PAROXYSMAL = "paroxysmal"
_SHARP = frozenset({"lancinating", "shooting", "stabbing", "electric"})
_REFERRALS = {ProposalKind.NEUROLOGY: "referral/neurology", ProposalKind.PAIN_MEDICINE: "referral/pain"}


def judge_occipital_neuralgia(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """R44: active neuralgia, or paroxysmal, lancinating, occipital pain; two of three are nothing."""
    pattern = neuralgia_pattern(assessment, thresholds)
    if not pattern or _is_referred(assessment, thresholds):
        return None
    evidence = tuple(Evidence("R44", s, s.newest_on) for s in pattern)
    return Advice(
        rule="R44",
        wording="R44" if not any(NEURALGIA in s.concepts for s in pattern) else "R44-diagnosed",
        indicator=Indicator.INFO,
        rules=("R44",),
        evidence=evidence,
        lines=(
            Line(Section.STEP, "neuralgia-mechanism", rule="R44"),
            Line(Section.STEP, "neuralgia-options", rule="R44"),
            Line(Section.BEYOND_ARTICLE, "neuralgia-criteria", rule="R44"),
        ),
        proposals=tuple(
            Proposal(kind, priority="routine", reasons=reasons(assessment)) for kind in _REFERRALS
        ),
        selection=Selection.AT_MOST_ONE,
        newest_on=max((e.on for e in evidence if e.on), default=None),
    )


def _is_referred(assessment: Assessment, thresholds: Thresholds) -> bool:
    """Whether one of the referrals is open already."""
    referrals, days = _REFERRALS.values(), thresholds.order_open_days
    return bool(open_orders(assessment.case, referrals, days, statuses=ORDERED_OR_DRAFTED))


def neuralgia_pattern(assessment: Assessment, thresholds: Thresholds) -> tuple[Statement, ...]:
    """The statements that make the diagnosis or its pattern; none when there is neither."""
    pains = assessment.episode.pains
    diagnosed = tuple(s for s in pains if NEURALGIA in s.concepts)
    if diagnosed:
        return diagnosed
    described = (
        *pains,
        *(s for s in assessment.case.statements if _is_current_detail(assessment, s, thresholds)),
    )
    qualities = frozenset[str]().union(*(s.qualities for s in described))
    is_occipital = any(s.concepts & _OCCIPITAL or Site.OCCIPUT in s.sites for s in described)
    if is_occipital and _PAROXYSMAL in qualities and qualities & _SHARP:
        return tuple(s for s in described if s.qualities or s.concepts & _OCCIPITAL)
    return ()


def _is_current_detail(assessment: Assessment, statement: Statement, thresholds: Thresholds) -> bool:
    """A description of the pain in this episode."""
    on, onset = statement.newest_on, assessment.episode.onset
    if _DETAIL not in statement.concepts or on is None:
        return False
    if onset is not None:
        return on >= onset.on
    return (assessment.case.as_of - on).days <= thresholds.course_statement_max_age_days
