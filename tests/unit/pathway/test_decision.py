"""From a case to the cards: who is in, what the clock says, which rules speak and which wait."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.pathway.assessment import MriState, OnsetKind
from cds_service.pathway.case import NeckPainCase, Readability
from cds_service.pathway.decision import decide
from cds_service.pathway.eligibility import judge_eligibility
from cds_service.pathway.episode import assess_episode
from cds_service.pathway.facts import CourseStatement, DrugRefusal, Implant, Visit
from cds_service.pathway.finding import Decision, FlagState, ProposalKind
from cds_service.pathway.imaging import imaging_history
from cds_service.pathway.mri_safety import assess_mri_safety
from cds_service.pathway.rules.phase import Phase, phase_of
from cds_service.pathway.rules.radicular import roots
from cds_service.pathway.trajectory import assess_trajectory
from cds_service.pathway.verdict import Verdict, all_of, any_of
from cds_service.pathway.vocabulary import (
    AgeRange,
    Course,
    MrLabel,
    Presence,
    Sex,
    Side,
    Site,
    Source,
    User,
    When,
)
from tests.builders import (
    LIMITS,
    NECK_PAIN,
    ago,
    allergy,
    case,
    drug,
    measurement,
    month,
    report,
    service,
    statement,
    when,
)

RADICULOPATHY = "presenting/cervical-radiculopathy"
PT = "therapy/physical-therapy"
MYELOGRAPHY = "imaging/ct-myelography-cervical"


def pain(days: int | None = 10, **fields: Any) -> Any:
    """Neck pain that began so many days ago."""
    made = {"onset": when(days), "ref": "Condition/pain", **fields}
    return statement(made.pop("concepts", NECK_PAIN), None, **made)


def course(value: Course, days: int) -> CourseStatement:
    return CourseStatement(value, Source("Observation/course"), When(ago(days)))


def treated(days: int) -> dict[str, Any]:
    """An NSAID and physical therapy for so many days."""
    sessions = tuple(service(PT, on) for on in range(0, days + 1, 14))
    return {"drugs": (drug("drug/nsaid", days),), "services": (*sessions, service(PT, days))}


def decided(*facts: Any, **fields: Any) -> Decision:
    return decide(case(*facts, **fields), LIMITS)


def rules(decision: Decision) -> list[str]:
    return [advice.rule for advice in decision.advice]


def kinds(decision: Decision) -> set[ProposalKind]:
    return {proposal.kind for advice in decision.advice for proposal in advice.proposals}


def why(made: NeckPainCase) -> tuple[str, str]:
    found = judge_eligibility(made, assess_episode(made, LIMITS), LIMITS)
    return found.rule, found.why


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(case(pain()), ("R1", "in-pathway"), id="an adult in pain"),
        pytest.param(case(pain(), user=User.PATIENT), ("R2", "lay-user"), id="the patient is looking"),
        pytest.param(case(pain(), is_deceased=True), ("R2", "deceased"), id="dead"),
        pytest.param(case(), ("R2", "no-pain"), id="no pain"),
        pytest.param(case(pain(366)), ("R2", "stale"), id="stale"),
        pytest.param(
            case(readability=Readability(incomplete=frozenset({"conditions"}))),
            ("R2", "conditions-unreadable"),
            id="problem list not read",
        ),
        pytest.param(case(pain(), age_years=None), ("R3b", "age-unknown"), id="age unknown"),
        pytest.param(case(pain(), age_years=AgeRange(17, 18)), ("R3b", "age-unknown"), id="perhaps 18"),
        pytest.param(case(pain(), age_years=AgeRange(17, 17)), ("R3", "child"), id="seventeen"),
        pytest.param(case(pain(), age_years=AgeRange(18, 18)), ("R1", "in-pathway"), id="eighteen"),
        pytest.param(
            case(pain(), statement("procedure/palliative-hospice")),
            ("R2", "comfort-care"),
            id="comfort care stated",
        ),
        pytest.param(
            case(pain(), services=(service("procedure/palliative-hospice"),)),
            ("R2", "comfort-care"),
            id="hospice",
        ),
    ],
)
def test_who_is_in_the_pathway(made: NeckPainCase, expected: tuple[str, str]) -> None:
    assert why(made) == expected
    decision = decide(made, LIMITS)
    assert bool(decision.findings) is (expected[0] == "R1")
    assert decision.verdicts[0].rule == "R1"


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        *((0, Phase.INITIAL), (27, Phase.INITIAL), (28, Phase.REASSESS), (42, Phase.REASSESS)),
        *((43, Phase.BAND), (56, Phase.BAND), (57, Phase.BEYOND), (None, Phase.UNKNOWN)),
    ],
)
def test_phase_boundaries(day: int | None, phase: Phase) -> None:
    assert phase_of(day, LIMITS) is phase


class TestEpisode:
    def episode(self, *pains: Any) -> Any:
        return assess_episode(case(*pains), LIMITS)

    def test_the_earliest_pain_sets_the_clock(self) -> None:
        found = self.episode(pain(10, ref="Condition/b"), pain(20, ref="Condition/a"))
        assert (found.index.source.ref, found.day) == ("Condition/a", 20)
        assert [other.source.ref for other in found.others] == ["Condition/b"]

    def test_the_reason_of_this_visit_comes_first(self) -> None:
        found = self.episode(
            pain(10, ref="Condition/b", is_current_encounter=True), pain(20, ref="Condition/a")
        )
        assert found.day == 10

    def test_onset_sources_in_their_order(self) -> None:
        recorded = self.episode(pain(None, recorded=when(7)))
        assert (recorded.onset_kind, recorded.day) == (OnsetKind.RECORDED, 7)
        visit = self.episode(pain(None, recorded=when(7), kind="Encounter"))
        assert visit.onset_kind is OnsetKind.ENCOUNTER
        mentioned = self.episode(pain(None, first_mentioned=when(9), last_mentioned=when(2)))
        assert (mentioned.onset_kind, mentioned.day) == (OnsetKind.ENCOUNTER, 9)
        assert self.episode(pain(None)).onset_kind is OnsetKind.UNKNOWN

    def test_a_recurrence_does_not_begin_with_the_first_episode(self) -> None:
        later = self.episode(pain(400, recorded=when(10), is_recurrence=True))
        assert (later.onset_kind, later.day) == (OnsetKind.RECORDED, 10)
        unknown = self.episode(pain(300, recorded=when(300), is_recurrence=True))
        assert unknown.onset_kind is OnsetKind.UNKNOWN
        bare = self.episode(pain(300, is_recurrence=True))
        assert bare.day is None

    def test_disc_disease_is_the_pain_only_as_the_reason_of_this_visit(self) -> None:
        disc = "presenting/cervical-disc-disorder"
        assert self.episode(pain(concepts=disc)) is None
        assert self.episode(pain(concepts=disc, is_current_encounter=True)).day == 10

    def test_spondylosis_with_radiculopathy_stays_structure_on_the_problem_list(self) -> None:
        both = (RADICULOPATHY, "presenting/spondylosis-with-radiculopathy")
        assert self.episode(pain(concepts=both)) is None
        assert self.episode(pain(concepts=both, is_current_encounter=True)) is not None

    @pytest.mark.parametrize(
        ("later", "is_in"),
        [
            pytest.param(
                pain(60, is_active=False, abated=when(5)), False, id="the problem ended after the visit"
            ),
            pytest.param(
                pain(60, is_active=False, abated=when(30)), True, id="the problem ended before the visit"
            ),
            pytest.param(pain(60, is_active=False), True, id="over, dated before the visit"),
            pytest.param(pain(5, is_active=False), False, id="over, dated after the visit"),
            pytest.param(pain(None, is_active=False), True, id="over, no date at all"),
            pytest.param(statement(NECK_PAIN, 5, presence=Presence.ABSENT), False, id="denied later"),
            pytest.param(statement(NECK_PAIN, 30, presence=Presence.ABSENT), True, id="denied earlier"),
            pytest.param(statement(NECK_PAIN, None, presence=Presence.ABSENT), True, id="denied, no date"),
            pytest.param(
                statement("presenting/torticollis", 5, presence=Presence.ABSENT),
                True,
                id="another thing denied",
            ),
        ],
    )
    def test_a_visit_for_pain_that_is_over_since_does_not_qualify(self, later: Any, is_in: bool) -> None:
        visit = statement(NECK_PAIN, 20, kind="Encounter", ref="Encounter/1")
        assert (self.episode(visit, later) is not None) is is_in

    def test_an_undated_mention_cannot_be_shown_to_be_over(self) -> None:
        visit = statement(NECK_PAIN, None, kind="Encounter", ref="Encounter/1")
        assert self.episode(visit, pain(60, is_active=False, abated=when(5))) is not None


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
        refused = (DrugRefusal(frozenset({PT}), Source("Procedure/no")),)
        found = decided(pain(60), refusals=refused, drugs=(drug("drug/anticoagulant", 300),))
        assert found.facts["trial_missing"] == ("days",)

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


PACEMAKER, CLIP = "imaging/mri-contraindication-pacemaker", "imaging/mri-contraindication-aneurysm-clip"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        pytest.param({}, MriState.POSSIBLE, id="nothing recorded"),
        pytest.param({"implants": (PACEMAKER, None)}, MriState.CONTRAINDICATED, id="implant without a label"),
        pytest.param({"implants": (PACEMAKER, MrLabel.UNSAFE)}, MriState.CONTRAINDICATED, id="unsafe"),
        pytest.param({"implants": (PACEMAKER, MrLabel.CONDITIONAL)}, MriState.CONDITIONAL, id="conditional"),
        pytest.param({"implants": (PACEMAKER, MrLabel.SAFE)}, MriState.POSSIBLE, id="safe"),
        pytest.param({"stated": PACEMAKER}, MriState.CONTRAINDICATED, id="pacemaker on the problem list"),
        pytest.param({"done": CLIP}, MriState.CONTRAINDICATED, id="aneurysm clipped"),
        pytest.param({"stated": "imaging/claustrophobia"}, MriState.NOTE, id="claustrophobia alone"),
        pytest.param({"stated": "imaging/mri-device-possible"}, MriState.NOTE, id="some metal"),
        pytest.param({"stated": "nsaid-caution/pregnancy"}, MriState.NOTE, id="pregnancy of unknown age"),
        pytest.param(
            {"stated": "imaging/mri-contraindication-stated"}, MriState.CONTRAINDICATED, id="said so"
        ),
    ],
)
def test_mri_contraindications(fields: dict[str, Any], state: MriState) -> None:
    facts = [statement(fields["stated"], 5)] if "stated" in fields else []
    done = (service(fields["done"], 500),) if "done" in fields else ()
    implants: tuple[Implant, ...] = ()
    if "implants" in fields:
        concept, label = fields["implants"]
        implants = (Implant(frozenset({concept}), Source("Device/1"), label),)
    made = case(pain(), *facts, services=done, implants=implants)
    assert assess_mri_safety(made, LIMITS).state is state


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        pytest.param(
            [statement("nsaid-caution/pregnancy", 5)],
            ("term.mri-pregnancy-undated",),
            id="weeks not recorded",
        ),
        pytest.param(
            [measurement("obs/gestational-age", 97)], ("term.mri-early-pregnancy",), id="13 weeks and 6 days"
        ),
        pytest.param([measurement("obs/gestational-age", 98)], (), id="14 weeks"),
    ],
)
def test_only_a_pregnancy_known_to_be_early_is_called_early(facts: Any, reasons: tuple[str, ...]) -> None:
    assert assess_mri_safety(case(pain(), *facts), LIMITS).reasons == reasons


def test_a_declined_mri_with_claustrophobia_contraindicates() -> None:
    both = case(pain(), statement("imaging/claustrophobia"), statement("imaging/mri-declined"))
    assert assess_mri_safety(both, LIMITS).state is MriState.CONTRAINDICATED


def test_a_removed_pacemaker_is_gone_and_a_newer_one_is_not() -> None:
    removed = service("imaging/device-removed", 100)
    gone = case(pain(), statement(PACEMAKER, 500), services=(removed,))
    assert assess_mri_safety(gone, LIMITS).state is MriState.POSSIBLE
    replaced = case(pain(), statement(PACEMAKER, 50), services=(removed,))
    assert assess_mri_safety(replaced, LIMITS).state is MriState.CONTRAINDICATED
    other = case(pain(), statement("imaging/mri-contraindication-cochlear", 500), services=(removed,))
    assert assess_mri_safety(other, LIMITS).state is MriState.CONTRAINDICATED
    undated = case(pain(), statement(PACEMAKER, 500), services=(service("imaging/device-removed", None),))
    assert assess_mri_safety(undated, LIMITS).state is MriState.POSSIBLE


class TestImaging:
    def history(self, **fields: Any) -> Any:
        made = case(pain(60), **fields)
        episode = assess_episode(made, LIMITS)
        assert episode is not None
        return imaging_history(made, episode, LIMITS)

    @pytest.mark.parametrize(
        ("written", "done", "is_open"),
        [
            pytest.param(180, None, True, id="180 days old"),
            pytest.param(181, None, False, id="181 days old"),
            pytest.param(20, 10, False, id="answered since"),
            pytest.param(5, 10, True, id="written after the last MRI"),
            pytest.param(None, None, True, id="undated"),
            pytest.param(None, 10, False, id="undated, an MRI exists"),
        ],
    )
    def test_an_open_order(self, written: int | None, done: int | None, is_open: bool) -> None:
        order = service("imaging/mri-cervical-wo", written, "ordered")
        imaging = (report(done),) if done else ()
        assert (self.history(services=(order,), imaging=imaging).open_mri_order is not None) is is_open

    def test_only_cervical_imaging_of_the_episode_counts(self) -> None:
        found = self.history(imaging=(report(10), report(90), report(5, "imaging/mri-neck-soft-tissue")))
        assert (len(found.reports), found.mri_in_episode.performed) == (2, when(10))
        assert self.history(imaging=(report(90),)).mri_in_episode is None
        assert self.history(imaging=(report(None),)).newest_mri is not None


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


class TestRadicular:
    shows = frozenset({"imaging/finding-nerve-root-compression"})

    def patient(self, mri: Any, **fields: Any) -> Decision:
        left = pain(62, concepts=RADICULOPATHY, side=Side.LEFT, levels=frozenset({"C7"}))
        done = treated(60) | {"courses": (course(Course.STABLE, 1),)}
        services = (*done["services"], *fields.pop("more", ()))
        return decided(left, imaging=(mri,), **(done | {"services": services} | fields))

    @pytest.mark.parametrize(
        ("side", "levels", "expected"),
        [
            pytest.param(Side.LEFT, {"C6-7"}, ["R41"], id="same side, disc above the root"),
            pytest.param(Side.LEFT, {"C7"}, ["R41"], id="same side, same root"),
            pytest.param(None, set(), ["R41"], id="nothing coded, nothing compared"),
            pytest.param(Side.BOTH, {"C6-7"}, ["R41"], id="both sides"),
            pytest.param(Side.RIGHT, {"C6-7"}, ["R43"], id="other side"),
            pytest.param(Side.LEFT, {"C4-5"}, ["R43"], id="other level"),
        ],
    )
    def test_compression_has_to_fit_the_symptoms(
        self, side: Side | None, levels: set[str], expected: list[str]
    ) -> None:
        mri = report(20, findings=self.shows, side=side, levels=frozenset(levels))
        assert rules(self.patient(mri)) == expected

    def test_when_surgery_is_not_named(self) -> None:
        assert rules(self.patient(report(400, findings=self.shows))) == ["R34a"]
        assert rules(self.patient(report(None, findings=self.shows))) == ["R34a"]
        referred = (service("referral/spine-surgery", 5, "ordered"),)
        assert rules(self.patient(report(40, findings=self.shows), more=referred)) == []
        assert rules(self.patient(report(40, findings=self.shows), courses=())) == []

    def test_an_equivocal_mri_leads_to_myelography(self) -> None:
        equivocal = report(40, is_equivocal=True)
        decision = self.patient(equivocal)
        assert rules(decision) == ["R38b"]
        assert decision.advice[0].proposals[0].is_recommended
        bleeding = self.patient(equivocal, drugs=(drug("drug/nsaid", 60), drug("drug/anticoagulant", 60)))
        assert not bleeding.advice[0].proposals[0].is_recommended
        allergic = self.patient(equivocal, allergies=(allergy("imaging/contrast-allergy"),))
        assert allergic.advice[0].proposals[0].is_recommended
        assert "S11" in {line.rule for line in allergic.advice[0].lines}

    def test_myelography_done_or_ordered_is_not_repeated(self) -> None:
        equivocal, done = report(40, is_equivocal=True), report(30, "imaging/ct-myelography-cervical")
        left = pain(62, concepts=RADICULOPATHY)
        assert rules(decided(left, imaging=(equivocal, done))) == []
        ordered = (service("imaging/ct-myelography-cervical", 5, "ordered"),)
        assert rules(decided(left, imaging=(equivocal,), services=ordered)) == []

    def test_root_signs_of_an_arm_are_radicular(self) -> None:
        equivocal = report(40, is_equivocal=True)
        arm = statement("red-flag/sensory-deficit", 5, sites=frozenset({Site.ARM}))
        assert "R38b" in rules(decided(pain(62), arm, imaging=(equivocal,)))
        assert rules(decided(pain(62), imaging=(equivocal,))) == []

    def test_the_disc_between_two_vertebrae_presses_on_the_lower_root(self) -> None:
        assert roots(frozenset({"C6-7", "C7-T1", "C5"})) == {"C7", "C8", "C5"}


class TestPitfall:
    worn = frozenset({"imaging/finding-degenerative"})

    @pytest.mark.parametrize(
        ("days", "concepts", "is_shown"),
        [
            pytest.param(30, "imaging/xray-cervical", True, id="X-ray 30 days ago"),
            pytest.param(31, "imaging/xray-cervical", False, id="31 days ago"),
            pytest.param(5, "imaging/ct-cervical-wo", True, id="CT"),
            pytest.param(None, "imaging/mri-cervical-wo", False, id="undated"),
        ],
    )
    def test_a_recent_degenerative_report(self, days: int | None, concepts: str, is_shown: bool) -> None:
        decision = decided(pain(60), imaging=(report(days, concepts, findings=self.worn),))
        assert ("R43" in rules(decision)) is is_shown

    def test_a_report_dated_by_its_issue(self) -> None:
        late = report(None, "imaging/xray-cervical", findings=self.worn, reported=when(5))
        assert "R43" in rules(decided(pain(60), imaging=(late,)))


class TestNeuralgia:
    three = frozenset({"paroxysmal", "stabbing"})

    def test_diagnosis_or_pattern(self) -> None:
        assert "R44" in rules(decided(pain(8, concepts="presenting/occipital-neuralgia")))
        occipital = pain(8, concepts="presenting/occipital-headache", qualities=self.three)
        assert "R44" in rules(decided(occipital))
        half = pain(8, concepts="presenting/occipital-headache", qualities=frozenset({"stabbing"}))
        assert "R44" not in rules(decided(half))
        neck = pain(8, qualities=self.three)
        assert "R44" not in rules(decided(neck))

    @pytest.mark.parametrize(
        ("onset", "described", "is_shown"),
        [
            pytest.param(8, 3, True, id="described in this episode"),
            pytest.param(8, 30, False, id="described before it"),
            pytest.param(None, 30, True, id="onset unknown, described lately"),
            pytest.param(None, 43, False, id="onset unknown, described long ago"),
            pytest.param(8, None, False, id="described without a date"),
        ],
    )
    def test_a_description_of_the_pain(
        self, onset: int | None, described: int | None, is_shown: bool
    ) -> None:
        detail = statement(
            "obs/pain-detail",
            described,
            kind="Observation",
            qualities=self.three,
            sites=frozenset({Site.OCCIPUT}),
        )
        assert ("R44" in rules(decided(pain(onset), detail))) is is_shown

    def test_not_once_referred(self) -> None:
        referred = (service("referral/neurology", 5, "ordered"),)
        assert "R44" not in rules(
            decided(pain(8, concepts="presenting/occipital-neuralgia"), services=referred)
        )


class TestPrecedence:
    def test_a_red_flag_lets_the_others_wait_and_names_them(self) -> None:
        decision = decided(pain(9), statement("red-flag/fever", 2))
        assert rules(decision) == ["R23"]
        assert [line.slots["card"] for line in decision.advice[0].lines if line.key == "waits"] == [
            "@term.card-R27"
        ]

    def test_an_emergency_leaves_only_the_red_flag_beside_it(self) -> None:
        decision = decided(pain(9), statement("red-flag/fever", 2), statement("red-flag/meningism", 2))
        assert rules(decision) == ["S7", "R23"]
        assert not [line for line in decision.advice[0].lines if line.key == "waits"]

    def test_more_than_three_cards_become_a_line(self) -> None:
        worn = report(5, "imaging/xray-cervical", findings=frozenset({"imaging/finding-degenerative"}))
        decision = decided(
            pain(9, concepts="presenting/occipital-neuralgia"),
            statement("red-flag/night-sweats", 100),
            imaging=(worn,),
        )
        assert rules(decision) == ["R26", "R27", "R44"]
        assert [advice.rule for advice in decision.also] == ["R43"]
        assert decision.advice[-1].lines[-1].key == "also"

    def test_after_trauma_the_phase_cards_wait(self) -> None:
        decision = decided(pain(5), statement("red-flag/trauma", 5))
        assert rules(decision) == ["S4"]

    def test_a_flag_settled_by_an_mri_shows_alone_and_later_only_as_a_line(self) -> None:
        crp = measurement("obs/crp", 80, 20)
        left = pain(25, concepts=RADICULOPATHY)
        shown = decided(left, measurements=(crp,), imaging=(report(10, is_equivocal=True),))
        assert rules(shown) == ["R25b"]
        over = decided(pain(25), measurements=(crp,), imaging=(report(16),))
        assert rules(over) == ["R27"]
        assert over.advice[0].lines[0].key == "flag-settled"
        silent = decided(
            pain(70),
            measurements=(crp,),
            imaging=(report(16),),
            courses=(course(Course.RESOLVING, 1),),
        )
        assert rules(silent) == []


def test_every_rule_gets_a_verdict() -> None:
    by_rule = {verdict.rule: verdict for verdict in decided(pain(None)).verdicts}
    assert by_rule["R33a"].why == "onset-unknown"
    assert by_rule["R36"].why == "shown"
    assert by_rule["R43"].why == "conditions-not-met"
    by_rule = {verdict.rule: verdict for verdict in decided(pain(70)).verdicts}
    assert by_rule["R34a"].why == "course-unknown"
    assert by_rule["R5"].why == "flag-not-documented"
    waiting = {v.rule: v for v in decided(pain(9), statement("red-flag/fever", 2)).verdicts}
    assert waiting["R27"].why == "waits"


def test_values_nobody_could_read_are_kept_while_they_may_matter() -> None:
    from tests.builders import not_interpretable

    odd = (
        not_interpretable("obs/egfr", 10),
        not_interpretable("obs/egfr", 400),
        not_interpretable("obs/egfr", None),
    )
    decision = decided(pain(9), readability=Readability(not_interpretable=odd))
    assert [item.on for item in decision.unclear] == [when(10), None]


def test_three_valued_judgements() -> None:
    met, not_met, unknown = Verdict.MET, Verdict.NOT_MET, Verdict.UNDETERMINED
    assert (all_of([met, met]), all_of([met, not_met, unknown]), all_of([met, unknown])) == (
        met,
        not_met,
        unknown,
    )
    assert (any_of([met, unknown]), any_of([not_met, unknown]), any_of([not_met])) == (met, unknown, not_met)


def test_dates_of_the_builders_are_days() -> None:
    assert ago(0) == date(2026, 6, 15)


class TestSaidInTheTrace:
    def test_resolving_pain_is_silent_because_of_r35(self) -> None:
        decision = decided(pain(70), courses=(course(Course.RESOLVING, 2),))
        verdict = next(v for v in decision.verdicts if v.rule == "R35")
        assert (decision.advice, verdict.verdict, verdict.why) == ((), Verdict.MET, "resolving")

    def test_a_red_flag_speaks_in_spite_of_r35(self) -> None:
        fever = statement("red-flag/fever", 2)
        decision = decided(pain(70), fever, courses=(course(Course.RESOLVING, 2),))
        assert next(v for v in decision.verdicts if v.rule == "R35").verdict is Verdict.NOT_MET


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
        declined = DrugRefusal(frozenset({PT}), Source("Procedure/pt"), when(20))
        assert "therapy-excused" in self.lines(refusals=(declined,))
