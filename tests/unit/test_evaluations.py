from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cds_service.config import Settings
from cds_service.evaluations import InProcess, records_report, vignette_report
from cds_service.hooks.patient_view import SERVICE
from cds_service.records_evaluation.as_it_stood import as_it_stood
from cds_service.records_evaluation.days import episode_days, visit_days
from cds_service.records_evaluation.load import Record
from cds_service.records_evaluation.request import build_request
from cds_service.vignettes.hook_requests import render_request
from cds_service.wsgi import load_knowledge

SETTINGS = Settings(as_of=datetime(2026, 5, 4, 12, tzinfo=UTC))
FIXTURE = Path("fixtures/hook_requests/red-flag-crp.json")


def test_a_vignette_is_sent_through_the_service_and_reported(tmp_path: Path) -> None:
    name = "V02-no-neck-pain.yaml"
    (tmp_path / name).write_text(Path(f"fixtures/vignettes/{name}").read_text())
    lines = list(vignette_report(tmp_path, SETTINGS))
    assert lines[-1].endswith(" passed, 0 failed")
    assert all(line.startswith("passed") for line in lines[:-1])


def record() -> dict[str, Any]:
    """A whole record: what the red-flag request holds, as one Bundle."""
    prefetch = json.loads(render_request(FIXTURE, date(2026, 5, 4)))["prefetch"]
    bundles = [value for value in prefetch.values() if value and value["resourceType"] == "Bundle"]
    entries = [entry for bundle in bundles for entry in bundle.get("entry", [])]
    return {"resourceType": "Bundle", "entry": [{"resource": prefetch["patient"]}, *entries]}


def test_records_are_counted_by_rule(tmp_path: Path) -> None:
    (tmp_path / "made-up.ndjson").write_text(json.dumps(record()) + "\n")
    lines = list(records_report(tmp_path, SETTINGS, with_patients=True))
    assert any(line.startswith("made-up ") and "R23 1" in line for line in lines)
    assert any(line.startswith("made-up line 1 on 2026-05-04: R23") for line in lines)
    assert not any(line.startswith("error") for line in lines)


def test_records_can_be_evaluated_within_their_episodes(tmp_path: Path) -> None:
    (tmp_path / "made-up.ndjson").write_text(json.dumps(record()) + "\n")
    lines = list(records_report(tmp_path, SETTINGS, with_episodes=True))
    assert int(lines[1].split()[2]) > 1


@pytest.mark.parametrize(
    ("condition", "first_day"),
    [
        pytest.param({"onsetDateTime": "2020-03-01", "recordedDate": "2020-04-01"}, "2020-03-04", id="onset"),
        pytest.param({"recordedDate": "2020-04-01"}, "2020-04-04", id="recorded"),
        pytest.param({"encounter": {"reference": "Encounter/v"}}, "2020-05-04", id="its visit"),
        pytest.param({"encounter": {"reference": "Encounter/lost"}}, None, id="a visit that is not there"),
        pytest.param({}, None, id="nothing dated"),
    ],
)
def test_an_episode_begins_when_the_record_says(condition: dict[str, Any], first_day: str | None) -> None:
    pain = {"resourceType": "Condition", "code": {"text": "Neck pain"}} | condition
    visit = {"resourceType": "Encounter", "id": "v", "period": {"start": "2020-05-01T08:00:00+02:00"}}
    days = episode_days(Record("made-up", 1, (pain, visit)), ("neck",))
    assert [day.isoformat() for day in days[:1]] == ([first_day] if first_day else [])


def test_a_record_can_be_evaluated_at_its_visits(tmp_path: Path) -> None:
    bundle = record()
    bundle["entry"].append({"resource": visit("2026-05-04", "today")})
    (tmp_path / "made-up.ndjson").write_text(json.dumps(bundle) + "\n")
    lines = list(records_report(tmp_path, SETTINGS, with_patients=True, visits=3))
    assert any(line.startswith("made-up line 1 on 2026-05-04: R23") for line in lines)


def visit(day: str, name: str) -> dict[str, Any]:
    return {"resourceType": "Encounter", "id": name, "period": {"start": f"{day}T20:00:00-04:00"}}


