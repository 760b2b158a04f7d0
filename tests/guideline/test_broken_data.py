"""Every kind of mistake in the guideline data, and what it must say: which file, which key, what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cds_service.errors import GuidelineError
from cds_service.guideline.load import data_directory, load_guideline

# File, text to replace (or "" to append), the mistake, and the message.
MISTAKES = [
    pytest.param(
        "thresholds.yaml",
        "value: 18,",
        "value: eighteen,",
        "thresholds.yaml, adult_age_years",
        id="wrong type",
    ),
    pytest.param("thresholds.yaml", "value: 18,", "", "thresholds.yaml, adult_age_years", id="no value"),
    pytest.param(
        "thresholds.yaml",
        "adult_age_years:",
        "adult_age:",
        "no rule reads a threshold",
        id="unknown threshold",
    ),
    pytest.param(
        "thresholds.yaml", "value: 18, unit", "value: 18, colour: red, unit", "colour", id="unknown member"
    ),
    pytest.param(
        "thresholds.yaml",
        "rules: [R1, R3]",
        "rules: [R99]",
        "rule 'R99' is not in rules.yaml",
        id="unknown rule",
    ),
    pytest.param(
        "thresholds.yaml", ", marks: [I-12]}", "}", "needs 'article' numbers or 'marks'", id="no source"
    ),
    pytest.param(
        "thresholds.yaml", "marks: [I-12]", "marks: [I-99]", "mark 'I-99' is none of ours", id="unknown mark"
    ),
    pytest.param(
        "thresholds.yaml",
        "review: not yet reviewed",
        "reviewed: 1",
        "unknown key 'reviewed'",
        id="unknown key",
    ),
    pytest.param(
        "thresholds.yaml", "review: not yet reviewed", "", "'review' is missing", id="no review state"
    ),
    pytest.param(
        "order_situations.yaml", "rule: R46,", "rule: R99,", "rule 'R99'", id="situation of no rule"
    ),
    pytest.param(
        "order_situations.yaml",
        "wording: R46,",
        "wording: R99,",
        "order_situations, mri-early: there is no wording summary.R99",
        id="situation without its wording",
    ),
    pytest.param(
        "order_situations.yaml",
        "card: warning, rule: R46,",
        "card: silent, rule: R46,",
        "order_situations, mri-early: a card has a 'wording', silence has none",
        id="silence with words",
    ),
    pytest.param("rules.yaml", "  R2:", "  R1:", "'R1' stands twice", id="a key twice"),
    pytest.param("rules.yaml", "origin: article", "origin: hearsay", "rules.yaml, ", id="unknown origin"),
    pytest.param(
        "rules.yaml", "article: [1, 2, 4]", "article: [99]", "article number 99", id="unknown article number"
    ),
    pytest.param("rules.yaml", "rules:", "rules: [", "rules.yaml line", id="not YAML"),
    pytest.param("units.yaml", "unit: mg/L", "units: mg/L", "units.yaml, obs/crp", id="misspelt unit"),
    pytest.param("guideline.yaml", "version: 2026.1.0\n", "", "'version' is missing", id="no version"),
    pytest.param(
        "guideline.yaml", "version:", "editor: x\nversion:", "'editor' is unknown", id="unknown top key"
    ),
    pytest.param("guideline.yaml", "https://www", "http://www", "begin with https", id="source not https"),
    pytest.param("citations.yaml", "10.1093/cid/civ482", "civ482", "is not a DOI", id="malformed DOI"),
    pytest.param(
        "citations.yaml",
        'url: "https://ichd-3.org"',
        'url: "ichd-3.org"',
        "begin with https",
        id="malformed URL",
    ),
    pytest.param(
        "override_reasons.yaml", "reasons:", "reason:", "unknown key 'reason'", id="section misnamed"
    ),
    pytest.param(
        "interpretations.yaml",
        "interpretations:",
        "interpretations: {}\nreview2:",
        "review2",
        id="empty section",
    ),
    pytest.param(
        "interpretations.yaml",
        '    question: "Does stable pain count as not improving?"\n',
        "",
        "interpretations.yaml, I-2",
        id="interpretation without a question",
    ),
    pytest.param(
        "interpretations.yaml",
        "    choice: ",
        "    text: x\n    choice: ",
        "interpretations.yaml, I-1",
        id="interpretation with an unknown member",
    ),
    pytest.param(
        "interpretations.yaml", "[miller-esr]", "[miller]", "source 'miller' is not in", id="unknown source"
    ),
    pytest.param(
        "conflicts.yaml", "shown: [R37]", "shown: [R370]", "rule 'R370' is not in", id="shown by no rule"
    ),
    pytest.param(
        "conflicts.yaml", "[brown-1988]", "[brown]", "conflicts, C10: source 'brown'", id="conflict source"
    ),
    pytest.param(
        "conflicts.yaml", "kind: within the article", "kind: elsewhere", "conflicts.yaml, C7", id="kind"
    ),
    pytest.param(
        "rules.yaml",
        "    sources: [ichd-3, keser-2022]\n",
        "",
        "rules, S5: what is beyond the article needs 'sources'",
        id="beyond the article without a source",
    ),
    pytest.param(
        "rules.yaml", "[ichd-3, keser-2022]", "[keser]", "rules, S5: source 'keser'", id="rule source"
    ),
    pytest.param(
        "thresholds.yaml",
        "review: not yet reviewed",
        "review: reviewed",
        "thresholds.yaml, review",
        id="a review that names nobody and no day",
    ),
    pytest.param(
        "thresholds.yaml",
        "review: not yet reviewed",
        "review: {reviewed_by: [A. Clinician], reviewed_on: 2026-12-01}",
        "missing required field `next_review`",
        id="a review without a next one",
    ),
    pytest.param(
        "thresholds.yaml",
        "review: not yet reviewed",
        "review: {reviewed_by: [' '], reviewed_on: 2026-12-01, next_review: 2027-12-01}",
        "thresholds, adult_age_years: a review needs names in 'reviewed_by'",
        id="a review by nobody",
    ),
    pytest.param(
        "units.yaml",
        "review: not yet reviewed",
        "review: {reviewed_by: [A. Clinician], reviewed_on: 2026-12-01, next_review: 2026-12-01}",
        "units, obs/body-temperature: 'next_review' has to be after 'reviewed_on'",
        id="a next review that is not later",
    ),
    pytest.param(
        "wordings/cards.yaml",
        "pathway: not yet reviewed.",
        "pathway: reviewed.",
        "fixed.footer: has to say 'not yet reviewed' while anything is",
        id="cards that claim a review",
    ),
    pytest.param(
        "wordings/cards.yaml", "  fixed.footer:", "  fixed.foot:", "fixed.footer", id="cards without a footer"
    ),
    pytest.param(
        "wordings/phases.yaml",
        "rule: R27",
        "rule: R270",
        "rule 'R270' is not in rules.yaml",
        id="wording rule",
    ),
    pytest.param(
        "wordings/phases.yaml",
        "  summary.R36:",
        "  sunmary.R36:",
        "unknown kind 'sunmary'",
        id="unknown kind",
    ),
    pytest.param(
        "wordings/phases.yaml", "day {day}:", "day {day:", "both braces are needed", id="unpaired brace"
    ),
    pytest.param(
        "wordings/phases.yaml", "[ ({missing})]", "[ ({missing})", "square brackets do not pair", id="bracket"
    ),
    pytest.param(
        "wordings/phases.yaml", "defer imaging.", "**defer** imaging.", "without markdown", id="markdown"
    ),
    pytest.param(
        "wordings/phases.yaml",
        "defer imaging.",
        "you must defer imaging.",
        "not said on cards",
        id="you must",
    ),
    pytest.param(
        "wordings/phases.yaml",
        "defer imaging.",
        "defer imaging " + "very " * 20 + "long.",
        "is the limit",
        id="too long",
    ),
    pytest.param(
        "wordings/phases.yaml",
        "  summary.R36:",
        "  summary.R23:",
        "stands in another wording file",
        id="twice",
    ),
    pytest.param(
        "wordings/trace.yaml", "wordings:", "wordings: 5\nx:", "unknown key 'x'", id="no mapping of wordings"
    ),
]


def copy_of_the_data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(data_directory(), folder)
    return folder


@pytest.mark.parametrize(("name", "good", "bad", "message"), MISTAKES)
def test_a_mistake_is_named(name: str, good: str, bad: str, message: str, tmp_path: Path) -> None:
    file = copy_of_the_data(tmp_path) / name
    text = file.read_text(encoding="utf-8")
    assert good in text
    file.write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(GuidelineError) as caught:
        load_guideline(tmp_path / "data")
    assert message in str(caught.value)


def test_a_missing_file_an_empty_folder_and_a_list_are_named(tmp_path: Path) -> None:
    folder = copy_of_the_data(tmp_path)
    (folder / "rules.yaml").write_text("- a list\n", encoding="utf-8")
    with pytest.raises(GuidelineError, match=r"rules\.yaml: a mapping is expected"):
        load_guideline(folder)
    (folder / "rules.yaml").unlink()
    with pytest.raises(GuidelineError, match=r"rules\.yaml: cannot be read"):
        load_guideline(folder)
    shutil.copy(data_directory() / "rules.yaml", folder)
    (folder / "rules.yaml").write_text("review: not yet reviewed\nrules: {}\n", encoding="utf-8")
    with pytest.raises(GuidelineError, match="'rules' is missing or empty"):
        load_guideline(folder)
    shutil.copy(data_directory() / "rules.yaml", folder)
    shutil.rmtree(folder / "wordings")
    with pytest.raises(GuidelineError, match="no wordings"):
        load_guideline(folder)
