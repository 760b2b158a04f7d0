"""The architecture page names what is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.markdown import blocks, code, page, section, table

ROOT = Path(__file__).parent.parent.parent
TEXT = page("architecture.md")
FILES = sorted({word for word in code(TEXT) if re.fullmatch(r"[a-z_0-9/]+\.(?:py|yaml)", word)})


@pytest.mark.parametrize("name", FILES)
def test_every_file_it_names_exists(name: str) -> None:
    assert (ROOT / "cds_service" / name).is_file()


@pytest.mark.parametrize("row", table(TEXT, "Hop"), ids=lambda row: row[1])
def test_every_hop_is_a_function_of_its_file(row: list[str]) -> None:
    (function,), (name,) = code(row[1]), code(row[2])
    assert f"def {function}(" in (ROOT / "cds_service" / name).read_text()


def test_the_picture_shows_the_hops_of_the_table() -> None:
    (picture,) = blocks(section(TEXT, "## One request"), "")
    drawn = re.findall(r"(\d) (\w+) +([\w/]+\.py)", picture)
    assert drawn == [(row[0], code(row[1])[0], code(row[2])[0]) for row in table(TEXT, "Hop")]


def test_the_layers_are_those_that_are_held() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    (drawn,) = blocks(section(TEXT, "## Layers"), "")
    assert drawn.split("\n")[:-1] == [layer for layer in layers if not layer.startswith("(")]
    assert "four more contracts" in section(TEXT, "## Layers")
    assert len(settings["tool"]["importlinter"]["contracts"]) == 5
