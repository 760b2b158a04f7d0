from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from cds_service.pathway.vocabulary import Presence
from tests.builders import ago, case, drug, measurement, not_interpretable, service, statement, when
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

FEVER, CHILLS = "red-flag/fever", "red-flag/fever-possible"
LOSS, LOSS_MAYBE = "red-flag/weight-loss", "red-flag/weight-loss-possible"
REASON = "risk/weight-loss-other-cause"
SWEATS = "red-flag/night-sweats"


def temperature(value: float | None, days: int | None = 0, **fields: object) -> Measurement:
    return measurement("obs/body-temperature", value, days, **fields)


def weight(value: float | None, days: int | None = 0, **fields: object) -> Measurement:
    return measurement("obs/body-weight", value, days, **fields)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([temperature(38.0, 7)], PRESENT, id="at the limit on the last day"),
        pytest.param([temperature(38.0, 8)], NOTHING, id="a day too old"),
        pytest.param([temperature(37.9, 1)], ABSENT, id="below the limit"),
        pytest.param([temperature(39.0, 3), temperature(36.8, 1)], PRESENT, id="fever comes and goes"),
        pytest.param([temperature(39.0, None)], POSSIBLE, id="undated reading"),
        pytest.param([temperature(36.8, None)], NOTHING, id="undated reading below the limit"),
        pytest.param([temperature(39.0, None), temperature(36.8, 0)], POSSIBLE, id="undated beside normal"),
        pytest.param([temperature(39.0, None, comparator="<")], UNREADABLE, id="undated, unclear"),
        pytest.param([temperature(None, 1)], NOTHING, id="reading without a number"),
        pytest.param([temperature(38.5, 1, comparator=">")], PRESENT, id="above a number past the limit"),
        pytest.param([temperature(37.0, 1, comparator="<")], ABSENT, id="below a number under the limit"),
        pytest.param([temperature(38.0, 1, comparator="<")], ABSENT, id="below the limit itself"),
        pytest.param([temperature(38.0, 1, comparator="<=")], UNREADABLE, id="up to the limit: may be on it"),
        pytest.param([temperature(39.0, 1, comparator="<")], UNREADABLE, id="below a number past the limit"),
        pytest.param(
            [temperature(37.0, 1, comparator=">=")], UNREADABLE, id="above a number under the limit"
        ),
        pytest.param([statement(FEVER, 30)], PRESENT, id="coded, last day"),
        pytest.param([statement(FEVER, 31)], POSSIBLE, id="coded, still active, a day too old"),
        pytest.param(
            [statement(FEVER, 31), temperature(36.8, 1)], ABSENT, id="old entry answered by a reading"
        ),
        pytest.param(
            [statement(FEVER, 5), temperature(36.8, 1)], PRESENT, id="a reading denies no coded fever"
        ),
        pytest.param(
            [statement(FEVER, 5), statement("absent/fever", 1)], ABSENT, id="coded absence is newer"
        ),
        pytest.param(
            [temperature(38.4, 2), statement("absent/fever", 1)], PRESENT, id="words negate no number"
        ),
        pytest.param([statement(CHILLS, 2)], POSSIBLE, id="chills without a reading"),
        pytest.param([statement(CHILLS, 2), temperature(36.8, 2)], ABSENT, id="chills answered by a reading"),
        pytest.param([statement(CHILLS, 2), temperature(36.8, 3)], POSSIBLE, id="chills after the reading"),
        pytest.param([statement(CHILLS, None), temperature(36.8, 3)], POSSIBLE, id="undated chills"),
    ],
)
def test_fever(facts: list[object], expected: FlagState) -> None:
    assert state("R5", *facts) is expected


def test_the_date_of_fever_is_its_newest_reading() -> None:
    assert flag("R5", temperature(38.2, 5), temperature(38.0, 2), temperature(37, 1)).flag_on == ago(2)


