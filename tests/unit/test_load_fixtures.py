from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds_service.cli import commands
from cds_service.errors import StartError
from cds_service.fixture_patients import fixture_patients
from cds_service.load_fixtures import load_fixtures
from tests.fhir_server import Asked, Reply, as_json, fhir_server
from tests.service import AS_OF

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
PATIENTS = list(fixture_patients(FIXTURES, AS_OF))


def test_no_two_resources_share_an_id() -> None:
    refs = [f"{r['resourceType']}/{r['id']}" for patient in PATIENTS for r in patient.resources]
    assert len(refs) == len(set(refs)) > 500
    assert all(len(ref.partition("/")[2]) <= 64 for ref in refs)


def test_every_patient_can_be_picked_by_a_name_and_owns_what_comes_with_it() -> None:
    for patient in PATIENTS:
        first, *others = patient.resources
        assert (first["resourceType"], first["id"]) == ("Patient", patient.id)
        assert first["name"][0]["given"][0]
        for resource in others:
            owner = resource.get("subject") or resource.get("patient")
            assert owner is None or owner.get("reference", "").endswith(f"Patient/{patient.id}"), resource[
                "id"
            ]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for item in value.values():
            yield from references(item)


def test_references_within_a_chart_follow_the_new_ids() -> None:
    followed = 0
    for patient in PATIENTS:
        own = {f"{r['resourceType']}/{r['id']}" for r in patient.resources}
        for found in references(list(patient.resources[1:])):
            kind, _, old = found.partition("/")
            followed += found in own and kind != "Patient"
            assert found in own or f"{kind}/{patient.id}-{old}" not in own, found
    assert followed > 10


def accepting(status: str) -> Reply:
    return as_json({"resourceType": "Bundle", "entry": [{"response": {"status": status}}] * 10})


def folder(tmp_path: Path) -> Path:
    (tmp_path / "hook_requests").mkdir()
    text = (FIXTURES / "hook_requests" / "red-flag-crp.json").read_text(encoding="utf-8")
    (tmp_path / "hook_requests" / "one.json").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_command_says_what_it_has_put_where(tmp_path: Path) -> None:
    def answers(asked: Asked) -> Reply:
        return as_json({}) if asked.kind == "metadata" else accepting("201 Created")

    with fhir_server(answers) as server:
        done = CliRunner().invoke(
            commands, ["load-fixtures", str(folder(tmp_path)), "--fhir-server", f"{server.base}/"]
        )
        assert done.exit_code == 0, done.output
        assert done.output.splitlines()[-1] == f"1 patients, 10 resources on {server.base}"
        assert [(asked.method, asked.path) for asked in server.asked] == [
            ("GET", "/fhir/metadata"),
            ("POST", "/fhir"),
        ]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Reply(status=403), "HTTP 403"),
        (accepting("422 Unprocessable"), "422 Unprocessable for Patient/syn-001"),
        (accepting(""), "no status for Patient/syn-001"),
    ],
)
def test_what_the_server_refuses_is_named(answer: Reply, why: str, tmp_path: Path) -> None:
    def answers(asked: Asked) -> Reply:
        return as_json({}) if asked.kind == "metadata" else answer

    with fhir_server(answers) as server, pytest.raises(StartError, match=why):
        list(load_fixtures(server.base, folder(tmp_path), AS_OF, None, 0))


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    with fhir_server(lambda _: Reply(status=503)) as server:
        with pytest.raises(StartError, match="HTTP 503; is a FHIR server there"):
            list(load_fixtures(server.base, tmp_path, AS_OF, None, 0))
        base = server.base
    with pytest.raises(StartError, match="ConnectionError; is a FHIR server there"):
        list(load_fixtures(base, tmp_path, AS_OF, None, 0))


def test_a_server_that_starts_late_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cds_service.load_fixtures._BETWEEN_TRIES", 0.01)
    answers = [Reply(status=503), Reply(status=503), as_json({})]
    with fhir_server(lambda _: answers.pop(0)) as server, pytest.raises(StartError, match="no hook_requests"):
        list(load_fixtures(server.base, tmp_path, AS_OF, None, 5))
    assert answers == []
