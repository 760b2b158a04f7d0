"""Which orders still stand, and which of them comes first."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.pathway.open_orders import ORDERED_OR_DRAFTED, is_as_urgent, open_orders
from tests.builders import ago, case, service

CT = "imaging/ct-cervical-wo"


def standing(*orders: Any, done: date | None = None, **limits: Any) -> list[str]:
    found = open_orders(case(*orders), (CT,), 180, done=done, **limits)
    return [order.source.ref for order in found]


def test_an_order_stands_until_it_is_too_old_or_answered() -> None:
    new, edge, old = service(CT, 3, "ordered"), service(CT, 180, "ordered"), service(CT, 181, "ordered")
    refs = [new.source.ref, edge.source.ref]
    assert standing(new, edge, old, service("imaging/xray-cervical", 3, "ordered")) == refs
    assert standing(new, edge, done=ago(4)) == [new.source.ref]
    assert standing(new, done=ago(3)) == []


def test_an_order_without_a_date_may_be_the_one_that_was_answered() -> None:
    undated = service(CT, None, "ordered")
    assert standing(undated) == [undated.source.ref]
    assert standing(undated, done=ago(100)) == []


def test_a_draft_stands_where_it_is_asked_for() -> None:
    draft = service(CT, 3, "draft")
    assert standing(draft) == []
    assert standing(draft, statuses=ORDERED_OR_DRAFTED) == [draft.source.ref]


def test_the_most_urgent_comes_first_then_as_recorded() -> None:
    given = {"none": None, "routine": "routine", "stat": "stat", "odd": "whenever", "urgent": "urgent"}
    orders = [service(CT, 3, "ordered", priority=priority, ref=ref) for ref, priority in given.items()]
    assert standing(*orders) == ["stat", "urgent", "none", "routine", "odd"]


@pytest.mark.parametrize(
    ("priority", "needed", "is_enough"),
    [("asap", "urgent", True), ("urgent", "stat", False), (None, "routine", True), (None, "urgent", False)],
)
def test_urgency_is_compared_and_none_is_routine(priority: str | None, needed: str, is_enough: bool) -> None:
    assert is_as_urgent(priority, needed) is is_enough
