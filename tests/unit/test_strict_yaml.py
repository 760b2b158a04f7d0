"""What the strict reader reads, and what it refuses instead of guessing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from cds_service import strict_yaml

READ = {
    "mappings, lists and texts": (
        "a:\n  b: [x, 'y z']\n  c: >-\n    two\n    lines\n",
        {"a": {"b": ["x", "y z"], "c": "two lines"}},
    ),
    "numbers, truth and nothing": (
        "a: 6\nb: -0.5\nc: true\nd: null\ne:\n",
        {"a": 6, "b": -0.5, "c": True, "d": None, "e": None},
    ),
    "quotes keep a text": ("a: '6'\nb: \"true\"\nc: ''\n", {"a": "6", "b": "true", "c": ""}),
    "texts that begin like numbers": (
        "a: 4-6 weeks\nb: NSAID\nc: -\u2009x\n",
        {"a": "4-6 weeks", "b": "NSAID", "c": "-\u2009x"},
    ),
    "a date": ("a: 2026-05-04\n", {"a": date(2026, 5, 4)}),
    "a list at the top": ("- a\n- b\n", ["a", "b"]),
    "nothing at all": ("# a comment\n", None),
    "an anchor nobody points to": ("a: &b c\n", {"a": "c"}),
}
REFUSED = {
    "a key twice": ("a: 1\nb: 2\na: 3\n", "'a' stands twice", 3),
    "a key twice, deeper": ("a:\n  b: 1\n  b: 2\n", "'b' stands twice", 3),
    "a key that is no text": ("a: 1\n6: 2\n", "a key has to be a text", 2),
    "a key that is a list": ("? [a]\n: b\n", "a key has to be a text", 1),
    "yes as a key, which YAML takes for true": ("a: 1\nyes: 2\n", "a key has to be a text", 2),
    "an alias": ("a: &x 1\nb: *x\n", "aliases and tags are not used here", 2),
    "a merge": ("a: &x {b: 1}\nc:\n  <<: *x\n", "could not determine a constructor", 3),
    "a tag on a value": ("a: !!str 6\n", "tags are not used here", 1),
    "a tag on a mapping": ("a: !!python/object:os.system {}\n", "aliases and tags are not used here", 1),
    "a tag on a list": ("a: !x []\n", "aliases and tags are not used here", 1),
    "a day that is none": ("a: 1\nb: 2026-02-30\n", "'2026-02-30' looks like a number or a date", 2),
    "a second document": ("a: 1\n---\na: 2\n", "a second document begins", 2),
    "what is not YAML": ("a: [1\nb: 2\n", "did not find expected", 2),
}


@pytest.mark.parametrize(("text", "content"), READ.values(), ids=READ)
def test_it_reads_what_the_library_reads(text: str, content: Any) -> None:
    assert strict_yaml.read(text.encode()) == content
    assert yaml.safe_load(text) == content


@pytest.mark.parametrize(("text", "problem", "line"), REFUSED.values(), ids=REFUSED)
def test_it_refuses_and_says_where(text: str, problem: str, line: int) -> None:
    with pytest.raises(strict_yaml.YamlMistake) as caught:
        strict_yaml.read(text.encode())
    assert str(caught.value).startswith(f"line {line}: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "text", [b"a: \xff\xfe\xfa\n", b"a: \x00\n"], ids=["not UTF-8", "a control character"]
)
def test_bytes_that_are_no_text_are_refused(text: bytes) -> None:
    with pytest.raises(strict_yaml.YamlMistake, match="save it as UTF-8"):
        strict_yaml.read(text)
