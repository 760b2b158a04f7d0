from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds_service import cli
from cds_service.errors import GuidelineError
from cds_service.guideline.load import data_directory
from cds_service.guideline_check import FINE, check_report

TODAY = date(2026, 6, 15)
REVIEW = "review: {reviewed_by: [A. Clinician, B. Engineer], reviewed_on: %s, next_review: %s}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data that ships."""
    shutil.copytree(data_directory(), tmp_path / "data")
    return tmp_path / "data"


def change(folder: Path, name: str, good: str, bad: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert good in text
    (folder / name).write_text(text.replace(good, bad, 1), encoding="utf-8")


def said(folder: Path | None, begin: str) -> str:
    """What the report says after these words."""
    (line,) = [line for line in check_report(folder, TODAY) if line.startswith(begin)]
    return line.removeprefix(begin).strip(" :")


def test_the_data_that_ships_is_complete_used_and_not_yet_reviewed() -> None:
    lines = list(check_report(None, TODAY))
    assert lines[0].endswith("the data is complete and consistent.")
    assert " rules, " in lines[1]
    assert "87 of 87 rules" in lines[2]
    assert not [line for line in lines if line.startswith("Not implemented")]
    assert lines[-1] == FINE


@pytest.mark.parametrize(
    ("reviewed_on", "next_review", "expected"),
    [
        pytest.param("2026-01-01", "2026-06-16", "none", id="due tomorrow"),
        pytest.param("2026-01-01", "2026-06-15", "since 2026-06-15, last by A. Clinician", id="due today"),
        pytest.param("2026-06-16", "2027-01-01", "2026-06-16, which has not come yet", id="dated tomorrow"),
        pytest.param("2026-06-15", "2027-01-01", "none", id="reviewed today"),
    ],
)
def test_a_review_counts_from_its_day_to_the_next(
    folder: Path, reviewed_on: str, next_review: str, expected: str
) -> None:
    change(folder, "units.yaml", "review: not yet reviewed", REVIEW % (reviewed_on, next_review))
    assert expected in said(folder, "Reviews due on 2026-06-15")
    assert "units" not in said(folder, "Not yet reviewed by a clinician")


def test_an_entry_may_be_reviewed_alone_or_be_changed_after_a_review(folder: Path) -> None:
    review = REVIEW % ("2026-01-01", "2027-01-01")
    change(folder, "interpretations.yaml", "  I-2:\n", f"  I-2:\n    {review}\n")
    assert "18 of 19 interpretations" in said(folder, "Not yet reviewed by a clinician")
    change(folder, "rules.yaml", "review: not yet reviewed", review)
    change(folder, "rules.yaml", "  R5:\n", "  R5:\n    review: not yet reviewed\n")
    assert "1 of 87 rules" in said(folder, "Not yet reviewed by a clinician")


def test_when_everything_is_reviewed_nothing_is_open_and_the_cards_may_say_so(folder: Path) -> None:
    for path in folder.rglob("*.yaml"):
        change(
            folder,
            str(path.relative_to(folder)),
            "review: not yet reviewed",
            REVIEW % ("2026-01-01", "2027-01-01"),
        )
    change(folder, "wordings/cards.yaml", "pathway: not yet reviewed.", "pathway: 1 Jan 2026.")
    assert said(folder, "Not yet reviewed by a clinician") == "nothing"


@pytest.mark.parametrize(
    ("name", "good", "bad", "begin", "expected"),
    [
        pytest.param(
            "wordings/phases.yaml",
            "  term.card-S9:",
            "  term.card-R7: {text: x, rule: S9}\n  term.card-S99: {text: x, rule: S9}\n  term.card-S9:",
            "Wordings no code says",
            "term.card-S99",
            id="term of no card",
        ),
        pytest.param(
            "wordings/phases.yaml",
            "  summary.R36:",
            "  summary.R99-unread: {text: x, rule: R36}\n  summary.R36:",
            "Wordings no code says",
            "summary.R99-unread",
            id="summary of no rule",
        ),
        pytest.param(
            "wordings/safety.yaml",
            "  line.S5-action:",
            "  line.S5-inaction: {text: x, rule: S5}\n  line.S5-action:",
            "Wordings no code says",
            "line.S5-inaction",
            id="line nobody adds",
        ),
        pytest.param(
            "rules.yaml",
            "  S13:",
            "  S14:\n    title: x\n    statement: x\n    origin: interpretation\n  S13:",
            "Rules no code asks",
            "S14",
            id="rule without code",
        ),
    ],
)
def test_what_no_code_uses_is_named(
    folder: Path, name: str, good: str, bad: str, begin: str, expected: str
) -> None:
    change(folder, name, good, bad)
    assert said(folder, begin) == expected
    assert list(check_report(folder, TODAY))[-1] == "To do: 1"


def test_a_rule_without_a_text_is_named(folder: Path) -> None:
    change(folder, "rules.yaml", "  R61:", "  R63:")
    change(folder, "order_situations.yaml", "rule: R61", "rule: R63")
    assert said(folder, "Rules of R1-R61 and S1-S13 without a text") == "R61"
    for name in ("rules.yaml", "thresholds.yaml", "thresholds.yaml", "wordings/trace.yaml"):
        change(folder, name, "R35", "R62")
    assert said(folder, "Rules the code asks and the data does not know") == "R35; R61"


def test_data_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(GuidelineError):
        list(check_report(tmp_path, TODAY))


def test_the_command_fails_only_for_what_somebody_can_do_now(folder: Path) -> None:
    run = CliRunner().invoke
    assert run(cli.commands, ["check-guideline"]).exit_code == 0
    change(folder, "units.yaml", "review: not yet reviewed", REVIEW % ("2026-01-01", "2027-01-01"))
    before = run(cli.commands, ["check-guideline", str(folder), "--as-of", "2026-12-31"])
    after = run(cli.commands, ["check-guideline", str(folder), "--as-of", "2027-01-01"])
    assert (before.exit_code, after.exit_code) == (0, 1)
    assert "Reviews due on 2027-01-01: units, obs/body-temperature" in after.output
