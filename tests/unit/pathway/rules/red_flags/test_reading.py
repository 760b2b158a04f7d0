"""The reading rules every coded flag shares, shown on signs of the cord."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from cds_service.pathway.assessment import Trial
from cds_service.pathway.rules.red_flags import screen
from cds_service.pathway.rules.red_flags.chart import FEEDS
from cds_service.pathway.rules.red_flags.concepts import concepts_of
from cds_service.pathway.vocabulary import Presence, Side, Site
from tests.builders import LIMITS, ago, case, episode, month, not_interpretable, statement, unread, when
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
    from cds_service.pathway.facts import NotInterpretable
    from cds_service.pathway.finding import FlagState

GAIT = "red-flag/gait-disturbance"
REFLEX = "red-flag/hyperreflexia"
NO, MAYBE = Presence.ABSENT, Presence.SUSPECTED


def test_findings_come_in_the_order_of_the_rules() -> None:
    rules = [f.rule for f in screen(case(), episode(), Trial(), LIMITS)]
    assert rules == [*(f"R{n}" for n in range(5, 23)), "target-diagnosis"]


def test_an_empty_record_documents_nothing() -> None:
    assert {f.state for f in screen(case(), episode(), Trial(), LIMITS)} == {NOTHING}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement(REFLEX, 90)], PRESENT, id="last day of the look-back"),
        pytest.param([statement(REFLEX, 91)], POSSIBLE, id="a day before the look-back, still active"),
        pytest.param([statement(REFLEX, None)], POSSIBLE, id="active without a date"),
        pytest.param(
            [statement(REFLEX, None, is_current_encounter=True)], PRESENT, id="reason of this encounter"
        ),
        pytest.param(
            [statement(REFLEX, 200, last_mentioned=when(5))], PRESENT, id="old but mentioned lately"
        ),
        pytest.param([statement(REFLEX, 91, kind="Observation")], POSSIBLE, id="old examination"),
        pytest.param(
            [statement(REFLEX, 366, kind="Observation")], NOTHING, id="examination past the stale guard"
        ),
        pytest.param([statement(REFLEX, None, kind="Observation")], POSSIBLE, id="undated examination"),
        pytest.param([statement(REFLEX, 3, is_active=False)], NOTHING, id="resolved"),
        pytest.param([statement(REFLEX, 3, presence=MAYBE)], POSSIBLE, id="suspected"),
        pytest.param([statement(REFLEX, 3, presence=NO)], ABSENT, id="denied in the look-back"),
        pytest.param([statement(REFLEX, 91, presence=NO)], NOTHING, id="denied before the look-back"),
        pytest.param([statement(REFLEX, None, presence=NO)], NOTHING, id="denied without a date"),
    ],
)
def test_status_date_and_verification_decide(facts: list[object], expected: FlagState) -> None:
    assert state("R19", *facts) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement(REFLEX, 5), statement(REFLEX, 4, presence=NO)], ABSENT, id="denied later"),
        pytest.param([statement(REFLEX, 4), statement(REFLEX, 5, presence=NO)], PRESENT, id="denied earlier"),
        pytest.param(
            [statement(REFLEX, 4), statement(REFLEX, 4, presence=NO)], PRESENT, id="denied the same day"
        ),
        pytest.param(
            [statement(REFLEX, 4, presence=MAYBE), statement(REFLEX, 4, presence=NO)],
            ABSENT,
            id="a suspicion denied the same day",
        ),
        pytest.param(
            [statement(REFLEX, None), statement(REFLEX, 4, presence=NO)],
            POSSIBLE,
            id="which came first is unknown",
        ),
        pytest.param(
            [statement(REFLEX, 20), statement(REFLEX, 4, presence=NO, recorded=month(1, 25))],
            PRESENT,
            id="denied some time that month",
        ),
        pytest.param(
            [statement(REFLEX, 5, side=Side.LEFT), statement(REFLEX, 4, presence=NO, side=Side.RIGHT)],
            PRESENT,
            id="denied on the other side",
        ),
        pytest.param(
            [statement(REFLEX, 5, side=Side.LEFT), statement(REFLEX, 4, presence=NO, side=Side.LEFT)],
            ABSENT,
            id="denied on the same side",
        ),
        pytest.param(
            [statement(REFLEX, 5), statement(REFLEX, 4, presence=NO, sites=frozenset({Site.LEG}))],
            PRESENT,
            id="denied for one site only",
        ),
        pytest.param(
            [
                statement(REFLEX, 5, sites=frozenset({Site.LEG})),
                statement(REFLEX, 4, presence=NO, sites=frozenset({Site.LEG, Site.ARM})),
            ],
            ABSENT,
            id="denied for its site and more",
        ),
        pytest.param(
            [statement(REFLEX, 5), statement("red-flag/hoffmann-lhermitte", 4, presence=NO)],
            PRESENT,
            id="another sign of the same flag denied",
        ),
    ],
)
def test_the_newest_statement_about_the_very_thing_wins(facts: list[object], expected: FlagState) -> None:
    assert state("R19", *facts) is expected
    assert state("R19", *reversed(facts)) is expected


def test_a_contradiction_of_the_same_day_is_remarked_on() -> None:
    found = flag("R19", statement(REFLEX, 4), statement(REFLEX, 4, presence=NO))
    assert "negative-same-day" in notes(found)


def test_a_code_that_means_absence_denies() -> None:
    plantar, flexor = "red-flag/extensor-plantar", "absent/extensor-plantar"
    assert state("R20", statement(flexor, 2)) is ABSENT
    assert state("R20", statement(plantar, 5), statement(flexor, 2)) is ABSENT
    assert state("R20", statement(plantar, 5), statement(flexor, 2, presence=MAYBE)) is PRESENT
    assert state("R20", statement(plantar, 5), statement(flexor, 2, presence=NO)) is PRESENT


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            [statement("red-flag/vertebral-tenderness", 2, presence=NO)], ABSENT, id="the flag itself"
        ),
        pytest.param(
            [statement("red-flag/vertebral-tenderness", 2, presence=NO, side=Side.LEFT)],
            POSSIBLE,
            id="one side",
        ),
        pytest.param([statement("red-flag/vertebral-tenderness", 4, presence=NO)], POSSIBLE, id="too early"),
    ],
)
def test_denying_the_flag_itself_answers_what_hinted_at_it(facts: list[object], expected: FlagState) -> None:
    hint = statement("red-flag/vertebral-tenderness-possible", 3)
    assert state("R22", hint, *facts) is expected


def test_how_a_statement_was_recorded_is_remarked_on() -> None:
    found = flag("R17", statement(GAIT, 1, is_preliminary=True, is_text_only=True))
    assert notes(found) == {"preliminary", "text-only"}


def test_evidence_is_newest_first_whatever_the_order() -> None:
    old, new, undated = statement(GAIT, 9), statement(GAIT, 2), statement(GAIT, 200, onset=None)
    for order in ([old, new, undated], [undated, new, old]):
        found = flag("R17", *order)
        assert [e.on for e in found.evidence] == [ago(2), ago(9)]
        assert found.flag_on == ago(2)


@pytest.mark.parametrize("key", sorted(FEEDS["R17"]))
def test_unread_data_is_never_clean(key: str) -> None:
    found = flag("R17", statement(GAIT, 2, presence=NO), readability=unread(key))
    assert (found.state, found.unread) == (UNREADABLE, frozenset({key}))
    assert flag("R17", statement(GAIT, 2), readability=unread(key)).state is PRESENT
    assert flag("R17", statement(GAIT, 2, presence=MAYBE), readability=unread(key)).state is POSSIBLE


def test_unread_data_of_another_kind_does_not_matter() -> None:
    assert state("R17", readability=unread("appointments")) is NOTHING


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(not_interpretable(GAIT), UNREADABLE, id="a value of this flag"),
        pytest.param(not_interpretable("obs/crp"), NOTHING, id="a value of another flag"),
        pytest.param(
            not_interpretable("", ref="Observation/1"), UNREADABLE, id="a resource nothing is known of"
        ),
        pytest.param(not_interpretable("", ref="Procedure/1"), NOTHING, id="a resource that cannot hold it"),
        pytest.param(not_interpretable("", ref="Device/1"), NOTHING, id="a type no flag reads"),
    ],
)
def test_what_could_not_be_interpreted_is_not_clean(item: NotInterpretable, expected: FlagState) -> None:
    readability = replace(case().readability, not_interpretable=(item,))
    assert state("R17", readability=readability) is expected


def test_every_flag_names_its_feeds_and_concepts() -> None:
    rules = [*(f"R{n}" for n in range(5, 23)), "target-diagnosis"]
    assert set(FEEDS) == set(rules)
    assert all(concepts_of(rule) for rule in rules)
