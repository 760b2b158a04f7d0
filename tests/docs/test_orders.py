"""The page on orders: its table is made from data, and the data is held to the vignettes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from cds_service.guideline.load import load_guideline
from cds_service.profiles import load_profiles
from cds_service.vignettes.model import load_vignettes
from tools.order_docs import PAGE, rewritten

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDELINE = load_guideline()
TEXT = PAGE.read_text(encoding="utf-8")
FIRST_ON_ORDERS = 46
VIGNETTES = load_vignettes(Path("fixtures/vignettes"))


def test_the_page_is_what_its_command_would_write() -> None:
    assert rewritten(TEXT, GUIDELINE) == TEXT


def _met() -> Iterator[tuple[str, str]]:
    """Rule and indicator of every card a vignette of an order expects."""
    for vignette in VIGNETTES:
        for case in vignette.cases:
            if case.orders:
                yield from ((card.rule, card.indicator) for card in case.cards)


def test_every_card_of_a_vignette_is_a_situation_of_the_page_and_the_other_way_round() -> None:
    listed = {(s.rule, s.card) for s in GUIDELINE.order_situations.values() if s.card != "silent"}
    assert set(_met()) == listed


def test_every_rule_on_orders_has_its_situations() -> None:
    numbers = {rule: re.match(r"R(\d+)", rule) for rule in GUIDELINE.rules}
    on_orders = {rule for rule, number in numbers.items() if number and int(number[1]) >= FIRST_ON_ORDERS}
    listed = {situation.rule for situation in GUIDELINE.order_situations.values()}
    assert on_orders - listed == set()


def test_the_profile_of_the_page_can_be_loaded(tmp_path: Path) -> None:
    example = TEXT.split("```toml\n")[1].split("```")[0]
    path = tmp_path / "clients.toml"
    path.write_text(example, encoding="utf-8")
    assert load_profiles(path, GUIDELINE.rules).of("https://ehr.example.org").one_action_per_suggestion
