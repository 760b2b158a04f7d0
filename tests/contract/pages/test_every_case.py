"""Every case opens in the playground, and every vignette shows the rules it expects."""

from __future__ import annotations

import pytest

from cds_service.pages.playground.cases import choices
from tests.pages import Read, pages_client


@pytest.mark.parametrize("case", sorted(choices()))
def test_every_case_opens_and_every_vignette_shows_the_expected_rules(case: str) -> None:
    choice = choices()[case]
    answer = pages_client().get("/playground", query_string={"case": case})
    assert answer.status_code == 200
    read = Read(answer.text)
    if choice.expected is not None:
        assert f"As expected: {', '.join(choice.expected) or 'no card'}." in read.text
    assert len(read.ids) == len(set(read.ids))
    assert read.inline == read.handlers == []
