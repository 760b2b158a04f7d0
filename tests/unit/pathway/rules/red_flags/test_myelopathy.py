from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cds_service.pathway.vocabulary import Presence
from tests.builders import statement, when
from tests.unit.pathway.rules.red_flags.flags import ABSENT, NOTHING, POSSIBLE, PRESENT, flag, state

if TYPE_CHECKING:
    from cds_service.pathway.finding import FlagState

GAIT, CAUSE = "red-flag/gait-disturbance", "risk/gait-other-cause"
BLADDER = "red-flag/bladder-bowel"
SIGN = "red-flag/hoffmann-lhermitte"
NO, MAYBE = Presence.ABSENT, Presence.SUSPECTED


@pytest.mark.parametrize(
    ("facts", "pain_days", "expected"),
    [
        pytest.param([statement(GAIT, 180)], 10, PRESENT, id="last day of the look-back"),
        pytest.param([statement(GAIT, 181)], 10, POSSIBLE, id="a day older, still active"),
        pytest.param(
            [statement(GAIT, 5), statement(CAUSE, 41)], 10, POSSIBLE, id="a cause 31 days before the pain"
        ),
        pytest.param(
            [statement(GAIT, 5), statement(CAUSE, 40)], 10, PRESENT, id="a cause 30 days before the pain"
        ),
        pytest.param([statement(GAIT, 5), statement(CAUSE, None)], 10, PRESENT, id="a cause without a date"),
        pytest.param(
            [statement(GAIT, 5), statement(CAUSE, 900)], None, PRESENT, id="onset of the pain unknown"
        ),
        pytest.param(
            [statement(GAIT, 5), statement(CAUSE, 900, presence=NO)], 10, PRESENT, id="the cause is refuted"
        ),
    ],
)
def test_gait(facts: list[object], pain_days: int | None, expected: FlagState) -> None:
    assert state("R17", *facts, pain_days=pain_days) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement(BLADDER, 4)], PRESENT, id="new retention"),
        pytest.param([statement("red-flag/cauda-equina", 4)], PRESENT, id="cauda equina"),
        pytest.param([statement(BLADDER, 2, onset=when(40))], PRESENT, id="30 days before the pain"),
        pytest.param([statement(BLADDER, 2, onset=when(41))], POSSIBLE, id="31 days before the pain"),
        pytest.param([statement(BLADDER, 170)], POSSIBLE, id="recorded long before the pain"),
        pytest.param([statement("context/bladder-other-cause", 2)], POSSIBLE, id="stress incontinence"),
        pytest.param([statement(BLADDER, 9), statement(BLADDER, 5, presence=NO)], ABSENT, id="denied later"),
        pytest.param(
            [
                statement(BLADDER, 9, text="Fecal incontinence"),
                statement(BLADDER, 5, text="Urinary incontinence", presence=NO),
            ],
            PRESENT,
            id="the bladder denied, the bowel not",
        ),
    ],
)
def test_bladder_and_bowel(facts: list[object], expected: FlagState) -> None:
    assert state("R18", *facts) is expected


@pytest.mark.parametrize(
    ("concept", "text", "expected", "name"),
    [
        pytest.param("red-flag/hyperreflexia", "", PRESENT, "", id="hyperreflexia"),
        pytest.param("red-flag/hyperreflexia", "Ankle clonus", PRESENT, "R19-clonus", id="clonus"),
        pytest.param(SIGN, "Hoffman's reflex", PRESENT, "R19-hoffmann", id="Hoffmann sign"),
        pytest.param(SIGN, "Lhermitte's phenomenon", POSSIBLE, "R19-lhermitte", id="Lhermitte sign"),
    ],
)
def test_the_sign_found_is_named(concept: str, text: str, expected: FlagState, name: str) -> None:
    found = flag("R19", statement(concept, 3, text=text))
    assert (found.state, found.evidence[0].name) == (expected, name)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        pytest.param(statement("red-flag/extensor-plantar", 90), PRESENT, id="extensor"),
        pytest.param(statement("red-flag/extensor-plantar", 9, presence=MAYBE), POSSIBLE, id="equivocal"),
        pytest.param(statement("absent/extensor-plantar", 9), ABSENT, id="flexor"),
        pytest.param(statement("absent/clonus", 9), NOTHING, id="another sign absent"),
    ],
)
def test_plantar_response(fact: object, expected: FlagState) -> None:
    assert state("R20", fact) is expected
