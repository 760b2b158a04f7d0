"""Therapy in a care plan."""

from __future__ import annotations

from datetime import date
from typing import Any

from cds_service.fhir_mapping import care_plan
from tests.mapping import PT, context, resource


def test_therapy_in_a_care_plan() -> None:
    def services(**members: Any) -> list[Any]:
        return list(care_plan.services(resource("CarePlan", **({"status": "active"} | members)), context()))

    (planned,) = services(category=[PT])
    assert planned.status == "planned"
    detail = {
        "code": PT,
        "status": "completed",
        "scheduledPeriod": {"start": "2026-06-01", "end": "2026-06-02"},
    }
    plan, session = services(activity=[{"detail": detail}, {}])
    assert (plan.status, session.status, session.performed.on) == ("planned", "done", date(2026, 6, 2))
    assert len(services(activity=[{"detail": {"code": PT, "status": "completed"}}])) == 1
    assert (
        len(
            services(
                activity=[
                    {
                        "detail": {
                            "code": PT,
                            "status": "scheduled",
                            "scheduledPeriod": {"start": "2026-06-01"},
                        }
                    }
                ]
            )
        )
        == 1
    )
    assert services(activity=[{"detail": {"code": PT, "status": "cancelled"}}]) == []
    assert services(activity=[{"detail": {"code": PT, "status": "completed", "doNotPerform": True}}]) == []
    assert services(activity=[{"detail": {"status": "completed"}}]) == []
    assert services(status="revoked", category=[PT]) == []
    assert services() == []
