"""What ``check-guideline`` prints: that the data loads, how much there is, and what nobody has reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.guideline.load import load_guideline
from cds_service.guideline.model import NOT_REVIEWED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def check_report(folder: Path | None = None) -> Iterator[str]:
    """Lines about the guideline data of a folder, or the data that ships.

    Raises:
        GuidelineError: The data is not usable; names file and key.
    """
    guideline = load_guideline(folder)
    yield f"{guideline.title}, version {guideline.version}: the data is complete and consistent."
    counted = {
        "rules": guideline.rules,
        "thresholds": guideline.numbers,
        "wordings": guideline.wordings,
        "citations": guideline.citations,
        "disagreements with other sources": guideline.conflicts,
        "interpretations": guideline.interpretations,
    }
    yield ", ".join(f"{len(entries)} {name}" for name, entries in counted.items())
    open_reviews = [name for name, state in guideline.reviews.items() if state == NOT_REVIEWED]
    yield f"Not yet reviewed by a clinician: {', '.join(open_reviews) or 'nothing'}"
    yield from (
        f"{key} is not implemented: {rule.status}"
        for key, rule in guideline.rules.items()
        if rule.status != "implemented"
    )