def test_visits_are_spread_over_the_record() -> None:
    visits = tuple(visit(f"20{year}-01-02", f"v{year}") for year in range(10, 20))
    days = visit_days(Record("made-up", 1, visits), 5)
    assert [day.year for day in days] == [2010, 2012, 2014, 2016, 2018]
    assert len(visit_days(Record("made-up", 1, visits[:2]), 5)) == 2
    assert visit_days(Record("made-up", 1, ()), 5) == ()


PATIENT = {"resourceType": "Patient", "id": "p"}
DIAGNOSIS = {
    "resourceType": "Condition",
    "id": "c",
    "code": {"text": "Neck pain"},
    "encounter": {"reference": "Encounter/v20"},
}


@pytest.mark.parametrize(
    ("day", "is_there"),
    [
        pytest.param(date(2020, 1, 1), False, id="before the visit"),
        pytest.param(date(2020, 1, 2), True, id="at the visit"),
    ],
)
def test_what_has_no_date_is_as_old_as_its_visit(day: date, is_there: bool) -> None:
    resources = (PATIENT, visit("2020-01-02", "v20"), DIAGNOSIS)
    request = build_request(Record("made-up", 1, resources), ("conditions", "encounters"), day)
    assert ("entry" in request["prefetch"]["conditions"]) is is_there
    assert request["context"].get("encounterId") == ("v20" if is_there else None)


def test_what_leads_nowhere_and_has_no_date_is_always_there() -> None:
    request = build_request(Record("made-up", 1, (PATIENT, DIAGNOSIS)), ("conditions",), date(1990, 1, 1))
    assert request["prefetch"]["conditions"]["total"] == 1


RESOLVED = {
    "resourceType": "Condition",
    "clinicalStatus": {"coding": [{"code": "resolved"}]},
    "onsetDateTime": "2020-01-01",
    "abatementDateTime": "2020-03-01T08:00:00Z",
}
PLAN = {
    "resourceType": "CarePlan",
    "status": "completed",
    "period": {"start": "2020-01-01", "end": "2020-03-01"},
    "activity": [{"detail": {"status": "completed"}}, {"detail": {"status": "cancelled"}}, {}],
}


def test_a_pain_that_abated_later_was_active_before() -> None:
    then = as_it_stood(RESOLVED, date(2020, 2, 29))
    assert then["clinicalStatus"]["coding"][0]["code"] == "active"
    assert "abatementDateTime" not in then
    assert as_it_stood(RESOLVED, date(2020, 3, 1)) == RESOLVED
    bare = {name: value for name, value in RESOLVED.items() if name != "clinicalStatus"}
    assert "clinicalStatus" not in as_it_stood(bare, date(2020, 2, 29))


def test_an_end_that_is_not_dated_is_not_taken_back() -> None:
    for end in ("2020-03", None):
        condition = RESOLVED | {"abatementDateTime": end}
        assert as_it_stood(condition, date(2020, 2, 1)) == condition
    order = {"resourceType": "MedicationRequest", "status": "stopped", "authoredOn": "2020-01-01"}
    assert as_it_stood(order, date(2020, 1, 2)) == order


def test_a_plan_runs_until_its_end() -> None:
    then = as_it_stood(PLAN, date(2020, 2, 1))
    assert (then["status"], then["period"]) == ("active", {"start": "2020-01-01"})
    assert [a.get("detail", {}).get("status") for a in then["activity"]] == ["in-progress", "cancelled", None]
    assert as_it_stood(PLAN, date(2020, 3, 1)) == PLAN


def test_the_service_in_process_says_what_it_was_asked_and_what_it_answered() -> None:
    service = InProcess(load_knowledge(SETTINGS), SETTINGS)
    assert service.discover()["services"][0]["id"] == SERVICE.id
    status, body = service.call(SERVICE.id, json.loads(render_request(FIXTURE, date(2026, 5, 4))))
    assert (status, body["cards"][0]["source"]["topic"]["code"]) == (200, "R23")
    assert service.last is not None
    assert service.call(SERVICE.id, {})[0] == 400
