"""What was done, declined, or neither."""

from __future__ import annotations

from datetime import date
from typing import Any

from cds_service.fhir_mapping import procedure
from cds_service.fhir_mapping.mapped import Mapped
from tests.mapping import MRI, NECK, PT, SCT, coded, context, day_of, resource


def did(**members: Any) -> Mapped:
    mapped = Mapped()
    procedure.map_procedure(
        resource("Procedure", **({"status": "completed", "code": PT} | members)), context(), mapped
    )
    return mapped


def test_procedures_done_declined_and_neither() -> None:
    (done,) = did(performedDateTime="2026-06-01", reasonCode=[NECK]).services
    assert (done.status, day_of(done.performed)) == ("done", date(2026, 6, 1))
    (lasting,) = did(performedPeriod={"start": "2026-06-01", "end": "2026-06-03"}).services
    assert day_of(lasting.performed) == date(2026, 6, 3)
    assert did(status="in-progress").services
    declined = did(status="not-done")
    assert (declined.services, [r.is_patients_choice for r in declined.refusals]) == ([], [False])
    (refused,) = did(status="not-done", statusReason={"text": "Refused by the patient"}).refusals
    assert refused.is_patients_choice
    assert did(status="entered-in-error").services == []
    removal = {"text": "Removal of cardiac pacemaker"}
    assert did(code=removal).services
    assert did(code=removal, status="in-progress").services == []
    assert did(status="stopped").services == []
    assert did(status="stopped", code={"text": "Chemotherapy"}).services
    assert did(code={"text": "Dental cleaning"}).services == []


def test_a_referral_to_therapy_recorded_as_done_is_an_open_order() -> None:
    referral = coded(SCT, "444831000124102", "Referral for physical therapy (procedure)")
    (order,) = did(code=referral, performedDateTime="2026-06-01").services
    assert (order.status, day_of(order.authored), order.performed) == ("ordered", date(2026, 6, 1), None)


def test_imaging_done_is_imaging() -> None:
    assert did(code=MRI).imaging[0].kind == "Procedure"
    assert did(code=MRI, status="in-progress").imaging == []
    assert did(code=PT).imaging == []
