from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cds_service.pathway.vocabulary import Course, Presence, Side, Site
from tests.builders import ago, measurement, statement, when
from tests.unit.pathway.rules.red_flags.flags import ABSENT, NOTHING, POSSIBLE, PRESENT, flag, notes, state

if TYPE_CHECKING:
    from cds_service.pathway.facts import Measurement
    from cds_service.pathway.finding import FlagState

WEAK, VAGUE, PARALYSIS = "red-flag/motor-weakness", "red-flag/weakness-nonspecific", "red-flag/paralysis"
NUMB, REFLEX_LOSS = "red-flag/sensory-deficit", "red-flag/reflex-loss"
BOTH = "red-flag/bilateral-symptoms"
NO, MAYBE = Presence.ABSENT, Presence.SUSPECTED
ARM, LEG, NECK = frozenset({Site.ARM}), frozenset({Site.LEG}), frozenset({Site.NECK})


def strength(
    value: float | None, days: int | None = 0, muscle: str = "triceps", side: Side | None = Side.RIGHT
) -> Measurement:
    return measurement("obs/muscle-strength", value, days, muscle=muscle, side=side)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement(WEAK, 9, course=Course.PROGRESSING)], PRESENT, id="coded, progressing"),
        pytest.param([statement(WEAK, 91, course=Course.PROGRESSING)], POSSIBLE, id="progressing, too old"),
        pytest.param([statement(WEAK, 9)], POSSIBLE, id="coded, course not stated"),
        pytest.param([statement(WEAK, 9, course=Course.STABLE)], NOTHING, id="coded, stable"),
        pytest.param([statement(WEAK, 9, course=Course.RESOLVING)], NOTHING, id="coded, resolving"),
        pytest.param([statement(VAGUE, 9, course=Course.PROGRESSING)], POSSIBLE, id="no limb named"),
        pytest.param([statement(WEAK, 9, presence=NO)], ABSENT, id="denied"),
        pytest.param([strength(4, 10), strength(3)], PRESENT, id="one grade weaker"),
        pytest.param([strength(5, 90), strength(4)], PRESENT, id="weaker than 90 days ago"),
        pytest.param([strength(5, 91), strength(4)], POSSIBLE, id="the earlier exam is too old"),
        pytest.param([strength(4, 10), strength(3.5)], NOTHING, id="half a grade, comparable exams"),
        pytest.param([strength(4, 10), strength(4)], NOTHING, id="as weak as before"),
        pytest.param([strength(3, 10), strength(5)], ABSENT, id="recovered"),
        pytest.param([strength(4, 5), strength(3, 5)], POSSIBLE, id="two grades on one day"),
        pytest.param([strength(4, 10), strength(3, side=Side.LEFT)], POSSIBLE, id="the other side"),
        pytest.param([strength(4, 10), strength(3, muscle="biceps")], POSSIBLE, id="another muscle"),
        pytest.param([strength(4, 10, muscle=""), strength(3, muscle="")], POSSIBLE, id="muscle not named"),
        pytest.param([strength(5)], ABSENT, id="full strength"),
        pytest.param([strength(4, None), strength(None)], POSSIBLE, id="weak without a date"),
        pytest.param([strength(5, None), strength(None)], NOTHING, id="full without a date, no grade"),
        pytest.param([strength(5, 20), strength(3, None)], POSSIBLE, id="weaker, without a date"),
    ],
)
def test_progressive_weakness(facts: list[object], expected: FlagState) -> None:
    assert state("R14", *facts) is expected


