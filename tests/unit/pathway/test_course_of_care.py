"""The trial of therapy and the course of the pain."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.pathway.episode import assess_episode
from cds_service.pathway.facts import DrugRefusal
from cds_service.pathway.finding import ProposalKind
from cds_service.pathway.trajectory import assess_trajectory
from cds_service.pathway.vocabulary import Course, Source
from tests.builders import LIMITS, case, drug, measurement, service, when
from tests.pathways import PT, course, decided, kinds, pain, rules, treated


def refused(concept: str, days: int | None = None, *, is_patients_choice: bool = True) -> DrugRefusal:
    """What the patient did not want, so many days ago."""
    on = when(days)
    source = Source("Procedure/no")
    return DrugRefusal(frozenset({concept}), source, on, on, is_patients_choice=is_patients_choice)


class TestTherapy:
    def test_gaps_of_two_weeks_are_bridged_and_longer_ones_are_not(self) -> None:
        bridged = (drug("drug/nsaid", 60, 40), drug("drug/nsaid", 26, 10, ref="MedicationStatement/b"))
        assert decided(pain(60), drugs=bridged).facts["therapy_days"] == 50
        apart = (drug("drug/nsaid", 60, 40), drug("drug/nsaid", 25, 10, ref="MedicationStatement/b"))
        assert decided(pain(60), drugs=apart).facts["therapy_days"] == 35

    def test_sessions_more_than_four_weeks_apart_are_two_stretches(self) -> None:
        one = tuple(service(PT, on) for on in (60, 32))
        assert decided(pain(60), services=one).facts["therapy_days"] == 42
        two = tuple(service(PT, on) for on in (60, 31))
        assert decided(pain(60), services=two).facts["therapy_days"] == 28

    def test_therapy_before_the_onset_does_not_count(self) -> None:
        early = {"drugs": (drug("drug/nsaid", 200, 100),), "services": (service(PT, 200),)}
        assert decided(pain(60), **early).facts["therapy_days"] == 0
        assert decided(pain(60), drugs=(drug("drug/nsaid", 200),)).facts["therapy_days"] == 60

    def test_an_undated_drug_in_use_is_documented_but_covers_no_day(self) -> None:
        found = decided(pain(60), drugs=(drug("drug/nsaid", None),))
        assert (found.facts["therapy_days"], "nsaid" in found.facts["trial_missing"]) == (0, False)  # type: ignore[operator]

    def test_a_refusal_of_therapy_and_a_caution_against_nsaids_excuse_their_part(self) -> None:
        found = decided(pain(60), refusals=(refused(PT),), drugs=(drug("drug/anticoagulant", 300),))
        assert found.facts["trial_missing"] == ("days",)

    @pytest.mark.parametrize(
        ("refusal", "missing"),
        [
            pytest.param(refused(PT), ("nsaid", "days"), id="therapy"),
            pytest.param(refused("drug/nsaid"), ("physical-therapy", "days"), id="the drug"),
            pytest.param(refused(PT, 60), ("nsaid", "days"), id="on the first day"),
            pytest.param(refused(PT, 61), ("nsaid", "physical-therapy", "days"), id="before the pain"),
            pytest.param(
                refused(PT, is_patients_choice=False),
                ("nsaid", "physical-therapy", "days"),
                id="the clinic closed",
            ),
        ],
    )
    def test_only_the_patient_s_refusal_in_this_episode_excuses(
        self, refusal: DrugRefusal, missing: tuple[str, ...]
    ) -> None:
        assert decided(pain(60), refusals=(refusal,)).facts["trial_missing"] == missing

    def test_without_an_onset_only_what_goes_on_now_is_documented(self) -> None:
        found = decided(pain(None), **treated(30))
        assert found.facts["therapy_days"] == 0
        assert rules(found) == ["R36"]
        assert kinds(found) == {ProposalKind.FOLLOW_UP}


class TestTrajectory:
    def found(self, *facts: Any, onset: int | None = 60, **fields: Any) -> Any:
        made = case(pain(onset), *facts, **fields)
        episode = assess_episode(made, LIMITS)
        assert episode is not None
        return assess_trajectory(made, episode, LIMITS)

    @pytest.mark.parametrize(
        ("before", "now", "expected"),
        [
            pytest.param(7, 5, Course.RESOLVING, id="two points less"),
            pytest.param(3, 2, Course.RESOLVING, id="thirty percent less"),
            pytest.param(7, 6, Course.STABLE, id="one point of seven"),
            pytest.param(5, 7, Course.PROGRESSING, id="two points more"),
            pytest.param(0, 0, Course.STABLE, id="no pain twice"),
        ],
    )
    def test_two_scores(self, before: float, now: float, expected: Course) -> None:
        scores = (measurement("obs/pain-severity", before, 20), measurement("obs/pain-severity", now, 2))
        assert self.found(measurements=scores).course is expected

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            pytest.param(15, 2, id="thirteen days apart"),
            pytest.param(40, 15, id="the later one too old"),
            pytest.param(70, 2, id="the earlier one before the episode"),
        ],
    )
    def test_scores_that_cannot_be_compared(self, first: int, second: int) -> None:
        scores = (measurement("obs/pain-severity", 7, first), measurement("obs/pain-severity", 3, second))
        assert self.found(measurements=scores).course is None

    def test_a_statement_wins_unless_a_later_score_says_otherwise(self) -> None:
        scores = (measurement("obs/pain-severity", 7, 30), measurement("obs/pain-severity", 3, 5))
        assert self.found(measurements=scores, courses=(course(Course.STABLE, 5),)).is_stated
        assert self.found(measurements=scores, courses=(course(Course.STABLE, 6),)).course is Course.RESOLVING

    def test_of_one_day_the_worse_statement_counts(self) -> None:
        said = (course(Course.RESOLVING, 3), course(Course.PROGRESSING, 3))
        assert self.found(courses=said).course is Course.PROGRESSING

    def test_old_statements_and_those_of_an_earlier_episode_say_nothing(self) -> None:
        assert self.found(courses=(course(Course.STABLE, 43),)).course is None
        assert self.found(onset=10, courses=(course(Course.STABLE, 20),)).course is None
        assert self.found(onset=None, courses=(course(Course.STABLE, 20),)).course is Course.STABLE

    def test_a_course_on_the_pain_itself(self) -> None:
        made = case(pain(60, course=Course.STABLE, course_on=when(3)))
        episode = assess_episode(made, LIMITS)
        assert episode is not None
        assert assess_trajectory(made, episode, LIMITS).course is Course.STABLE


class TestExcusedParts:
    def lines(self, *facts: Any, **fields: Any) -> dict[str, Any]:
        decision = decided(pain(50), *facts, courses=(course(Course.STABLE, 2),), **fields)
        return {line.key: line for line in decision.advice[0].lines}

    def test_an_nsaid_nobody_asks_for_is_named_with_its_reason(self) -> None:
        lines = self.lines(measurement("obs/egfr", 22, 30))
        assert lines["nsaid-excused"].slots == {"reasons": ("@term.kidney-failure",)}
        assert [e.source.ref for e in lines["nsaid-excused"].evidence] == ["Observation/obs/egfr-30-22"]

    def test_one_that_was_taken_needs_no_excuse(self) -> None:
        lines = self.lines(measurement("obs/egfr", 22, 30), drug("drug/nsaid", 40))
        assert "nsaid-excused" not in lines

    def test_declined_therapy_is_named(self) -> None:
        assert "therapy-excused" in self.lines(refusals=(refused(PT, 20),))

    def test_a_declined_drug_is_named_without_a_reason(self) -> None:
        assert {"nsaid-declined"} == {
            key for key in self.lines(refusals=(refused("drug/nsaid", 20),)) if key.startswith("nsaid-")
        }
