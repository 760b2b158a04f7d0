"""Requests shaped as real exports are: repeated, decimal, code-less, full of references that lead nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.protocol.self_check import check_response
from cds_service.vignettes.hook_requests import render_request
from tests.service import AS_OF, ask, topics

REQUESTS = Path("fixtures/hook_requests")


def request_of(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(render_request(REQUESTS / f"{name}.json", AS_OF))
    return made


def answer(name: str) -> dict[str, Any]:
    body = ask(request_of(name))
    assert check_response(body, "patient-view") == []
    return body


def test_a_pain_recorded_at_every_visit_is_one_pain_since_its_first() -> None:
    body = answer("generated-history")
    card = body["cards"][0]
    assert topics(body) == ["R34a"]
    assert card["summary"].startswith("Neck pain 70 days without improvement")
    assert "Onset 6 Apr, day 70." in card["detail"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("pain score 6.95/10, 3 Jun", id="a score with fifteen digits is rounded"),
        pytest.param("Conservative care documented: 30 days.", id="ten days of supply, refilled twice"),
        pytest.param("physical therapy planned, no session on file", id="a care plan is no session"),
        pytest.param("prescribed, intake not confirmed", id="a prescription is no intake"),
        pytest.param("Chronic neck pain (finding), 3 Jun, first 6 May (", id="a repeated entry, once"),
    ],
)
def test_what_a_generated_history_comes_to(said: str) -> None:
    assert said in answer("generated-history")["cards"][0]["detail"]


def test_a_kidney_result_in_another_unit_is_not_called_missing() -> None:
    request = request_of("generated-history")
    # Without therapy on file ibuprofen is offered, with what is not documented about the patient.
    request["prefetch"] |= {
        key: {"resourceType": "Bundle", "type": "searchset"} for key in ("medicationRequests", "carePlans")
    }
    recent = request["prefetch"]["conditions"]["entry"][3:]
    request["prefetch"]["conditions"] = {"resourceType": "Bundle", "type": "searchset", "entry": recent}
    detail = ask(request)["cards"][0]["detail"]
    assert "Before an NSAID, not documented: pregnancy status." in detail


def test_a_diagnosis_without_status_or_date_is_as_old_as_its_visit() -> None:
    body = answer("hospital-export")
    assert topics(body) == ["R27"]
    detail = body["cards"][0]["detail"]
    assert "Onset not documented, first visit for it on 12 Jun: at least day 3." in detail
    assert "Cervicalgia, 12 Jun (Condition/hos-c1 +1)" in detail


def test_a_drug_known_by_identifiers_is_called_by_its_name() -> None:
    detail = answer("hospital-export")["cards"][0]["detail"]
    assert "Ibuprofen not offered: an anticoagulant. Apixaban, 13 Jun" in detail


def test_eye_drops_suppress_no_immune_system() -> None:
    """A steroid of the same name by mouth would be a red flag to confirm."""
    assert "immunosuppression" not in answer("hospital-export")["cards"][0]["summary"]
    assert topics(answer("hospital-export")) == ["R27"]
