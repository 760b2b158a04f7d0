from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from cds_service import cli

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str, **environ: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.commands, arguments, env=environ)
    return result.exit_code, result.output


def test_help_names_every_command() -> None:
    code, output = run("--help")
    assert code == 0
    for command in ("serve", "explain", "run-vignettes", "check-guideline", "run-records"):
        assert command in output


def test_a_day_that_is_none_is_refused_by_name() -> None:
    code, output = run("explain", "fixtures/hook_requests/no-neck-pain.json", "--as-of", "yesterday")
    assert code == 2
    assert "'yesterday' is not a date" in output


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("run-vignettes", "--as-of", "0001-01-01"), id="vignettes before all patients"),
        pytest.param(("run-vignettes", "--as-of", "9999-12-31"), id="vignettes after all patients"),
        pytest.param(("report", "--until", "9999-12-31"), id="a report to the end of days"),
        pytest.param(("report", "--since", "2026-05-04", "--until", "2026-05-03"), id="a report backwards"),
        pytest.param(("store", "retain", "--days", "99999999"), id="to keep for ever"),
    ],
)
def test_days_beyond_reason_are_refused_by_name(arguments: tuple[str, ...]) -> None:
    code, output = run(*arguments)
    assert code == 2
    assert arguments[-2] in output.partition("Invalid value for ")[2] or "is after --until" in output


@pytest.mark.parametrize(
    "arguments", [("report",), ("store", "export", "cards"), ("store", "retain", "--days", "9")]
)
def test_a_store_that_is_not_there_is_not_made(arguments: tuple[str, ...], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.sqlite3'}"
    code, output = run(*arguments, CDS_DATABASE_URL=url)
    assert code == 1
    assert output == (
        f"Error: There is no store at {tmp_path / 'none.sqlite3'}: run this where the service runs, or set "
        "CDS_DATABASE_URL.\n"
    )
    assert not list(tmp_path.iterdir())


def test_a_request_file_that_is_refused_is_no_start_that_failed(tmp_path: Path) -> None:
    (tmp_path / "call.json").write_text("{}")
    code, output = run("explain", str(tmp_path / "call.json"))
    assert code == 1
    assert output.startswith("Error: call.json: HTTP 400: ")


def test_nothing_of_a_file_steers_the_terminal(tmp_path: Path) -> None:
    request = tmp_path / "request.json"
    request.write_text(json.dumps({"hook": "a\x1b]0;b\x07", "hookInstance": "i", "context": {}}))
    code, output = run("explain", str(request))
    assert code == 1
    assert "hook 'a\N{REPLACEMENT CHARACTER}]0;b" in output
    assert "\x1b" not in output


def test_a_file_of_bytes_is_no_records(tmp_path: Path) -> None:
    (tmp_path / "bad.ndjson").write_bytes(b"\xff\xfe\n")
    (tmp_path / "bad.ndjson.gz").write_bytes(b"no gzip")
    for name in ("bad.ndjson", "bad.ndjson.gz"):
        code, output = run("run-records", str(tmp_path / name))
        assert (code, output) == (1, f"Error: {name}: cannot be read as text in UTF-8\n")


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            "{name: one, record: [{condition: neck pane}], cards: []}",
            "V1 one: no conditions entry for 'neck pane'",
        ),
        ("{name: one, records: [], cards: []}", "v.yaml: "),
    ],
    ids=["words nobody knows", "a member nobody knows"],
)
def test_a_vignette_that_cannot_be_read_is_named(case: str, said: str, tmp_path: Path) -> None:
    head = "id: V1\ntitle: A title\nwhy: A reason\npatient: {age: 40, sex: male}\ncases:\n"
    (tmp_path / "v.yaml").write_text(f"{head}  - {case}\n")
    code, output = run("run-vignettes", str(tmp_path))
    assert code == 1
    assert output.startswith(f"Error: {said}")


def test_records_that_are_none_are_named(tmp_path: Path) -> None:
    assert run("run-records", str(tmp_path)) == (
        1,
        f"Error: {tmp_path}: no .ndjson, .ndjson.gz, .json files; give a file or a directory of them\n",
    )
    (tmp_path / "bad.ndjson").write_text("not json\n")
    assert run("run-records", str(tmp_path)) == (
        1,
        "Error: bad.ndjson line 1: not a FHIR Bundle with entries\n",
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [("2026-05-04", "2026-05-04T12:00:00"), ("2026-05-04T23:30:00+02:00", "2026-05-04T23:30:00+02:00")],
    ids=["a date means noon", "a moment is itself"],
)
def test_as_of(text: str, moment: str) -> None:
    assert cli._moment(text) == moment  # noqa: SLF001 - the whole of what --as-of means


def test_what_is_wrong_at_the_start_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["cds-service", "serve"])
    monkeypatch.setenv("CDS_PORT", "http")
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    assert capsys.readouterr().err.startswith("cds-service cannot start: CDS_PORT=http: ")