def test_a_preliminary_reading_counts_and_says_so() -> None:
    assert notes(flag("R5", temperature(38.2, 5, is_preliminary=True))) == {"preliminary"}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param(None, UNREADABLE, id="date unknown"),
        pytest.param(1, UNREADABLE, id="newer than the normal reading"),
        pytest.param(5, UNREADABLE, id="older than the normal reading"),
        pytest.param(8, ABSENT, id="older than any reading that counts"),
    ],
)
def test_an_odd_value_matters_since_fever_comes_and_goes(days: int | None, expected: FlagState) -> None:
    odd = not_interpretable("obs/body-temperature", days)
    readability = replace(case().readability, not_interpretable=(odd,))
    assert state("R5", temperature(36.8, 2), readability=readability) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement(LOSS, 180)], PRESENT, id="coded as unexplained"),
        pytest.param([statement(LOSS_MAYBE, 20)], POSSIBLE, id="coded without a word on intent"),
        pytest.param([statement(LOSS_MAYBE, None)], POSSIBLE, id="coded without intent or date"),
        pytest.param(
            [statement(LOSS_MAYBE, 20), drug(REASON, 60)], NOTHING, id="coded, on a weight-loss drug"
        ),
        pytest.param([statement(LOSS, 20), drug(REASON, 60)], PRESENT, id="unexplained in spite of a drug"),
        pytest.param([weight(80, 150), weight(75.5)], POSSIBLE, id="lost 5.6 per cent"),
        pytest.param([weight(80, 150), weight(76)], POSSIBLE, id="lost exactly 5 per cent"),
        pytest.param([weight(80, 150), weight(76.1)], NOTHING, id="lost less than 5 per cent"),
        pytest.param([weight(80, 60), weight(75, 30)], POSSIBLE, id="both weights on their last days"),
        pytest.param([weight(80, 100), weight(75, 31)], NOTHING, id="latest weight too old"),
        pytest.param([weight(80, 29), weight(75, 0)], NOTHING, id="earlier weight too near"),
        pytest.param([weight(80, 366), weight(75, 0)], NOTHING, id="earlier weight too old"),
        pytest.param([weight(80, 365), weight(75, 0)], POSSIBLE, id="earlier weight a year old"),
        pytest.param(
            [weight(70, 60), weight(80, 150), weight(75.5)], POSSIBLE, id="the highest earlier weight"
        ),
        pytest.param([weight(80, 150), weight(75, 10), weight(79, 1)], NOTHING, id="gained again"),
        pytest.param([weight(80, 150), weight(75, 1, comparator="<")], NOTHING, id="not a plain number"),
        pytest.param([weight(80, 150), weight(None, 1)], NOTHING, id="no number"),
        pytest.param([weight(75)], NOTHING, id="one weight alone"),
        pytest.param(
            [weight(80, 150), weight(75.5), statement(LOSS, 0, presence=Presence.ABSENT)], ABSENT, id="denied"
        ),
    ],
)
def test_weight_loss(facts: list[object], expected: FlagState) -> None:
    assert state("R6", *facts) is expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        pytest.param(drug(REASON, 60), NOTHING, id="weight-loss drug in use"),
        pytest.param(drug(REASON, 120, 100), NOTHING, id="weight-loss drug in the interval"),
        pytest.param(drug(REASON, 300, 200), POSSIBLE, id="weight-loss drug before the interval"),
        pytest.param(drug(REASON, None), NOTHING, id="weight-loss drug in use since an unknown day"),
        pytest.param(drug(REASON, 120, is_current=False), NOTHING, id="weight-loss drug with a start alone"),
        pytest.param(service(REASON, 730), NOTHING, id="bariatric surgery 24 months ago"),
        pytest.param(service(REASON, 731), POSSIBLE, id="bariatric surgery longer ago"),
        pytest.param(service(REASON, None), POSSIBLE, id="bariatric surgery without a date"),
        pytest.param(service(REASON, 60, status="ordered"), POSSIBLE, id="bariatric surgery only ordered"),
        pytest.param(statement(REASON, 60), NOTHING, id="weight plan on file"),
        pytest.param(statement(REASON, 60, is_active=False), POSSIBLE, id="weight plan given up"),
        pytest.param(statement(REASON, None), POSSIBLE, id="weight plan without a date"),
        pytest.param(statement("nsaid-caution/pregnancy", 300, abated=when(20)), NOTHING, id="pregnancy"),
        pytest.param(statement("nsaid-caution/pregnancy", 100), NOTHING, id="pregnancy going on"),
        pytest.param(statement("nsaid-caution/pregnancy", None), NOTHING, id="pregnancy without dates"),
        pytest.param(
            statement("nsaid-caution/pregnancy", 400, abated=when(200)), POSSIBLE, id="pregnancy before"
        ),
        pytest.param(
            statement("nsaid-caution/pregnancy", 400, is_active=False),
            POSSIBLE,
            id="pregnancy over, end unknown",
        ),
    ],
)
def test_a_recorded_reason_explains_measured_weight_loss(reason: object, expected: FlagState) -> None:
    assert state("R6", weight(80, 150), weight(75.5), reason) is expected


def test_measured_loss_shows_both_weights() -> None:
    found = flag("R6", weight(80, 150), weight(75.5))
    assert [(e.on, e.notes) for e in found.evidence] == [
        (ago(0), ("measured-loss",)),
        (ago(150), ("weight-before",)),
    ]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement(SWEATS, 90)], PRESENT, id="coded"),
        pytest.param([statement(SWEATS, 5), statement("risk/menopause", 900)], POSSIBLE, id="with menopause"),
        pytest.param(
            [statement(SWEATS, 5), statement("risk/menopause", 900, is_active=False)],
            PRESENT,
            id="menopause over",
        ),
        pytest.param([statement("risk/menopause", 5)], NOTHING, id="hot flushes alone"),
    ],
)
def test_night_sweats(facts: list[object], expected: FlagState) -> None:
    assert state("R7", *facts) is expected
