"""Visits to come, and therapy that was kept."""

from __future__ import annotations

from datetime import date
from typing import Any

from cds_service.fhir_mapping import appointment
from tests.mapping import NECK, PT, context, resource


def coming(**members: Any) -> Any:
    entry = resource("Appointment", **({"status": "booked", "start": "2026-06-25T09:00:00Z"} | members))
    return appointment.visit(entry, {"Condition/neck"}, context())


def test_visits_to_come() -> None:
    assert coming().concerns_neck
    assert coming(reasonCode=[NECK]).concerns_neck
    assert not coming(reasonCode=[{"text": "Diabetes check"}]).concerns_neck
    assert coming(reasonReference=[{"reference": "Condition/neck"}]).concerns_neck
    assert not coming(reasonReference=[{"reference": "Condition/other"}]).concerns_neck
    assert coming(start=None, requestedPeriod=[{"start": "2026-07-01"}]).on == date(2026, 7, 1)
    assert coming(start="2026-06-01T09:00:00Z") is None
    assert coming(start=None) is None
    assert coming(status="cancelled") is None


def test_fulfilled_therapy_appointments_are_sessions() -> None:
    def session(**members: Any) -> Any:
        usual = {"status": "fulfilled", "start": "2026-06-01T09:00:00Z", "serviceType": [PT]}
        return appointment.session(resource("Appointment", **(usual | members)), context())

    assert session().performed.on == date(2026, 6, 1)
    assert session(status="noshow") is None
    assert session(serviceType=[{"text": "Dentistry"}]) is None
