from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cds_service.config import Settings
from cds_service.evaluations import InProcess, records_report, vignette_report
from cds_service.hooks.patient_view import SERVICE
from cds_service.records_evaluation.days import episode_days
from cds_service.records_evaluation.load import Record
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
    lines = list(records_report(tmp_path, SETTINGS, with_patients=True, with_episodes=False))
    assert any(line.startswith("made-up ") and "R23 1" in line for line in lines)
    assert any(line.startswith("made-up line 1 on 2026-05-04: R23") for line in lines)
    assert not any(line.startswith("error") for line in lines)


def test_records_can_be_evaluated_within_their_episodes(tmp_path: Path) -> None:
    (tmp_path / "made-up.ndjson").write_text(json.dumps(record()) + "\n")
    lines = list(records_report(tmp_path, SETTINGS, with_patients=False, with_episodes=True))
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


def test_the_service_in_process_says_what_it_was_asked_and_what_it_answered() -> None:
    service = InProcess(load_knowledge(SETTINGS), SETTINGS)
    assert service.discover()["services"][0]["id"] == SERVICE.id
    status, body = service.call(SERVICE.id, json.loads(render_request(FIXTURE, date(2026, 5, 4))))
    assert (status, body["cards"][0]["source"]["topic"]["code"]) == (200, "R23")
    assert service.last is not None
    assert service.call(SERVICE.id, {})[0] == 400
