"""Which rules speak and which wait, and what the trace says of them."""

from __future__ import annotations

from datetime import date

from cds_service.pathway.case import Readability
from cds_service.pathway.decision import decide
from cds_service.pathway.draft_order import DraftOrder
from cds_service.pathway.verdict import Verdict
from cds_service.pathway.vocabulary import Course, Source
from cds_service.pathway.wishes import Wishes
from tests.builders import LIMITS, ago, case, measurement, report, statement, when
from tests.pathways import course, decided, pain, rules

RADICULOPATHY = "presenting/cervical-radiculopathy"
MRI_IN_HAND = DraftOrder(
    Source("ServiceRequest/d1"),
    "ServiceRequest",
    is_judged=True,
    concepts=frozenset({"imaging/mri-cervical-wo"}),
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


def test_a_muted_rule_is_met_and_said_to_be_muted() -> None:
    fever = case(pain(9), statement("red-flag/fever", 2))
    decision = decide(fever, LIMITS, Wishes(muted=frozenset({"R23"})))
    assert rules(decision) == []
    (verdict,) = [v for v in decision.verdicts if v.rule == "R23"]
    assert (verdict.verdict, verdict.why) == (Verdict.MET, "muted")


def test_a_muted_rule_about_an_order_is_met_too() -> None:
    calm = case(pain(9), orders=(MRI_IN_HAND,))
    decision = decide(calm, LIMITS, Wishes(muted=frozenset({"R46"})))
    assert rules(decision) == []
    (verdict,) = [v for v in decision.verdicts if v.rule == "R46"]
    assert (verdict.verdict, verdict.why) == (Verdict.MET, "muted")
