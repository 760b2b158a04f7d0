"""Courses and intentions that goals state."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.fhir_mapping import care_plan
from cds_service.fhir_mapping.goal import map_goal
from cds_service.fhir_mapping.mapped import Mapped
from cds_service.pathway.vocabulary import Course
from tests.mapping import PT, coded, context, resource


def achieved(**members: Any) -> Mapped:
    mapped = Mapped()
    status = coded("http://terminology.hl7.org/CodeSystem/goal-achievement", "worsening")
    usual = {"lifecycleStatus": "active", "achievementStatus": status, "statusDate": "2026-06-01"}
    map_goal(resource("Goal", **(usual | members)), context(), mapped)
    return mapped


def test_goals_state_a_course_and_an_intention() -> None:
    assert achieved(description={"text": "Relief of neck pain"}).courses[0].course is Course.PROGRESSING
    assert achieved(addresses=[{"reference": "Condition/neck"}]).focused[0].refs == {"Condition/neck"}
    assert achieved(description={"text": "Walk more"}).courses == []
    assert achieved(description={"text": "Relief of neck pain"}, statusDate=None).courses == []
    assert achieved(achievementStatus=None, description={"text": "Lose weight"}).statements[0].concepts == {
        "risk/weight-loss-other-cause"
    }
    assert achieved(lifecycleStatus="rejected", description={"text": "Lose weight"}).statements == []


@pytest.mark.parametrize(
    ("text", "course"),
    [
        ("Relief of neck pain", Course.RESOLVING),
        ("Neck pain below 3/10", Course.RESOLVING),
        ("Performs home exercise program daily", None),
        ("Return to work despite neck pain", None),
    ],
)
def test_a_goal_that_was_reached_tells_of_the_pain_only_if_that_was_the_goal(
    text: str, course: Course | None
) -> None:
    reached = coded("http://terminology.hl7.org/CodeSystem/goal-achievement", "achieved")
    about = [{"reference": "Condition/neck"}]
    mapped = achieved(achievementStatus=reached, description={"text": text}, addresses=about)
    assert [f.statement.course for f in mapped.focused] == ([course] if course else [])


@pytest.mark.parametrize(
    "text",
    [
        "Prevent further weight loss",
        "No weight loss",
        "Stop unintended weight loss",
        "Regain weight after weight loss",
        "Investigate weight loss",
    ],
)
def test_a_goal_against_losing_weight_is_no_reason_for_it(text: str) -> None:
    assert achieved(achievementStatus=None, description={"text": text}).statements == []


def test_a_plan_to_lose_weight_is_a_reason_for_it() -> None:
    def reason(**members: Any) -> Any:
        usual = {"status": "active", "period": {"start": "2026-03-01"}}
        return care_plan.weight_plan(resource("CarePlan", **(usual | members)), context())

    found = reason(category=[{"text": "Weight management plan"}])
    assert found.concepts == {"risk/weight-loss-other-cause"}
    assert found.recorded.on == date(2026, 3, 1)
    detail = {"code": {"text": "Weight reduction program"}, "status": "in-progress"}
    assert reason(activity=[{"detail": detail}, {}]).source.text == "Weight reduction program"
    assert reason(activity=[{"detail": detail | {"doNotPerform": True}}]) is None
    assert reason(activity=[{"detail": detail | {"status": "cancelled"}}]) is None
    assert reason(category=[{"text": "Weight management plan"}], status="draft") is None
    assert reason(category=[{"text": "Prevention of weight loss"}]) is None
    assert reason(category=[PT]) is None
