"""The data and the code fit together, both ways; and the numbers are the specification's."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import msgspec
import pytest

from cds_service.guideline.load import load_guideline
from cds_service.guideline.thresholds import Thresholds
from cds_service.pathway.trace import ADVISING
from tests.builders import LIMITS

GUIDELINE = load_guideline()
CODE = Path("cds_service")
STRINGS = {
    node.value
    for path in [*CODE.glob("pathway/**/*.py"), *CODE.glob("cards/**/*.py")]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
}
ATTRIBUTES = {
    node.attr
    for path in CODE.glob("**/*.py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Attribute)
}
# Kinds whose keys the code puts together from an enum, a rule, a prefetch key or a state.
COMPOSED = ("summary", "suggestion", "flag", "not-documented", "not-interpretable", "data")
COMPOSED_TERMS = ("term.missing-", "term.nsaid-missing-", "term.card-", "term.mri-", "term.priority-")


def is_used(key: str) -> bool:
    kind, _, name = key.partition(".")
    if kind in COMPOSED or key.startswith(COMPOSED_TERMS):
        return True
    base = name.removesuffix("-about").removeprefix("S5").removeprefix("S7")
    return key in STRINGS or name in STRINGS or base in STRINGS or f"@{key}" in STRINGS


@pytest.mark.parametrize("key", sorted(GUIDELINE.wordings))
def test_every_wording_is_used(key: str) -> None:
    assert is_used(key)


def test_every_wording_the_code_names_exists() -> None:
    full = {
        text.lstrip("@")
        for text in STRINGS
        if re.fullmatch(r"@?(term|fixed|flag)\.[A-Za-z0-9-]*[A-Za-z0-9]", text)
    }
    assert sorted(full - set(GUIDELINE.wordings)) == []


def test_every_threshold_is_read_by_the_code() -> None:
    names = {field.name for field in msgspec.structs.fields(Thresholds)}
    assert sorted(names - ATTRIBUTES) == []


def test_the_numbers_of_the_data_are_those_the_rules_are_tested_with() -> None:
    shipped, tested = msgspec.structs.asdict(GUIDELINE.thresholds), msgspec.structs.asdict(LIMITS)
    equivalents = tested.pop("steroid_equivalent_mg")
    assert equivalents.items() <= shipped.pop("steroid_equivalent_mg").items()
    assert shipped == tested


def test_every_rule_of_the_pathway_has_its_text() -> None:
    numbered = {re.sub(r"[a-z]$", "", rule) for rule in GUIDELINE.rules}
    assert {f"R{n}" for n in range(1, 62)} | {f"S{n}" for n in range(1, 14)} == numbered
    assert set(ADVISING) <= set(GUIDELINE.rules)


def test_every_file_says_that_it_was_not_reviewed_yet() -> None:
    assert set(GUIDELINE.reviews.values()) == {"not yet reviewed"}


def test_interpretations_and_conflicts_are_complete() -> None:
    assert set(GUIDELINE.interpretations) == {f"I-{n}" for n in range(1, 20)}
    assert set(GUIDELINE.conflicts) == {f"C{n}" for n in range(1, 21)}


def test_unit_factors_agree_with_a_library_of_units() -> None:
    ucumvert = pytest.importorskip(
        "ucumvert", reason="the unit library is part of the development environment"
    )
    registry = ucumvert.PintUcumRegistry()
    spelt = {
        "mm/hr": "mm/h",
        "mm/(1.h)": "mm/h",
        "K/uL": "10*3/uL",
        "{cells}/uL": "/uL",
        "mL/min/1.73m2": None,
    }
    spelt |= {
        "score": None,
        "{score}": None,
        "1": None,
        "/5": None,
        "mmHg": "mm[Hg]",
        "week": "wk",
        "weeks": "wk",
    }
    spelt |= {"day": "d", "days": "d", "[degF]": None, "mL/min/{1.73_m2}": None}
    checked = 0
    for measure in GUIDELINE.units.values():
        target = spelt.get(measure.unit, measure.unit)
        for unit, (factor, offset) in measure.accepts.items():
            source = spelt.get(unit, unit)
            if source is None or target is None or source == target:
                continue
            one = registry.from_ucum(source) * 1
            assert offset == 0
            assert one.to(registry.from_ucum(target)).magnitude == pytest.approx(factor), (unit, measure.unit)
            checked += 1
    assert checked > 5


def test_fahrenheit_agrees_with_its_definition() -> None:
    factor, offset = GUIDELINE.units["obs/body-temperature"].accepts["[degF]"]
    assert (212 + offset) * factor == pytest.approx(100)
    assert (32 + offset) * factor == pytest.approx(0)
