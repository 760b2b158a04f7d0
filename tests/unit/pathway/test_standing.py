"""A mention stands until an entry with a status of its own says that it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from cds_service.pathway.standing import standing
from cds_service.pathway.vocabulary import Presence, Side
from tests.builders import statement, when

if TYPE_CHECKING:
    from cds_service.pathway.facts import Statement

PREGNANCY = "nsaid-caution/pregnancy"


def visit(days: int | None, **members: object) -> Statement:
    found = statement(PREGNANCY, days, kind="Encounter")
    return structs.replace(found, **members)


def entry(ended: int | None, **members: object) -> Statement:
    found = statement(PREGNANCY, 300, kind="Condition")
    over = {"is_active": False, "abated": None if ended is None else when(ended)}
    return structs.replace(found, **(over | members))


@pytest.mark.parametrize(
    ("mention", "other", "stands"),
    [
        pytest.param(visit(60), entry(50), False, id="over since"),
        pytest.param(visit(50), entry(50), False, id="closed at that visit"),
        pytest.param(visit(50, kind="Observation"), entry(50), True, id="found on the day it was closed"),
        pytest.param(visit(51, kind="Observation"), entry(50), False, id="found before it was closed"),
        pytest.param(visit(40), entry(50), True, id="ended before"),
        pytest.param(visit(60), entry(None), True, id="inactive, last dated before"),
        pytest.param(visit(400), entry(None), False, id="inactive, last dated since"),
        pytest.param(visit(60), entry(50, is_active=True), True, id="not over"),
        pytest.param(visit(60), entry(50, presence=Presence.ABSENT), True, id="a denial, weighed elsewhere"),
        pytest.param(visit(60), entry(50, concepts=frozenset({"red-flag/fever"})), True, id="something else"),
        pytest.param(visit(60), entry(50, side=Side.LEFT), True, id="one side only"),
        pytest.param(visit(60, is_current_encounter=True), entry(50), True, id="why the patient is here"),
        pytest.param(visit(None), entry(50), True, id="an undated mention"),
        pytest.param(visit(60, kind="Condition"), entry(50), True, id="an entry with its own status"),
    ],
)
def test_what_a_mention_says_stands_until_it_is_over(
    mention: Statement, other: Statement, stands: bool
) -> None:
    assert standing((mention, other))[0].is_active is stands
