"""Cards from facts, as the tests of cards render them."""

from __future__ import annotations

from typing import Any

from cds_service.cards import RenderOptions, render
from cds_service.cards.wording import Words
from cds_service.guideline.load import load_guideline
from cds_service.pathway.decision import decide
from cds_service.protocol.self_check import check_response
from tests.builders import (
    TODAY,
    case,
    pain,
)

GUIDELINE = load_guideline()
WORDS = Words(GUIDELINE, TODAY)
OPTIONS = RenderOptions("neck-pain-patient-view", "7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10")


def rendered(*facts: Any, options: RenderOptions = OPTIONS, **fields: Any) -> list[dict[str, Any]]:
    """The cards on neck pain of nine days and these facts."""
    made = case(pain(9), *facts, **fields)
    body = render(decide(made, GUIDELINE.thresholds), made, GUIDELINE, options)
    assert check_response(body, "patient-view") == []
    cards: list[dict[str, Any]] = body["cards"]
    return cards
