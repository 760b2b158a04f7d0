"""The table of an evaluation: patients, in pathway, cards per rule, seconds, errors."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cds_service.records_evaluation.evaluate import Outcome

_ROW = "{:<28} {:>8} {:>6} {:>11} {:>10} {:>8} {:>7}  {}"


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """A line per source and one for all, then the errors if there are any."""
    by_source: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_source.setdefault(outcome.source, []).append(outcome)
    everything = [outcome for found in by_source.values() for outcome in found]
    yield _ROW.format(
        "source", "patients", "calls", "in pathway", "with cards", "seconds", "errors", "cards per rule"
    )
    yield from (_row(source, found) for source, found in by_source.items())
    yield _row("all", everything)
    yield from (f"error: {o.source} line {o.line} on {o.as_of}: {o.problem}" for o in everything if o.problem)


def _row(name: str, outcomes: list[Outcome]) -> str:
    rules = Counter(rule for outcome in outcomes for rule in outcome.rules)
    return _ROW.format(
        name,
        len({(outcome.source, outcome.line) for outcome in outcomes}),
        len(outcomes),
        sum(outcome.is_in_pathway for outcome in outcomes),
        sum(bool(outcome.rules) for outcome in outcomes),
        f"{sum(outcome.seconds for outcome in outcomes):.2f}",
        sum(bool(outcome.problem) for outcome in outcomes),
        ", ".join(f"{rule} {count}" for rule, count in sorted(rules.items())) or "none",
    )


def patients(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """A line per call that got cards, with the card summaries below it."""
    for outcome in outcomes:
        if outcome.rules:
            yield f"{outcome.source} line {outcome.line} on {outcome.as_of}: {', '.join(outcome.rules)}"
            yield from (f"    {summary}" for summary in outcome.summaries)
