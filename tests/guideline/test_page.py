"""``docs/guideline.md`` says what the data says."""

from __future__ import annotations

import re

from cds_service.guideline.load import load_guideline
from tools.guideline_docs import PAGE, PARTS, rewritten

TEXT = PAGE.read_text(encoding="utf-8")
GUIDELINE = load_guideline()


def test_the_page_is_what_its_command_would_write() -> None:
    assert rewritten(TEXT, GUIDELINE) == TEXT, "stale: run make guideline-docs"


def test_a_change_of_the_data_makes_the_page_stale() -> None:
    assert rewritten(TEXT.replace("Temperature of 38.0 Cel", "Temperature of 37.0 Cel"), GUIDELINE) == TEXT


def test_every_part_stands_on_the_page_once() -> None:
    assert re.findall(r"<!-- generated: ([a-z-]+) -->", TEXT) == list(PARTS)


def test_everything_a_clinician_has_to_agree_with_is_on_the_page() -> None:
    entries = (GUIDELINE.rules, GUIDELINE.numbers, GUIDELINE.interpretations, GUIDELINE.conflicts)
    rows = {line.split("|")[1].strip(" `") for line in TEXT.splitlines() if line.startswith("| ")}
    assert {key for found in (*entries, GUIDELINE.citations) for key in found} <= rows
