from __future__ import annotations

from typing import Any

import pytest

from cds_service.pathway.finding import Advice, Indicator, ProposalKind
from cds_service.pathway.rules.trauma import injury_of_pain, judge_trauma
from cds_service.pathway.vocabulary import AgeRange, Presence, Site
from tests.builders import LIMITS, ago, assessment, case, episode, finding, month, pain, statement, when

INJURY, WHIPLASH = "red-flag/trauma", "presenting/whiplash-cervical-sprain"
ARM = frozenset({Site.ARM})


def judged(*facts: object, pain_days: int | None = 1, findings: Any = (), **fields: Any) -> Advice | None:
    made = assessment(*findings, case=case(*facts, **fields), episode=episode(pain_days))
    return judge_trauma(made, LIMITS)


@pytest.mark.parametrize(
    ("injury_days", "pain_days", "expected"),
    [
        pytest.param(42, 42, True, id="last day of the look-back"),
        pytest.param(43, 43, False, id="a day too old"),
        pytest.param(20, 13, True, id="pain 7 days after"),
        pytest.param(20, 12, False, id="pain 8 days after"),
        pytest.param(20, 21, False, id="pain before the injury"),
        pytest.param(20, None, True, id="onset of the pain unknown"),
        pytest.param(None, 5, False, id="injury without a date"),
    ],
)
def test_pain_that_began_with_an_injury(
    injury_days: int | None, pain_days: int | None, expected: bool
) -> None:
    assert (judged(statement(INJURY, injury_days), pain_days=pain_days) is not None) is expected


def test_an_injury_dated_only_by_its_visit() -> None:
    at_a_visit = statement(INJURY, None, first_mentioned=when(1), last_mentioned=when(1))
    found = judged(at_a_visit, pain_days=1)
    assert found is not None
    assert found.slots["days"] == 1
    assert judged(at_a_visit, pain_days=30) is None


def test_a_second_pain_dated_only_by_its_visit() -> None:
    second = statement("presenting/neck-pain", None, ref="Condition/b", first_mentioned=when(2))
    ours = episode(90, pains=(pain(90), second))
    assert injury_of_pain(case(statement(INJURY, 2)), ours, LIMITS) is not None


@pytest.mark.parametrize("concept", [INJURY, WHIPLASH, "red-flag/cervical-fracture", "red-flag/cord-injury"])
def test_every_kind_of_injury_counts_at_any_clinical_status(concept: str) -> None:
    assert judged(statement(concept, 1, is_active=False)) is not None


@pytest.mark.parametrize(
    "fact",
    [
        pytest.param(
            statement("context/injury-external-cause", 1, kind="QuestionnaireResponse"),
            id="an answer about falls",
        ),
        pytest.param(statement(INJURY, 1, presence=Presence.ABSENT), id="a refuted injury"),
    ],
)
def test_what_is_no_injury(fact: object) -> None:
    assert judged(fact) is None


FALL = "context/injury-external-cause"


def test_a_fall_without_a_coded_injury_counts_when_the_pain_began_with_it() -> None:
    assert judged(statement(FALL, 1), pain_days=1) is not None
    assert judged(statement(FALL, 8), pain_days=1) is not None
    assert judged(statement(FALL, 9), pain_days=1) is None
    assert judged(statement(FALL, 1), pain_days=2) is None
    assert injury_of_pain(case(statement(FALL, 1)), episode(None), LIMITS) is None


def test_of_a_fall_and_its_injury_the_injury_is_named() -> None:
    found = injury_of_pain(
        case(statement(FALL, 1, ref="Condition/z"), statement(INJURY, 1)), episode(1), LIMITS
    )
    assert found is not None
    assert found.statement.concepts == {INJURY}


def test_the_newest_fitting_injury_counts() -> None:
    ours = episode(3)
    old, new, unfitting = statement(INJURY, 9), statement(INJURY, 4), statement(INJURY, 1)
    found = injury_of_pain(case(old, unfitting, new), ours, LIMITS)
    assert found is not None
    assert (found.on, found.days_ago) == (ago(4), 4)


def test_a_second_pain_that_began_with_the_injury_diverts() -> None:
    assert injury_of_pain(case(statement(INJURY, 2)), episode(400), LIMITS) is None
    assert injury_of_pain(case(statement(INJURY, 2)), episode(400, pain(None)), LIMITS) is None
    assert injury_of_pain(case(statement(INJURY, 2)), episode(400, pain(1)), LIMITS) is not None


