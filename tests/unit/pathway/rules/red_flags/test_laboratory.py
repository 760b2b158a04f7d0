from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from cds_service.pathway.vocabulary import AgeRange, Flagging, Presence, Sex
from tests.builders import ago, case, drug, measurement, not_interpretable, statement
from tests.unit.pathway.rules.red_flags.flags import (
    ABSENT,
    NOTHING,
    POSSIBLE,
    PRESENT,
    UNREADABLE,
    flag,
    notes,
    state,
)

if TYPE_CHECKING:
    from cds_service.pathway.facts import Measurement
    from cds_service.pathway.finding import FlagState

H, N, L, A = Flagging.RAISED, Flagging.NORMAL, Flagging.LOW, Flagging.ABNORMAL


def crp(value: float | None, days: int | None = 5, **fields: Any) -> Measurement:
    return measurement("obs/crp", value, days, **fields)


def ranged(
    value: float | None, high: float | None, flagging: Flagging | None = None, **fields: Any
) -> Measurement:
    return crp(value, reference_high=high, flagging=flagging, **fields)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param(ranged(14, 5), PRESENT, id="above the range"),
        pytest.param(ranged(5, 5), ABSENT, id="at the top of the range"),
        pytest.param(ranged(8, None), ABSENT, id="below the default limit"),
        pytest.param(ranged(10, None), ABSENT, id="at the default limit"),
        pytest.param(ranged(10.1, None), PRESENT, id="above the default limit"),
        pytest.param(ranged(12, 15), ABSENT, id="the range outweighs the default limit"),
        pytest.param(ranged(4, None, H), PRESENT, id="flagged high, no range"),
        pytest.param(ranged(None, None, H), PRESENT, id="flagged high, no number"),
        pytest.param(ranged(40, None, N), ABSENT, id="flagged normal, no range"),
        pytest.param(ranged(40, None, L), ABSENT, id="flagged low, no range"),
        pytest.param(ranged(4, 5, H), PRESENT, id="flagged high within the range"),
        pytest.param(ranged(9, 5, N), PRESENT, id="flagged normal above the range"),
        pytest.param(ranged(4, 5, N), ABSENT, id="flagged normal within the range"),
        pytest.param(ranged(12, None, A), PRESENT, id="abnormal without direction, by default limit"),
        pytest.param(ranged(None, None, A), UNREADABLE, id="abnormal without direction or number"),
        pytest.param(ranged(5, 5, comparator="<"), ABSENT, id="less than the limit"),
        pytest.param(ranged(5, 5, comparator=">"), PRESENT, id="more than the limit"),
        pytest.param(ranged(5, 5, comparator=">="), PRESENT, id="at least the limit"),
        pytest.param(ranged(9, 5, comparator="<="), UNREADABLE, id="up to a number above the limit"),
        pytest.param(ranged(3, 5, comparator=">"), UNREADABLE, id="more than a number below the limit"),
        pytest.param(ranged(3, 5, H, comparator=">"), PRESENT, id="the flag settles the comparator"),
        pytest.param(ranged(9, 5, N, comparator="<"), ABSENT, id="the flag settles it the other way"),
    ],
)
def test_one_result_is_judged_by_flag_range_and_default_limit(
    result: Measurement, expected: FlagState
) -> None:
    assert state("R9", result) is expected


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        pytest.param([crp(90, 30)], PRESENT, id="last day of the look-back"),
        pytest.param([crp(90, 31)], NOTHING, id="a day too old"),
        pytest.param([crp(90, None)], POSSIBLE, id="undated"),
        pytest.param([crp(3, None)], NOTHING, id="undated and normal"),
        pytest.param([crp(90, None), crp(3, 5)], POSSIBLE, id="undated beside a dated normal one"),
        pytest.param([crp(3, None), crp(90, 5)], PRESENT, id="undated and normal beside a raised one"),
        pytest.param([crp(12, None, comparator="<")], UNREADABLE, id="undated, unclear"),
        pytest.param([crp(90, 20), crp(3, 5)], ABSENT, id="a later normal result supersedes"),
        pytest.param([crp(3, 20), crp(90, 5)], PRESENT, id="an earlier normal result does not"),
        pytest.param([crp(3, 5), crp(90, 5)], PRESENT, id="both on one day"),
        pytest.param([crp(90, 20), crp(None, 5)], PRESENT, id="the newest usable result counts"),
        pytest.param([crp(3, 20), crp(None, 5)], UNREADABLE, id="a newer result could not be judged"),
        pytest.param([crp(None, 20), crp(3, 5)], ABSENT, id="an older result could not be judged"),
        pytest.param([crp(90, 20), measurement("obs/hs-crp", 2, 5)], ABSENT, id="superseded by hs-CRP"),
    ],
)
def test_the_newest_usable_result_counts(results: list[object], expected: FlagState) -> None:
    assert state("R9", *results, pain_days=40) is expected
    assert state("R9", *reversed(results), pain_days=40) is expected


