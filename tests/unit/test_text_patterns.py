"""An expression compiled late is used like any other."""

from __future__ import annotations

import re

import pytest

from cds_service.text_patterns import text_pattern


def test_it_finds_what_the_compiled_one_finds_again_and_again() -> None:
    late, compiled = text_pattern(r"\bno (\w+)"), re.compile(r"\bno (\w+)", re.IGNORECASE)
    for text in ("No fever, no chills", "fever", "", "NO\nfever"):
        for _ in range(2):
            assert late.findall(text) == compiled.findall(text)
            assert bool(late.search(text)) is bool(compiled.search(text))
            assert late.sub("-", text) == compiled.sub("-", text)


def test_it_is_compiled_at_its_first_use() -> None:
    broken = text_pattern("(")
    with pytest.raises(re.error):
        broken.search("a")
