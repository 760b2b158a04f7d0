"""A resource as it stood on an earlier day, as far as it says so itself.

A record is a snapshot of today: a pain that resolved in June is "resolved" on every day, although its own
dates say that it was active in May. Only what is dated in the resource is taken back. A prescription that is
"stopped" carries no date of the stop and stays stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

_ACTIVE = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
}


def as_it_stood(resource: dict[str, Any], as_of: date) -> dict[str, Any]:
    """The resource itself, or a copy without the end it had not reached on that day."""
    take_back = _TAKE_BACK.get(resource["resourceType"])
    return take_back(resource, as_of.isoformat()) if take_back else resource


def _condition(condition: dict[str, Any], day: str) -> dict[str, Any]:
    """Active until its abatement; without a clinical status there is none to take back."""
    if not _is_later(condition.get("abatementDateTime"), day):
        return condition
    rest = {name: value for name, value in condition.items() if name != "abatementDateTime"}
    return rest | ({"clinicalStatus": _ACTIVE} if "clinicalStatus" in condition else {})


def _care_plan(plan: dict[str, Any], day: str) -> dict[str, Any]:
    """Active until the end of its period, and what it plans in progress."""
    period = plan.get("period") or {}
    if plan.get("status") != "completed" or not _is_later(period.get("end"), day):
        return plan
    running = {"status": "active", "period": {k: v for k, v in period.items() if k != "end"}}
    return plan | running | {"activity": [_running(activity) for activity in plan.get("activity", [])]}


def _running(activity: dict[str, Any]) -> dict[str, Any]:
    detail = activity.get("detail") or {}
    if detail.get("status") != "completed":
        return activity
    return activity | {"detail": detail | {"status": "in-progress"}}


def _is_later(text: object, day: str) -> bool:
    """Whether a date text names a later day; of a partial date that is not known, so it is not taken back."""
    return isinstance(text, str) and len(text) >= len(day) and text[: len(day)] > day


_TAKE_BACK: dict[str, Callable[[dict[str, Any], str], dict[str, Any]]] = {
    "Condition": _condition,
    "CarePlan": _care_plan,
}