@pytest.mark.parametrize(
    ("injury", "onset"),
    [
        pytest.param(statement(INJURY, 20), month(0, 14), id="onset some time this month"),
        pytest.param(statement(INJURY, 3, onset=month(3, 20)), when(18), id="injury some time that month"),
    ],
)
def test_a_vague_date_is_read_in_favour_of_the_injury(injury: object, onset: Any) -> None:
    assert injury_of_pain(case(injury), episode(5, onset=onset), LIMITS) is not None


@pytest.mark.parametrize(
    ("days", "findings", "wording", "indicator", "has_scan"),
    [
        pytest.param(2, [], "S4", Indicator.WARNING, True, id="within 48 hours"),
        pytest.param(3, [], "S4-late", Indicator.INFO, False, id="three days ago"),
        pytest.param(1, [finding("R14")], "S4-cord", Indicator.CRITICAL, True, id="with a deficit"),
        pytest.param(9, [finding("R17")], "S4-cord", Indicator.CRITICAL, False, id="later, with a cord sign"),
        pytest.param(1, [finding("R5")], "S4", Indicator.WARNING, True, id="with fever"),
    ],
)
def test_the_card(days: int, findings: Any, wording: str, indicator: Indicator, has_scan: bool) -> None:
    advice = judged(statement(INJURY, days), pain_days=days, findings=findings)
    assert advice is not None
    assert (advice.rule, advice.wording, advice.indicator) == ("S4", wording, indicator)
    assert advice.rules == ("S4", "R4")
    assert advice.slots == {"date": ago(days), "days": days}
    scans = [(p.kind, p.priority) for p in advice.proposals]
    assert scans == ([(ProposalKind.CT_CERVICAL, "urgent")] if has_scan else [])
    keys = [line.key for line in advice.lines]
    assert ("trauma-rule" in keys) is (days <= 2)
    assert ("trauma-late" in keys) is (days > 2)


@pytest.mark.parametrize(
    ("facts", "fields", "features", "recommended"),
    [
        pytest.param([], {"age": 64}, None, False, id="none"),
        pytest.param([], {"age": None}, None, False, id="age unknown"),
        pytest.param([], {"age": 65}, ("high-risk-age",), True, id="65 years"),
        pytest.param([], {"age_years": AgeRange(64, 65)}, ("high-risk-age",), True, id="perhaps 65 years"),
        pytest.param(
            [statement("context/injury-external-cause", 1)],
            {},
            ("recorded-mechanism",),
            False,
            id="a recorded mechanism",
        ),
        pytest.param(
            [statement("context/injury-external-cause", 9)], {}, None, False, id="another mechanism"
        ),
        pytest.param(
            [statement("context/injury-external-cause", None)], {}, None, False, id="an undated mechanism"
        ),
        pytest.param(
            [statement("red-flag/sensory-deficit", 1, sites=ARM)],
            {},
            ("limb-paraesthesia",),
            True,
            id="tingling arm",
        ),
        pytest.param(
            [statement("red-flag/bilateral-symptoms", None)],
            {},
            ("limb-paraesthesia",),
            True,
            id="both hands",
        ),
        pytest.param(
            [statement("red-flag/sensory-deficit", 9, sites=ARM)], {}, None, False, id="from before"
        ),
        pytest.param([statement("red-flag/sensory-deficit", 1)], {}, None, False, id="of no stated site"),
    ],
)
def test_high_risk_features_are_named(
    facts: list[object], fields: dict[str, Any], features: tuple[str, ...] | None, recommended: bool
) -> None:
    advice = judged(statement(INJURY, 1), *facts, **fields)
    assert advice is not None
    named = [line.slots["features"] for line in advice.lines if line.key == "trauma-features"]
    assert named == ([tuple(f"@term.{f}" for f in features)] if features else [])
    assert advice.proposals[0].is_recommended is recommended


@pytest.mark.parametrize(("findings", "count"), [((), 3), ((finding("R22"),), 2)])
def test_what_the_record_cannot_tell_is_said(findings: Any, count: int) -> None:
    advice = judged(statement(INJURY, 1), findings=findings)
    assert advice is not None
    missing = next(line.slots["missing"] for line in advice.lines if line.key == "trauma-missing")
    assert isinstance(missing, tuple)
    assert len(missing) == count
