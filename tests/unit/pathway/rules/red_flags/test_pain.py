from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cds_service.pathway.assessment import Trial
from cds_service.pathway.rules.red_flags import screen
from cds_service.pathway.vocabulary import Presence, Site
from tests.builders import LIMITS, case, episode, measurement, pain, statement
from tests.unit.pathway.rules.red_flags.flags import ABSENT, NOTHING, POSSIBLE, PRESENT, state

if TYPE_CHECKING:
    from cds_service.pathway.facts import Measurement
    from cds_service.pathway.finding import FlagState

STUBBORN = "red-flag/intractable-pain"
NECK, LEG = frozenset({Site.NECK}), frozenset({Site.LEG})


def score(value: float | None, days: int) -> Measurement:
    return measurement("obs/pain-severity", value, days)


@pytest.mark.parametrize(
    ("facts", "therapy", "expected"),
    [
        pytest.param(
            [statement(STUBBORN, 30, sites=NECK)], 14, PRESENT, id="of the neck after 14 days of therapy"
        ),
        pytest.param([statement(STUBBORN, 30, sites=NECK)], 13, POSSIBLE, id="after 13 days of therapy"),
        pytest.param([statement(STUBBORN, 31, sites=NECK)], 14, POSSIBLE, id="too old"),
        pytest.param([statement(STUBBORN, 3)], 20, POSSIBLE, id="site not stated"),
        pytest.param([statement(STUBBORN, 3)], 0, POSSIBLE, id="neither site nor therapy"),
        pytest.param([statement(STUBBORN, 3, sites=LEG)], 20, NOTHING, id="of the leg"),
        pytest.param([statement(STUBBORN, 31, sites=LEG)], 20, NOTHING, id="of the leg, old"),
        pytest.param(
            [statement((STUBBORN, "presenting/neck-pain"), 3)], 20, PRESENT, id="coded with the neck pain"
        ),
        pytest.param([statement(STUBBORN, 3, presence=Presence.ABSENT)], 20, ABSENT, id="denied"),
        pytest.param([score(7, 0), score(7, 14)], 14, POSSIBLE, id="two severe scores 14 days apart"),
        pytest.param([score(7, 7), score(7, 21)], 14, POSSIBLE, id="the newer one a week old"),
        pytest.param([score(7, 8), score(7, 22)], 14, NOTHING, id="the newer one older than a week"),
        pytest.param([score(7, 0), score(7, 13)], 14, NOTHING, id="13 days apart"),
        pytest.param([score(6.9, 0), score(7, 14)], 14, NOTHING, id="the newer one not severe"),
        pytest.param([score(7, 0), score(6.9, 14)], 14, NOTHING, id="the earlier one not severe"),
        pytest.param([score(None, 0), score(7, 14)], 14, NOTHING, id="the newer one without a number"),
        pytest.param([score(7, 0), score(7, 14)], 13, NOTHING, id="too little therapy"),
        pytest.param([score(3, 0), score(8, 3), score(8, 20)], 14, NOTHING, id="better by the newest score"),
    ],
)
def test_intractable_pain(facts: list[object], therapy: int, expected: FlagState) -> None:
    assert state("R21", *facts, therapy_days=therapy) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, PRESENT, id="recorded lately"),
        pytest.param({"presence": Presence.SUSPECTED}, NOTHING, id="only suspected"),
        pytest.param({"qualities": frozenset({"severe"})}, NOTHING, id="merely severe"),
    ],
)
def test_the_entry_of_the_pain_may_say_intractable(fields: dict[str, Any], expected: FlagState) -> None:
    ours = episode(20, index=pain(20, **{"qualities": frozenset({"intractable"}), **fields}))
    found = screen(case(), ours, Trial(days=20), LIMITS)
    assert next(f for f in found if f.rule == "R21").state is expected


@pytest.mark.parametrize(
    ("concept", "days", "expected"),
    [
        pytest.param("red-flag/vertebral-tenderness", 30, PRESENT, id="over the bone"),
        pytest.param("red-flag/vertebral-tenderness", 31, POSSIBLE, id="over the bone, a day too old"),
        pytest.param("red-flag/vertebral-tenderness-possible", 3, POSSIBLE, id="neck tenderness"),
        pytest.param("context/muscle-tenderness", 3, NOTHING, id="muscle tenderness"),
    ],
)
def test_vertebral_tenderness(concept: str, days: int, expected: FlagState) -> None:
    assert state("R22", statement(concept, days)) is expected


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        pytest.param(statement("red-flag/discitis", 900), PRESENT, id="recorded, of any date"),
        pytest.param(statement("red-flag/discitis", 9, presence=Presence.SUSPECTED), PRESENT, id="suspected"),
        pytest.param(statement("red-flag/spinal-tumour", 9), PRESENT, id="spinal tumour, benign or not"),
        pytest.param(
            statement("red-flag/epidural-abscess-possible", 9), POSSIBLE, id="abscess, may be in the head"
        ),
        pytest.param(statement("red-flag/discitis", 9, is_active=False), NOTHING, id="resolved"),
        pytest.param(statement("red-flag/discitis", 9, presence=Presence.ABSENT), NOTHING, id="refuted"),
    ],
)
def test_target_diagnosis(fact: object, expected: FlagState) -> None:
    assert state("target-diagnosis", fact) is expected
