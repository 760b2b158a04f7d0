"""The last day and the first day after it: limits of time and amount, from both sides."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.pathway.decision import decide
from cds_service.pathway.episode import assess_episode
from cds_service.pathway.facts import CourseStatement, Visit
from cds_service.pathway.finding import Decision, FlagState, ProposalKind
from cds_service.pathway.imaging import imaging_history
from cds_service.pathway.rules.nsaid_safety import judge_nsaid
from cds_service.pathway.rules.trauma import judge_trauma
from cds_service.pathway.therapy import assess_trial
from cds_service.pathway.trajectory import assess_trajectory
from cds_service.pathway.vocabulary import AgeRange, Course, Presence, Source, When
from tests.builders import (
    LIMITS,
    ago,
    assessment,
    case,
    drug,
    episode,
    measurement,
    pain,
    report,
    service,
    statement,
    when,
)
from tests.unit.pathway.rules.red_flags.flags import ABSENT, NOTHING, POSSIBLE, PRESENT, state

PT, MRI = "therapy/physical-therapy", "imaging/mri-cervical-wo"


def decided(*facts: Any, **fields: Any) -> Decision:
    return decide(case(*facts, **fields), LIMITS)


def shown(decision: Decision) -> list[str]:
    return [advice.rule for advice in decision.advice]


def course_of(*facts: Any, pain_days: int = 60, **fields: Any) -> Course | None:
    made = case(pain(pain_days), *facts, **fields)
    found = assess_episode(made, LIMITS)
    assert found is not None
    return assess_trajectory(made, found, LIMITS).course


def score(value: float, days: int) -> Any:
    return measurement("obs/pain-severity", value, days)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param(8, 6, Course.RESOLVING, id="2 points less"),
        pytest.param(8, 6.1, Course.STABLE, id="1.9 points less"),
        pytest.param(5, 3.5, Course.RESOLVING, id="30 percent less"),
        pytest.param(5, 3.6, Course.STABLE, id="28 percent less"),
        pytest.param(0, 0, Course.STABLE, id="no pain, before and now"),
        pytest.param(4, 6, Course.PROGRESSING, id="2 points more"),
        pytest.param(4, 5.9, Course.STABLE, id="1.9 points more"),
    ],
)
def test_a_change_of_the_score(before: float, now: float, expected: Course) -> None:
    assert course_of(score(before, 30), score(now, 1)) is expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param(28, 14, Course.STABLE, id="the later score 14 days ago"),
        pytest.param(29, 15, None, id="the later score 15 days ago"),
        pytest.param(15, 1, Course.STABLE, id="14 days apart"),
        pytest.param(14, 1, None, id="13 days apart"),
        pytest.param(60, 1, Course.STABLE, id="the first on the day of the onset"),
        pytest.param(61, 1, None, id="the first before the onset"),
    ],
)
def test_two_scores_that_can_be_compared(first: int, last: int, expected: Course | None) -> None:
    assert course_of(score(6, first), score(6, last)) is expected


@pytest.mark.parametrize(("days", "expected"), [(42, Course.STABLE), (43, None)])
def test_a_statement_of_the_course_lasts_42_days(days: int, expected: Course | None) -> None:
    said = CourseStatement(Course.STABLE, Source("Observation/course"), When(ago(days)))
    assert course_of(courses=(said,)) is expected


@pytest.mark.parametrize(
    ("gap", "days"), [pytest.param(28, 42, id="one run"), pytest.param(29, 28, id="a new run")]
)
def test_sessions_28_days_apart_belong_together(gap: int, days: int) -> None:
    """First to last session plus 14 days; with a gap beyond 28 days each session has its 14 days only."""
    sessions = (service(PT, 59), service(PT, 59 - gap))
    made = case(pain(60), services=sessions)
    assert assess_trial(made, episode(60), judge_nsaid(made, LIMITS), LIMITS).days == days


@pytest.mark.parametrize(
    ("end", "has_nsaid"), [pytest.param(10, True, id="on the onset"), pytest.param(11, False, id="before")]
)
def test_a_drug_that_ended_before_the_pain_is_no_trial(end: int, has_nsaid: bool) -> None:
    made = case(pain(10), drug("drug/nsaid", 50, end))
    assert assess_trial(made, episode(10), judge_nsaid(made, LIMITS), LIMITS).has_nsaid is has_nsaid


@pytest.mark.parametrize(("days", "offers"), [(42, False), (43, True)])
def test_a_visit_by_the_end_of_the_window_is_the_follow_up(days: int, offers: bool) -> None:
    visit = Visit(Source("Appointment/1"), ago(-days), concerns_neck=True)
    (advice,) = decided(pain(5), visits=(visit,)).advice
    assert (ProposalKind.FOLLOW_UP in {p.kind for p in advice.proposals}) is offers


@pytest.mark.parametrize(("days", "is_in_episode"), [(50, True), (51, False)])
def test_an_mri_of_the_day_the_pain_began_is_of_the_episode(days: int, is_in_episode: bool) -> None:
    history = imaging_history(case(pain(50), report(days)), episode(50), LIMITS)
    assert (history.mri_in_episode is not None) is is_in_episode


@pytest.mark.parametrize(("done", "is_open"), [(5, False), (6, True)])
def test_an_order_is_answered_by_an_mri_of_its_day_or_later(done: int, is_open: bool) -> None:
    history = imaging_history(case(pain(50), report(done), service(MRI, 5, "ordered")), episode(50), LIMITS)
    assert (history.open_mri_order is not None) is is_open


@pytest.mark.parametrize(("days", "expected"), [(365, ["R41"]), (366, [])])
def test_an_mri_with_root_compression_counts_for_a_year(days: int, expected: list[str]) -> None:
    shows = frozenset({"imaging/finding-nerve-root-compression"})
    sessions = tuple(service(PT, on) for on in range(0, 400, 14))
    stable = CourseStatement(Course.STABLE, Source("Observation/course"), When(ago(1)))
    facts = (pain(380, "presenting/cervical-radiculopathy", recorded=when(5)), report(days, findings=shows))
    found = decided(*facts, drug("drug/nsaid", 380), services=sessions, courses=(stable,))
    assert [rule for rule in shown(found) if rule == "R41"] == expected


@pytest.mark.parametrize(
    ("infection", "pain_days", "expected"), [(90, 90, True), (91, 5, False), (5, 91, False)]
)
def test_a_bloodstream_infection_and_a_pain_of_90_days(
    infection: int, pain_days: int, expected: bool
) -> None:
    entry = statement("red-flag/bloodstream-infection", infection, is_active=False)
    assert ("S9" in shown(decided(pain(pain_days), entry))) is expected


@pytest.mark.parametrize(("days", "expected"), [(7, True), (8, False)])
def test_an_external_cause_within_a_week_of_the_injury_is_its_mechanism(days: int, expected: bool) -> None:
    facts = (statement("red-flag/trauma", 10), statement("context/injury-external-cause", 10 - days))
    advice = judge_trauma(assessment(case=case(*facts), episode=episode(10)), LIMITS)
    assert advice is not None
    named = [line.slots["features"] for line in advice.lines if line.key == "trauma-features"]
    assert named == ([("@term.recorded-mechanism",)] if expected else [])


@pytest.mark.parametrize(
    ("comparator", "value", "expected"),
    [
        pytest.param(">", 38.0, PRESENT, id="above the limit itself"),
        pytest.param(">=", 38.0, PRESENT, id="at least the limit itself"),
        pytest.param("<", 38.0, ABSENT, id="below the limit itself"),
    ],
)
def test_a_temperature_with_a_comparator_at_the_limit(
    comparator: str, value: float, expected: FlagState
) -> None:
    assert state("R5", measurement("obs/body-temperature", value, 1, comparator=comparator)) is expected


@pytest.mark.parametrize(("days", "expected"), [(730, NOTHING), (731, POSSIBLE)])
def test_an_entry_about_losing_weight_explains_a_loss_for_24_months(days: int, expected: FlagState) -> None:
    weights = (measurement("obs/body-weight", 80, 100), measurement("obs/body-weight", 75, 0))
    assert state("R6", *weights, statement("risk/weight-loss-other-cause", days)) is expected


@pytest.mark.parametrize(
    ("drug_days", "expected"),
    [
        pytest.param((300, 100), NOTHING, id="ended on the day of the earlier weight"),
        pytest.param((300, 101), POSSIBLE, id="ended before the earlier weight"),
        pytest.param((5, None), NOTHING, id="begun on the day of the later weight"),
        pytest.param((4, None), POSSIBLE, id="begun after the later weight"),
    ],
)
def test_a_drug_explains_a_loss_while_it_was_taken(
    drug_days: tuple[int, int | None], expected: FlagState
) -> None:
    weights = (measurement("obs/body-weight", 80, 100), measurement("obs/body-weight", 75, 5))
    assert state("R6", *weights, drug("risk/weight-loss-other-cause", *drug_days)) is expected


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        pytest.param(139, "term.pregnancy", id="19 weeks and 6 days"),
        pytest.param(140, "term.pregnancy-20-weeks", id="20 weeks"),
        pytest.param(209, "term.pregnancy-20-weeks", id="29 weeks and 6 days"),
        pytest.param(210, "term.pregnancy-late", id="30 weeks"),
        pytest.param(300, "term.pregnancy-late", id="as long as any lasts"),
        pytest.param(301, None, id="over, and never closed"),
    ],
)
def test_weeks_of_pregnancy(days: int, reason: str | None) -> None:
    found = judge_nsaid(case(pain(), measurement("obs/gestational-age", days)), LIMITS).reasons
    assert [r for r in found if "pregnancy" in r] == ([reason] if reason else [])


@pytest.mark.parametrize(("age", "asked"), [(55, True), (56, False)])
def test_pregnancy_is_asked_about_up_to_55(age: int, asked: bool) -> None:
    found = judge_nsaid(case(pain(), age_years=AgeRange(age, age)), LIMITS)
    assert ("pregnancy" in found.not_documented) is asked


@pytest.mark.parametrize(("denied", "expected"), [(5, True), (4, False)])
def test_a_pregnancy_is_denied_by_a_later_entry_only(denied: int, expected: bool) -> None:
    facts = (
        statement("nsaid-caution/pregnancy", 5),
        statement("nsaid-caution/pregnancy", denied, presence=Presence.ABSENT),
    )
    assert ("term.pregnancy" in judge_nsaid(case(pain(), *facts), LIMITS).reasons) is expected


@pytest.mark.parametrize(("therapy_days", "key"), [(1, "surgery-deficit"), (0, "surgery-deficit-early")])
def test_a_day_of_care_is_care(therapy_days: int, key: str) -> None:
    weak = measurement("obs/muscle-strength", 3, 0, muscle="triceps")
    (advice,) = decided(pain(9), weak, drug("drug/nsaid", therapy_days)).advice
    assert key in {line.key for line in advice.lines}
