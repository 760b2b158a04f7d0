"""Write the table of ``docs/orders.md`` from the guideline data: ``python -m tools.order_docs``.

A test fails while the page is not what this would write.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from cds_service.guideline.load import load_guideline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.guideline.model import Guideline

PAGE = Path(__file__).resolve().parent.parent / "docs" / "orders.md"
_PART = re.compile(r"(<!-- generated: situations -->\n).*?(<!-- end -->)", re.DOTALL)
_HEADER = ("Order", "Situation", "Card", "Rule", "Says", "Offers")


def rewritten(page: str, guideline: Guideline) -> str:
    """The page with its table made anew."""
    table = "\n".join(_rows(guideline))
    made = f"<!-- made by python -m tools.order_docs; change the data, not this -->\n\n{table}\n\n"
    return _PART.sub(lambda part: f"{part[1]}{made}{part[2]}", page)


def _rows(guideline: Guideline) -> Iterator[str]:
    yield _row(*_HEADER)
    yield _row(*["---"] * len(_HEADER))
    for situation in guideline.order_situations.values():
        wording = guideline.wordings.get(f"summary.{situation.wording}")
        says = wording.text if wording else "-"
        card = "no card" if situation.card == "silent" else situation.card
        yield _row(situation.order, situation.when, card, situation.rule, says, situation.offers or "-")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), load_guideline()), encoding="utf-8")
