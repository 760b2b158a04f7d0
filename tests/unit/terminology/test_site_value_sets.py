"""What a site adds, and what stops the start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.errors import TerminologyError
from cds_service.terminology import load_terminology
from tests.mapping import ICD

SET = "https://neck-pain-cds.example/fhir/ValueSet/presenting--neck-pain"


def site_file(folder: Path, content: Any) -> Path:
    text = content if isinstance(content, str) else json.dumps(content, indent=1)
    (folder / "ours.json").write_text(text, encoding="utf-8")
    return folder


def value_set(**members: Any) -> dict[str, Any]:
    return {"resourceType": "ValueSet", "url": SET, **members}


def test_a_site_adds_codes_of_its_own(tmp_path: Path) -> None:
    local = {"system": "https://hospital.example/codes", "concept": [{"code": "NP1"}]}
    icd = {"system": "urn:oid:2.16.840.1.113883.6.90", "code": "M99.99"}
    folder = site_file(tmp_path, value_set(compose={"include": [local]}, expansion={"contains": [icd]}))
    site = load_terminology(folder)
    assert site.codings("https://hospital.example/codes", "NP1") == {"presenting/neck-pain"}
    assert "presenting/neck-pain" in site.codings(ICD, "M99.99")
    assert site.codings(ICD, "M54.2")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("{", "ours.json line 1: not JSON", id="cut off"),
        pytest.param("[" * 100000, "nested too deeply", id="nested without end"),
        pytest.param([], "not a FHIR ValueSet", id="a list"),
        pytest.param({"resourceType": "CodeSystem"}, "not a FHIR ValueSet", id="another resource"),
        pytest.param(
            {"resourceType": "ValueSet", "url": "https://x.example"}, "line 3: url", id="unknown set"
        ),
        pytest.param({"resourceType": "ValueSet"}, "is no set of ours", id="no url"),
        pytest.param(value_set(), "no codes in", id="no codes"),
        pytest.param(value_set(compose=[]), "compose has to be an object", id="compose is a list"),
        pytest.param(
            value_set(compose={"include": {}}), "include has to be a list", id="include is an object"
        ),
        pytest.param(value_set(compose={"exclude": [{}]}), "cannot take any away", id="exclude"),
        pytest.param(
            value_set(compose={"include": [{"filter": []}]}), "cannot be expanded here", id="filter"
        ),
        pytest.param(
            value_set(compose={"include": [{"concept": [{"code": "1"}]}]}), "needs a system", id="no system"
        ),
        pytest.param(
            value_set(compose={"include": [{"system": "s", "concept": [{"display": "x"}]}]}),
            "needs a code",
            id="no code",
        ),
        pytest.param(
            value_set(expansion={"contains": [{"system": "s", "code": " "}]}), "needs a code", id="blank code"
        ),
    ],
)
def test_a_broken_file_stops_the_start_and_is_named(content: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(TerminologyError) as caught:
        load_terminology(site_file(tmp_path, content))
    assert "ours.json line" in str(caught.value)
    assert message in str(caught.value)


def test_a_file_that_is_no_text_and_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "ours.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TerminologyError, match="UTF-8"):
        load_terminology(tmp_path)
    with pytest.raises(TerminologyError, match="not a directory"):
        load_terminology(tmp_path / "nowhere")