def test_a_normal_result_of_the_same_day_is_shown_after_the_raised_one() -> None:
    found = flag("R9", crp(3, 5), crp(90, 5), crp(4, 9), pain_days=20)
    shown = [(getattr(e.fact, "value", None), "normal-same-day" in e.notes) for e in found.evidence]
    assert shown == [(90, False), (3, True)]
    early = flag("R9", crp(3, 25), crp(90, 25), pain_days=5)
    assert early.state is POSSIBLE
    assert [e.notes[-1] for e in early.evidence] == ["before-onset", "normal-same-day"]


def test_a_superseded_result_is_shown() -> None:
    found = flag("R9", crp(90, 20), crp(3, 5))
    assert [(e.on, "superseded" in e.notes) for e in found.evidence] == [(ago(5), False), (ago(20), True)]


@pytest.mark.parametrize(
    ("result_days", "pain_days", "expected"),
    [
        pytest.param(24, 10, PRESENT, id="14 days before onset"),
        pytest.param(25, 10, POSSIBLE, id="15 days before onset"),
        pytest.param(25, None, PRESENT, id="onset unknown"),
    ],
)
def test_a_result_long_before_the_pain_is_possible(
    result_days: int, pain_days: int | None, expected: FlagState
) -> None:
    assert state("R9", crp(90, result_days), pain_days=pain_days) is expected


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param(measurement("obs/hs-crp", 10), ABSENT, id="at 10"),
        pytest.param(measurement("obs/hs-crp", 10.1), PRESENT, id="above 10"),
        pytest.param(
            measurement("obs/hs-crp", 4, flagging=H, reference_high=3.0), ABSENT, id="flags are cardiac"
        ),
    ],
)
def test_high_sensitivity_crp_is_judged_against_ten_alone(result: object, expected: FlagState) -> None:
    assert state("R9", result) is expected


@pytest.mark.parametrize(
    ("value", "age", "sex", "expected"),
    [
        pytest.param(31, 52, Sex.FEMALE, ABSENT, id="woman of 52 at her limit"),
        pytest.param(31.1, 52, Sex.FEMALE, PRESENT, id="woman of 52 above it"),
        pytest.param(26, 52, Sex.MALE, ABSENT, id="man of 52 at his limit"),
        pytest.param(28, 52, Sex.MALE, PRESENT, id="man of 52 above it"),
        pytest.param(28, 52, Sex.OTHER, ABSENT, id="other sex as for women"),
        pytest.param(28, 52, None, ABSENT, id="unknown sex as for women"),
        pytest.param(28, None, Sex.MALE, UNREADABLE, id="age unknown, no limit"),
    ],
)
def test_esr_follows_the_miller_rule(
    value: float, age: int | None, sex: Sex | None, expected: FlagState
) -> None:
    assert state("R8", measurement("obs/esr", value), age=age, sex=sex) is expected


def test_of_a_vague_age_the_lower_one_limits_the_esr() -> None:
    vague = AgeRange(40, 52)
    assert state("R8", measurement("obs/esr", 24), sex=Sex.MALE, age_years=vague) is PRESENT


@pytest.mark.parametrize(("value", "expected"), [(11.0, ABSENT), (11.1, PRESENT)])
def test_white_cells(value: float, expected: FlagState) -> None:
    assert state("R10", measurement("obs/wbc", value)) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement("red-flag/elevated-crp", 5)], PRESENT, id="coded"),
        pytest.param([statement("red-flag/elevated-crp", 25)], POSSIBLE, id="coded before the pain"),
        pytest.param([statement("red-flag/elevated-crp", 31)], POSSIBLE, id="coded, active, too old"),
        pytest.param(
            [statement("red-flag/elevated-crp", 5), crp(3, 2)], ABSENT, id="a newer result is normal"
        ),
        pytest.param(
            [statement("red-flag/elevated-crp", 5), crp(3, 5)], PRESENT, id="normal on the same day"
        ),
        pytest.param(
            [statement("red-flag/elevated-crp", 31), crp(3, 2)], ABSENT, id="old entry, normal since"
        ),
        pytest.param(
            [crp(90, 5), statement("red-flag/elevated-crp", 1, presence=Presence.ABSENT)],
            PRESENT,
            id="no words negate",
        ),
    ],
)
def test_a_marker_may_be_coded_as_raised(facts: list[object], expected: FlagState) -> None:
    assert state("R9", *facts) is expected


def test_a_coded_marker_is_not_shown_as_superseded_by_itself() -> None:
    assert flag("R9", statement("red-flag/elevated-crp", None)).state is POSSIBLE


def test_confounders_are_remarked_on_and_change_nothing() -> None:
    found = flag(
        "R10",
        measurement("obs/wbc", 15),
        drug("drug/systemic-corticosteroid"),
        drug("drug/g-csf"),
        statement("nsaid-caution/pregnancy", 30),
    )
    assert found.state is PRESENT
    assert notes(found) >= {"confounder-steroid", "confounder-g-csf", "confounder-pregnancy"}


def test_flag_and_range_in_disagreement_are_remarked_on() -> None:
    assert "interpretation-and-range-disagree" in notes(flag("R9", ranged(4, 5, H)))


def test_an_odd_value_older_than_the_newest_result_does_not_matter() -> None:
    readability = replace(case().readability, not_interpretable=(not_interpretable("obs/crp", 9),))
    assert state("R9", crp(3, 5), readability=readability) is ABSENT
