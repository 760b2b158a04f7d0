"""The codes of one value set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pages.guideline.value_sets import concepts_by_rule, value_sets
from cds_service.pages.templating import render

if TYPE_CHECKING:
    from cds_service.config import Settings


def codes_page(concept: str, settings: Settings) -> str | None:
    """The page; None when there is no such value set."""
    found = value_sets().get(concept)
    if found is None:
        return None
    rules = [rule for rule, concepts in concepts_by_rule().items() if concept in concepts]
    return render("codes.html", settings, set=found, rules=rules)
