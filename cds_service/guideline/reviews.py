"""Which entries of the data a clinician has reviewed, and which reviews are due again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.guideline.model import NOT_REVIEWED, Entry, Review

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from cds_service.guideline.model import Guideline, ReviewState


def review_states(guideline: Guideline) -> Iterator[tuple[str, str, ReviewState]]:
    """Section, key and review of every entry; the source that cards cite comes first."""
    yield "guideline", "source", guideline.reviews["guideline"]
    for section, entries in sections(guideline).items():
        for key, entry in entries.items():
            own: ReviewState | None = entry.review if isinstance(entry, Entry) else guideline.reviews[section]
            yield section, key, own or NOT_REVIEWED


def sections(guideline: Guideline) -> Mapping[str, Mapping[str, object]]:
    """Everything a clinician reviews, by the name of its file."""
    return {
        "rules": guideline.rules,
        "thresholds": guideline.numbers,
        "units": guideline.units,
        "wordings": guideline.wordings,
        "order_situations": guideline.order_situations,
        "interpretations": guideline.interpretations,
        "conflicts": guideline.conflicts,
        "citations": guideline.citations,
        "override_reasons": guideline.override_reasons,
    }


def not_reviewed(guideline: Guideline) -> Mapping[str, tuple[int, int]]:
    """By section, how many entries nobody has reviewed, and how many there are."""
    counted: dict[str, tuple[int, int]] = {}
    for section, _, state in review_states(guideline):
        is_open, total = counted.get(section, (0, 0))
        counted[section] = (is_open + (state == NOT_REVIEWED), total + 1)
    return counted


def due_reviews(guideline: Guideline, as_of: date) -> Iterator[str]:
    """Entries whose next review was due on or before a day, or whose review is dated after it."""
    for section, key, state in review_states(guideline):
        if not isinstance(state, Review):
            continue
        if state.next_review <= as_of:
            yield f"{section}, {key}: since {state.next_review}, last by {', '.join(state.reviewed_by)}"
        if state.reviewed_on > as_of:
            yield f"{section}, {key}: its review is dated {state.reviewed_on}, which has not come yet"
