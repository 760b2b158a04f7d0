"""Initial care, reassessment, and imaging after failed care."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.pathway.case import Readability
from cds_service.pathway.facts import Visit
from cds_service.pathway.finding import FlagState, ProposalKind
from cds_service.pathway.vocabulary import AgeRange, Course, Sex, Source
from tests.builders import ago, drug, measurement, month, report, service, statement
from tests.pathways import PT, course, decided, kinds, pain, rules, treated

MYELOGRAPHY = "imaging/ct-myelography-cervical"


class TestInitialCare:
    def test_on_an_nsaid_nothing_is_said_about_starting_one(self) -> None:
        keys = {line.key for line in decided(pain(9), drugs=(drug("drug/nsaid", 5),)).advice[0].lines}
        assert not keys & {"ibuprofen-label", "nsaid-not-offered", "nsaid-in-use"}
        both = decided(pain(9), drugs=(drug("drug/nsaid", 5), drug("drug/anticoagulant", 90))).advice[0]
        (line,) = [line for line in both.lines if line.key == "nsaid-in-use"]
        assert line.slots["reasons"] == ("@term.anticoagulant",)
        assert both.wording == "R27"

    def test_with_everything_on_file_nothing_is_listed_as_missing(self) -> None:
        on_file = (measurement("obs/egfr", 90, 5, unit="mL/min"), statement("absent/allergy", 5))
        man = decided(pain(9), *on_file, sex=Sex.MALE).advice[0]
        assert "nsaid-not-documented" not in {line.key for line in man.lines}

    def test_care_is_offered_and_progress_is_said_first(self) -> None:
        decision = decided(pain(9), courses=(course(Course.PROGRESSING, 1),))
        assert rules(decision) == ["R27"]
        assert kinds(decision) == {
            ProposalKind.PHYSICAL_THERAPY,
            ProposalKind.IBUPROFEN,
            ProposalKind.FOLLOW_UP,
        }
        assert decision.advice[0].lines[0].key == "progressing-recheck"

    def test_what_is_in_place_is_not_offered_again(self) -> None:
        order = service("referral/physical-therapy", 90, "ordered")
        visit = Visit(Source("Appointment/1"), ago(-20), concerns_neck=True)
        in_place = {"drugs": (drug("drug/nsaid", 5),), "services": (order,), "visits": (visit,)}
        assert rules(decided(pain(9), **in_place)) == []
        old = service("referral/physical-therapy", 91, "ordered")
        assert kinds(decided(pain(9), **(in_place | {"services": (old,)}))) == {ProposalKind.PHYSICAL_THERAPY}
        undated = service("referral/physical-therapy", None, "ordered")
        assert rules(decided(pain(9), **(in_place | {"services": (undated,)}))) == []
        elsewhere = Visit(Source("Appointment/2"), ago(-20), concerns_neck=False)
        assert kinds(decided(pain(9), **(in_place | {"visits": (elsewhere,)}))) == {ProposalKind.FOLLOW_UP}
        late = Visit(Source("Appointment/3"), ago(-60), concerns_neck=True)
        assert kinds(decided(pain(9), **(in_place | {"visits": (late,)}))) == {ProposalKind.FOLLOW_UP}

    def test_the_window_of_the_visit_starts_with_the_therapy_and_never_in_the_past(self) -> None:
        fresh = decided(pain(9)).advice[0].proposals[-1]
        assert fresh.period == (ago(-28), ago(-42))
        running = decided(pain(35), drugs=(drug("drug/acetaminophen", 35),)).advice[0].proposals[-1]
        assert running.period == (ago(-28), ago(-42))
        started = decided(pain(20), drugs=(drug("drug/nsaid", 18),)).advice[0].proposals[-1]
        assert started.period == (ago(-10), ago(-24))
        # Care for this pain begins with this pain: a drug of old neither dates nor ends the window.
        since_long = decided(pain(5), drugs=(drug("drug/nsaid", 200),)).advice[0].proposals[-1]
        assert since_long.period == (ago(-23), ago(-37))

    def test_ibuprofen_is_offered_with_the_label_s_words_and_for_the_shortest_time(self) -> None:
        def said(*drugs: Any) -> set[str]:
            return {line.key for line in decided(pain(9), drugs=drugs).advice[0].lines}

        assert {"ibuprofen-label", "ibuprofen-duration"} <= said()
        assert not {"ibuprofen-label", "ibuprofen-duration"} & said(drug("drug/nsaid", 5))

    def test_a_drug_from_before_the_pain_starts_no_window_in_the_past(self) -> None:
        for_years = drug("drug/nsaid", 1500, reasons=frozenset({"context/headache-not-qualifying"}))
        since_onset = decided(pain(9), drugs=(for_years,)).advice[0].proposals[-1]
        assert since_onset.period == (ago(-19), ago(-33))
        unknown = decided(pain(None, recorded=None), drugs=(for_years,)).advice[0]
        assert unknown.rule == "R36"
        assert unknown.proposals[-1].period == (ago(-28), ago(-42))

    def test_a_relaxant_is_a_line_and_never_an_order(self) -> None:
        spasm = statement("presenting/neck-muscle-spasm", 5)
        keys = {line.key for line in decided(pain(9), spasm).advice[0].lines}
        assert "relaxant" in keys
        old = decided(pain(9), spasm, age_years=AgeRange(70, 70)).advice[0].lines
        assert "relaxant" not in {line.key for line in old}

    @pytest.mark.parametrize(
        ("day", "fields", "expected"),
        [
            pytest.param(28, {}, True, id="reassessment, first day"),
            pytest.param(42, {}, True, id="last day of acute pain"),
            pytest.param(43, {}, False, id="a day later"),
            pytest.param(35, {"courses": (course(Course.PROGRESSING, 1),)}, True, id="progressing"),
            pytest.param(35, {"age_years": AgeRange(70, 70)}, False, id="a caution of S3"),
        ],
    )
    def test_a_relaxant_is_named_in_the_reassessment_window_too(
        self, day: int, fields: dict[str, Any], expected: bool
    ) -> None:
        spasm = statement("presenting/neck-muscle-spasm", 5)
        (advice,) = decided(pain(day), spasm, **treated(day), **fields).advice
        assert ("relaxant" in {line.key for line in advice.lines}) is expected

    def test_a_vague_onset_is_called_vague(self) -> None:
        vague = decided(pain(None, onset=month(5, 20)))
        assert "episode-about" in {line.key for line in vague.advice[0].lines}


class TestImagingPhase:
    @pytest.mark.parametrize(
        ("day", "fields", "expected"),
        [
            pytest.param(
                43,
                treated(43) | {"courses": (course(Course.STABLE, 1),)},
                ["R33a"],
                id="day 43, treated, stable",
            ),
            pytest.param(
                43, {"courses": (course(Course.STABLE, 1),)}, ["R33b"], id="day 43, untreated, stable"
            ),
            pytest.param(43, treated(43), ["R33c"], id="day 43, course unknown"),
            pytest.param(57, {"courses": (course(Course.STABLE, 1),)}, ["R34a"], id="day 57, stable"),
            pytest.param(57, treated(57), ["R34b"], id="day 57, course unknown"),
            pytest.param(70, {"courses": (course(Course.RESOLVING, 1),)}, [], id="day 70, resolving"),
            pytest.param(70, {"imaging": (report(10),)}, [], id="day 70, MRI in the episode"),
        ],
    )
    def test_phase_cards(self, day: int, fields: dict[str, Any], expected: list[str]) -> None:
        assert rules(decided(pain(day), **fields)) == expected

    @pytest.mark.parametrize(
        ("services", "told"),
        [
            pytest.param((), "@term.missing-physical-therapy", id="none"),
            pytest.param((service(PT, 9, "planned"),), "@term.missing-sessions", id="only planned"),
        ],
    )
    def test_planned_therapy_is_told_apart_from_none(self, services: tuple[Any, ...], told: str) -> None:
        stable = (course(Course.STABLE, 1),)
        shown = decided(pain(43), services=services, courses=stable).advice[0]
        assert told in shown.slots["missing"]  # type: ignore[operator]

    def test_an_mri_on_order_is_not_proposed_again(self) -> None:
        order = service("imaging/mri-cervical-wo", 5, "ordered")
        assert rules(decided(pain(70), services=(order,))) == []

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            pytest.param({}, ["R34b"], id="nothing done"),
            pytest.param({"services": (service(MYELOGRAPHY, 180, "ordered"),)}, [], id="on order"),
            pytest.param({"services": (service(MYELOGRAPHY, None, "ordered"),)}, [], id="on order, undated"),
            pytest.param({"services": (service(MYELOGRAPHY, 181, "ordered"),)}, ["R34b"], id="order too old"),
            pytest.param({"imaging": (report(10, MYELOGRAPHY),)}, [], id="done in the episode"),
            pytest.param({"imaging": (report(71, MYELOGRAPHY),)}, ["R34b"], id="done before the pain"),
        ],
    )
    def test_myelography_in_place_of_an_mri_is_not_proposed_again(
        self, fields: dict[str, Any], expected: list[str]
    ) -> None:
        stated = statement("imaging/mri-contraindication-stated", 9)
        assert rules(decided(pain(70), stated, **fields)) == expected

    def test_possible_flags_and_unread_data_are_said(self) -> None:
        possible = decided(pain(70), statement("red-flag/night-sweats", 100))
        assert rules(possible) == ["R26", "R34b"]
        assert "possible-first" in {line.key for line in possible.advice[1].lines}
        unread = decided(pain(70), readability=Readability(incomplete=frozenset({"observations"})))
        assert unread.advice[0].wording == "R34b-unread"
        assert unread.findings[0].state is FlagState.NOT_READABLE
