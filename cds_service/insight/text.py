"""The report in lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.insight.report import Report

NOBODY = "(not verified)"


def lines(found: Report) -> Iterator[str]:
    """The report, to be printed."""
    yield f"Cards from {found.since} to {found.until} (UTC)"
    yield ""
    for client, (number, with_cards) in sorted(found.calls.items()):
        part = f"{with_cards} with a card ({share(with_cards, number)})"
        yield f"{client or NOBODY}: {number} calls evaluated, {part}"
    yield ""
    yield f"{'client':<20}{'rule':<10}{'shown':>7}{'accepted':>18}{'overridden':>18}{'no report':>18}"
    for (client, rule), tally in found.tallies.items():
        yield f"{client or NOBODY:<20}{rule:<10}{tally.shown:>7}" + "".join(
            f"{_of(number, tally.shown):>18}"
            for number in (tally.accepted, tally.overridden, tally.unreported)
        )
        for reason, number in tally.reasons.most_common():
            yield f"{'':<30}{number:>7}  overridden: {reason}"
    yield ""
    yield from _week_lines(found)
    yield from remarks(found)


def _week_lines(found: Report) -> Iterator[str]:
    yield f"{'week of':<12}{'shown':>7}{'accepted':>10}{'overridden':>12}{'no report':>11}"
    for monday, tally in found.weeks.items():
        yield (
            f"{monday!s:<12}{tally.shown:>7}{tally.accepted:>10}{tally.overridden:>12}{tally.unreported:>11}"
        )


def remarks(found: Report) -> Iterator[str]:
    """What has to be known to read the numbers."""
    yield "Percentages are of the cards shown. Of several reports about a card the last one counts."
    silent = sorted({client for client, _ in found.tallies} - found.reporting)
    for client in silent:
        yield f"{client or NOBODY} reported on no card: nothing is known of what became of its cards."
    if found.unknown:
        yield f"{found.unknown} reports are about cards that are not in the store: counted nowhere above."
    if found.reporting:
        yield "No report means ignored, or not answered yet."


def share(part: int, whole: int) -> str:
    """A percentage; of nothing there is none."""
    return f"{100 * part / whole:.0f} %" if whole else "-"


def _of(number: int, whole: int) -> str:
    return f"{number} ({share(number, whole)})"