def test_weaker_strength_shows_both_exams() -> None:
    found = flag("R14", strength(4, 10), strength(3))
    assert [(e.on, e.notes) for e in found.evidence] == [
        (ago(0), ("weaker-than-before",)),
        (ago(10), ("strength-before",)),
    ]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement(NUMB, 9)], POSSIBLE, id="numbness alone"),
        pytest.param([statement(REFLEX_LOSS, 9, levels=frozenset({"C7"}))], POSSIBLE, id="one reflex"),
        pytest.param([statement(WEAK, 9, course=Course.STABLE)], POSSIBLE, id="stable weakness"),
        pytest.param([statement(NUMB, 9, course=Course.PROGRESSING)], PRESENT, id="progressing numbness"),
        pytest.param([statement(WEAK, 9, qualities=frozenset({"severe"}))], PRESENT, id="severe weakness"),
        pytest.param([statement(NUMB, 9, qualities=frozenset({"severe"}))], POSSIBLE, id="severe numbness"),
        pytest.param([statement(PARALYSIS, 9)], PRESENT, id="paralysis"),
        pytest.param(
            [statement(PARALYSIS, 9, onset=when(40))], PRESENT, id="paralysis 30 days before the pain"
        ),
        pytest.param([statement(PARALYSIS, 9, onset=when(90))], PRESENT, id="paralysis of the last 90 days"),
        pytest.param([statement(PARALYSIS, 9, onset=when(91))], POSSIBLE, id="paralysis from long before"),
        pytest.param(
            [statement(PARALYSIS, 9, onset=when(900), course=Course.PROGRESSING)],
            PRESENT,
            id="old, now progressing",
        ),
        pytest.param([strength(3)], PRESENT, id="strength 3"),
        pytest.param([strength(3.5)], POSSIBLE, id="strength between 3 and 4"),
        pytest.param([strength(5)], NOTHING, id="full strength says nothing of sensation"),
        pytest.param(
            [
                statement(NUMB, 9, levels=frozenset({"C6"})),
                statement(REFLEX_LOSS, 9, levels=frozenset({"C7"})),
            ],
            PRESENT,
            id="two root levels",
        ),
        pytest.param(
            [statement(NUMB, 9, levels=frozenset({"C7", "C6-7"}))], POSSIBLE, id="a root and its disc"
        ),
        pytest.param([statement("red-flag/abnormal-reflex-possible", 9)], POSSIBLE, id="abnormal reflex"),
        pytest.param([statement(NUMB, 9, presence=NO)], ABSENT, id="numbness denied"),
        pytest.param([statement(WEAK, 9, presence=NO)], NOTHING, id="weakness denied"),
        pytest.param([strength(4, None)], POSSIBLE, id="mild weakness without a date"),
        pytest.param([strength(2, None)], POSSIBLE, id="severe weakness without a date"),
        pytest.param([strength(5, None)], NOTHING, id="full strength without a date"),
        pytest.param([statement("red-flag/cord-injury", 9)], PRESENT, id="cord injury"),
        pytest.param([statement("red-flag/myelopathy", 900)], PRESENT, id="myelopathy of any date"),
        pytest.param(
            [statement("red-flag/cord-compression", None)], PRESENT, id="cord compression without a date"
        ),
        pytest.param(
            [statement("red-flag/myelopathy", 9, presence=MAYBE)], POSSIBLE, id="myelopathy suspected"
        ),
        pytest.param(
            [statement("red-flag/myelopathy", 9, is_active=False)], NOTHING, id="myelopathy resolved"
        ),
        pytest.param(
            [statement("red-flag/myelopathy-possible", 9)], POSSIBLE, id="myelopathy without a level"
        ),
        pytest.param(
            [statement("red-flag/myelopathy", 9), statement("red-flag/myelopathy", 5, presence=NO)],
            NOTHING,
            id="myelopathy refuted later",
        ),
        pytest.param(
            [statement("red-flag/myelopathy", 5), statement("red-flag/myelopathy", 9, presence=NO)],
            PRESENT,
            id="myelopathy refuted before",
        ),
    ],
)
def test_deficit(facts: list[object], expected: FlagState) -> None:
    assert state("R15", *facts) is expected


def test_coded_myelopathy_is_named_as_such() -> None:
    assert flag("R15", statement("red-flag/myelopathy", 9)).evidence[0].name == "R15-myelopathy"


def limb(concept: str = NUMB, days: int = 5, side: Side | None = None, **fields: object) -> object:
    return statement(
        concept, days, side=side, **{"sites": ARM, "ref": f"Condition/{concept}{days}{side}", **fields}
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement(BOTH, 90)], PRESENT, id="coded"),
        pytest.param([limb(side=Side.BOTH)], PRESENT, id="both hands numb"),
        pytest.param([limb(side=Side.LEFT), limb(side=Side.RIGHT)], PRESENT, id="left and right arm"),
        pytest.param(
            [limb(side=Side.LEFT), limb(WEAK, side=Side.RIGHT)], PRESENT, id="numb left, weak right"
        ),
        pytest.param([limb(side=Side.LEFT)], NOTHING, id="one arm"),
        pytest.param([limb(), limb(WEAK)], NOTHING, id="side not stated"),
        pytest.param([limb(sites=ARM | LEG)], PRESENT, id="arm and leg"),
        pytest.param([limb(), limb(WEAK, sites=LEG)], PRESENT, id="numb arm, weak leg"),
        pytest.param([limb(side=Side.BOTH, sites=LEG)], NOTHING, id="both legs"),
        pytest.param([limb(side=Side.BOTH, sites=NECK)], NOTHING, id="both sides of the neck"),
        pytest.param([limb(side=Side.BOTH, sites=frozenset())], POSSIBLE, id="both sides of something"),
        pytest.param(
            [limb(side=Side.LEFT), limb(side=Side.RIGHT, presence=MAYBE)], POSSIBLE, id="one side suspected"
        ),
        pytest.param([limb(side=Side.BOTH, days=91)], POSSIBLE, id="too old"),
        pytest.param(
            [statement("red-flag/bilateral-symptoms-possible", 5)], POSSIBLE, id="arm pain coded bilateral"
        ),
        pytest.param(
            [limb("presenting/cervical-radiculopathy", side=Side.BOTH)],
            POSSIBLE,
            id="bilateral radiculopathy",
        ),
        pytest.param(
            [limb("presenting/cervical-radiculopathy", side=Side.LEFT)], NOTHING, id="one-sided radiculopathy"
        ),
        pytest.param(
            [limb("presenting/neck-pain", side=Side.BOTH, sites=NECK)], NOTHING, id="bilateral neck pain"
        ),
        pytest.param(
            [strength(4), strength(4, side=Side.LEFT)], POSSIBLE, id="the same muscle weak on both sides"
        ),
        pytest.param([strength(4, side=Side.BOTH)], POSSIBLE, id="a muscle weak on both sides"),
        pytest.param([strength(4), strength(5, side=Side.LEFT)], NOTHING, id="weak on one side"),
        pytest.param([statement(BOTH, 5, presence=NO)], ABSENT, id="denied"),
    ],
)
def test_bilateral_symptoms(facts: list[object], expected: FlagState) -> None:
    assert state("R16", *facts) is expected


def test_bilateral_pain_is_remarked_on() -> None:
    found = flag("R16", limb("presenting/cervical-radiculopathy", side=Side.BOTH))
    assert notes(found) == {"arm-pain-only"}
