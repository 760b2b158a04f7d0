"""The source tables: real codes, fresh value sets, nothing that is not ours to ship."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.terminology.build import read_source, write_all
from cds_service.terminology.load import shipped_files
from cds_service.terminology.systems import CPT, ICD10CM, LOINC, SNOMED

ROWS = read_source()


@pytest.fixture(scope="module")
def icd() -> Any:
    """The release of ICD-10-CM; it takes seconds to load, for whoever asks."""
    import simple_icd_10_cm

    return simple_icd_10_cm


def test_the_shipped_value_sets_are_what_the_source_gives(tmp_path: Path) -> None:
    written = write_all(tmp_path)
    shipped = {path.name: path for path in shipped_files() if path.parent.name == "valuesets"}
    assert written == len(shipped_files())
    for name, path in shipped.items():
        assert json.loads(path.read_text()) == json.loads((tmp_path / name).read_text()), name


def test_every_icd_10_cm_code_is_in_the_release(icd: Any) -> None:
    codes = {row["code"] for row in ROWS if row["system"] == ICD10CM}
    assert len(codes) > 500
    assert sorted(code for code in codes if not icd.is_valid_item(code)) == []


def test_the_titles_of_icd_10_cm_codes_are_those_of_the_release(icd: Any) -> None:
    wrong = [
        (row["code"], row["display"], icd.get_description(row["code"]))
        for row in ROWS
        if row["system"] == ICD10CM
        and row["display"].casefold() != icd.get_description(row["code"]).casefold()
    ]
    assert wrong == []


_D5 = [[(i + j) % 5 if i < 5 and j < 5 else 0 for j in range(10)] for i in range(10)]


def verhoeff_is_valid(code: str) -> bool:
    """Check digit of SNOMED CT identifiers (dihedral group of order ten)."""

    def multiply(a: int, b: int) -> int:
        if a < 5:
            return (a + b) % 5 if b < 5 else (a + b) % 5 + 5
        return (a - b) % 5 + 5 if b < 5 else (a - b) % 5

    permutation = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    while len(permutation) < 8:
        permutation.append([permutation[-1][digit] for digit in permutation[1]])
    check = 0
    for position, digit in enumerate(reversed(code)):
        check = multiply(check, permutation[position % 8][int(digit)])
    return check == 0


def mod_ten_is_valid(code: str) -> bool:
    """Check digit of LOINC codes (Luhn)."""
    number, _, given = code.partition("-")
    digits = [int(d) * (2 if position % 2 == 0 else 1) for position, d in enumerate(reversed(number))]
    return (10 - sum(d // 10 + d % 10 for d in digits) % 10) % 10 == int(given)


def test_check_digits() -> None:
    assert (
        sorted({r["code"] for r in ROWS if r["system"] == SNOMED and not verhoeff_is_valid(r["code"])}) == []
    )
    assert sorted({r["code"] for r in ROWS if r["system"] == LOINC and not mod_ten_is_valid(r["code"])}) == []
    assert not verhoeff_is_valid("81680006")
    assert not mod_ten_is_valid("1988-6")


def test_every_row_names_its_evidence_and_tier() -> None:
    assert [row["code"] for row in ROWS if not row["evidence"] or row["tier"] not in ("1", "2", "3")] == []


def test_cpt_stands_apart_with_labels_of_our_own() -> None:
    shipped = [json.loads(path.read_text()) for path in shipped_files()]
    for value_set in shipped:
        systems = {include["system"] for include in value_set["compose"]["include"]}
        assert CPT not in systems or systems == {CPT}
    displays = [row["display"] for row in ROWS if row["system"] == CPT]
    assert len(displays) == 28
    assert not any(";" in display for display in displays)  # the AMA's descriptors are divided by semicolons


@pytest.mark.parametrize("path", shipped_files(), ids=lambda path: path.stem)
def test_every_value_set_says_what_it_is(path: Path) -> None:
    value_set = json.loads(path.read_text())
    assert value_set["resourceType"] == "ValueSet"
    assert value_set["version"]
    assert value_set["copyright"]
    assert "not yet reviewed" in value_set["description"]
