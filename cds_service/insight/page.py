"""The report as a page: one file, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cds_service.insight.report import total
from cds_service.insight.text import NOBODY, remarks, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.insight.report import Report, Tally

WIDTH, HEIGHT, GAP = 720, 160, 6
# Accepted, overridden, no report; told apart by lightness too, for eyes that do not see the hues.
COLOURS = ("#1b6e4b", "#d08a1d", "#d5d9df")
NAMES = ("accepted", "overridden", "no report")
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1c2430;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}
th,td{padding:.35rem .6rem;text-align:right;border-bottom:1px solid #e3e6eb}
th:nth-child(-n+2),td:nth-child(-n+2){text-align:left}td.bar{width:30%}h1{font-size:1.5rem}h2{font-size:1.15rem;
margin-top:2rem}p.remark{color:#4a5563;margin:.3rem 0}.key span{display:inline-block;width:.9rem;height:.9rem;
margin:0 .3rem 0 1rem;vertical-align:-.1rem}svg text{font:11px system-ui,sans-serif;fill:#4a5563}
"""


def page(found: Report) -> str:
    """The page of a report."""
    body = "\n".join(_body(found))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Neck pain cards</title>'
        f"<style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _body(found: Report) -> Iterator[str]:
    whole = total(found)
    yield f"<h1>What the cards came to, {found.since} to {found.until}</h1>"
    if not whole.shown:
        yield "<p>No card was shown in this period.</p>"
    else:
        yield (
            f"<p>{whole.shown} cards: {whole.accepted} accepted ({share(whole.accepted, whole.shown)}), "
            f"{whole.overridden} overridden ({share(whole.overridden, whole.shown)}), "
            f"{whole.unreported} without a report ({share(whole.unreported, whole.shown)}).</p>"
        )
    for client, (number, with_cards) in sorted(found.calls.items()):
        part = f"{with_cards} with a card ({share(with_cards, number)})"
        yield f"<p>{escape(client or NOBODY)}: {number} calls evaluated, {part}.</p>"
    yield _key()
    yield "<h2>By week</h2>"
    yield _weeks(found)
    yield "<h2>By client and rule</h2>"
    yield _table(found)
    yield "<h2>Why cards were overridden</h2>"
    yield _reasons(whole)
    yield "".join(f'<p class="remark">{escape(line)}</p>' for line in remarks(found))


def _key() -> str:
    marks = "".join(
        f'<span style="background:{colour}"></span>{name}'
        for colour, name in zip(COLOURS, NAMES, strict=True)
    )
    return f'<p class="key">{marks}</p>'


def _parts(tally: Tally) -> tuple[int, int, int]:
    return tally.accepted, tally.overridden, tally.unreported


def _weeks(found: Report) -> str:
    """A column a week, its height the cards shown, its parts what became of them."""
    top = max((tally.shown for tally in found.weeks.values()), default=0) or 1
    step = WIDTH / max(len(found.weeks), 1)
    drawn = []
    for number, (monday, tally) in enumerate(found.weeks.items()):
        left, foot = number * step, float(HEIGHT)
        for part, colour in zip(_parts(tally), COLOURS, strict=True):
            height = part / top * (HEIGHT - 20)
            foot -= height
            drawn.append(_rect(left, foot, step - GAP, height, colour))
        drawn.append(f'<text x="{left:.0f}" y="{HEIGHT + 14}">{monday:%d %b}</text>')
        drawn.append(f'<text x="{left:.0f}" y="{foot - 4:.0f}">{tally.shown}</text>')
    label = (
        "Cards shown each week, by what became of them; the numbers are in the table of the report command"
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT + 20}" role="img" aria-label="{label}" width="100%">'
        f"{''.join(drawn)}</svg>"
    )


def _rect(left: float, top: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _table(found: Report) -> str:
    rows = "".join(
        f"<tr><td>{escape(client or NOBODY)}</td><td>{escape(rule)}</td><td>{tally.shown}</td>"
        + "".join(f"<td>{number} ({share(number, tally.shown)})</td>" for number in _parts(tally))
        + f'<td class="bar">{_bar(tally)}</td></tr>'
        for (client, rule), tally in found.tallies.items()
    )
    heads = "".join(f"<th>{name}</th>" for name in ("client", "rule", "shown", *NAMES, ""))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _bar(tally: Tally) -> str:
    left, drawn = 0.0, []
    for part, colour in zip(_parts(tally), COLOURS, strict=True):
        width = 100 * part / tally.shown
        drawn.append(_rect(left, 0, width, 10, colour))
        left += width
    return (
        '<svg viewBox="0 0 100 10" width="100%" height="12" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(drawn)}</svg>"
    )


def _reasons(whole: Tally) -> str:
    if not whole.reasons:
        return "<p>No card was overridden.</p>"
    rows = "".join(
        f"<tr><td>{escape(reason)}</td><td></td><td>{number}</td>"
        f"<td>{share(number, whole.overridden)}</td></tr>"
        for reason, number in whole.reasons.most_common()
    )
    return (
        "<table><thead><tr><th>reason</th><th></th><th>cards</th><th>of those overridden</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
