"""What every rule said, for the trace (``cds-service explain``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from cds_service.pathway.finding import FlagState, RuleVerdict
from cds_service.pathway.verdict import Verdict
from cds_service.pathway.vocabulary import Course

if TYPE_CHECKING:
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.eligibility import Eligibility
    from cds_service.pathway.finding import Advice, Finding
    from cds_service.pathway.order_decision import JudgedOrders
    from cds_service.pathway.precedence import Shown

ADVISING = (
    *("R23", "R24", "R25a", "R25b", "R26", "R27", "R28", "R29", "R30", "R31", "R32", "R33a", "R33b", "R33c"),
    *("R34a", "R34b", "R35", "R36", "R37", "R38a", "R38b", "R39", "R40", "R41", "R42", "R43", "R44"),
    *("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12"),
)
ON_ORDERS = (
    *("R46", "R46u", "R47", "R48", "R49", "R50a", "R50b", "R50c", "R51a", "R51b", "R51c", "R52a", "R52b"),
    *("R52c", "R53", "R54", "R55", "R56", "R57", "R58", "R59", "R60", "R61"),
    *("S1", "S2", "S3", "S4", "S5", "S7", "S8", "S11", "S13"),
)
_NEEDS_ONSET = frozenset({"R46", "R47", "R48", "R27", "R32", "R33a", "R33b", "R33c", "R34a", "R34b"})
_NEEDS_COURSE = frozenset({"R33a", "R33b", "R34a", "R41"})
_STATES = {
    FlagState.PRESENT: (Verdict.MET, "flag-present"),
    FlagState.POSSIBLE: (Verdict.UNDETERMINED, "flag-possible"),
    FlagState.ABSENT: (Verdict.NOT_MET, "flag-absent"),
    FlagState.NOT_DOCUMENTED: (Verdict.UNDETERMINED, "flag-not-documented"),
    FlagState.NOT_READABLE: (Verdict.UNDETERMINED, "flag-not-readable"),
}


def quiet_verdicts(eligibility: Eligibility) -> tuple[RuleVerdict, ...]:
    """The verdicts of a chart the pathway does not apply to."""
    outside = RuleVerdict("R1", Verdict.NOT_MET, eligibility.why)
    return outside, RuleVerdict(eligibility.rule, Verdict.MET, eligibility.why)


def verdicts(assessment: Assessment, shown: Shown, muted: tuple[Advice, ...] = ()) -> tuple[RuleVerdict, ...]:
    """Every rule asked of this chart, in the order of its number."""
    # Of a rule that shaped several cards the last of these is told.
    places = (("muted", muted), ("further", shown.also), ("waits", shown.waiting), ("shown", shown.advice))
    said = {rule: why for why, group in places for advice in group for rule in rules_of(advice)}
    flags = [_flag(finding) for finding in assessment.findings]
    advising = _advising(ADVISING, assessment, said)
    background = RuleVerdict("R45", Verdict.MET, "background")
    return (RuleVerdict("R1", Verdict.MET, "in-pathway"), *flags, *advising, background)


def quiet_order_verdicts(eligibility: Eligibility, advice: tuple[Advice, ...]) -> tuple[RuleVerdict, ...]:
    """The verdicts on orders for a patient the pathway does not apply to."""
    said = tuple(RuleVerdict(a.rule, Verdict.MET, "shown", evidence=a.evidence) for a in advice)
    return (*quiet_verdicts(eligibility), *said)


def order_verdicts(
    assessment: Assessment, judged: JudgedOrders, eligibility: Eligibility
) -> tuple[RuleVerdict, ...]:
    """Every rule asked of the orders in hand, after the red flags."""
    said = {
        rule: why
        for why, group in (("muted", judged.muted), ("further", judged.also), ("shown", judged.advice))
        for a in group
        for rule in rules_of(a)
    }
    first = RuleVerdict(eligibility.rule, Verdict.MET, eligibility.why)
    flags = [_flag(finding) for finding in assessment.findings]
    orders = _advising(ON_ORDERS, assessment, said)
    return (first, *flags, *orders)


def rules_of(advice: Advice) -> tuple[str, ...]:
    """Every rule that shaped a card."""
    return tuple(dict.fromkeys((*advice.rules, *(line.rule for line in advice.lines if line.rule))))


def is_resolving(assessment: Assessment) -> bool:
    """R35: the one rule whose outcome is that nothing is said."""
    return assessment.trajectory.course is Course.RESOLVING and not assessment.has_present()


def _flag(finding: Finding) -> RuleVerdict:
    verdict, why = _STATES[finding.state]
    return RuleVerdict(finding.rule, verdict, why, evidence=finding.evidence)


def _advising(
    rules: tuple[str, ...], assessment: Assessment, said: Mapping[str, str]
) -> Iterator[RuleVerdict]:
    """What these rules came to: most are silent in most charts."""
    course, onset = assessment.trajectory.course, assessment.episode.onset
    for usual in _silent(rules, has_onset=onset is not None, has_course=course is not None):
        if usual.rule in said:
            yield RuleVerdict(usual.rule, Verdict.MET, said[usual.rule])
        elif usual.rule == "R35" and is_resolving(assessment):
            yield RuleVerdict(usual.rule, Verdict.MET, "resolving", evidence=assessment.trajectory.evidence)
        else:
            yield usual


@cache
def _silent(rules: tuple[str, ...], *, has_onset: bool, has_course: bool) -> tuple[RuleVerdict, ...]:
    """The verdicts of rules that say nothing."""
    return tuple(_silent_verdict(rule, has_onset=has_onset, has_course=has_course) for rule in rules)


def _silent_verdict(rule: str, *, has_onset: bool, has_course: bool) -> RuleVerdict:
    if rule in _NEEDS_ONSET and not has_onset:
        return RuleVerdict(rule, Verdict.UNDETERMINED, "onset-unknown")
    if rule in _NEEDS_COURSE and not has_course:
        return RuleVerdict(rule, Verdict.UNDETERMINED, "course-unknown")
    return RuleVerdict(rule, Verdict.NOT_MET, "conditions-not-met")
