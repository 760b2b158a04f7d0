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
NAMES = ("accepted", "overridden", "no report")
# The three are told apart by lightness too, for eyes that do not see the hues.
STYLE = """
:root{color-scheme:light dark;--paper:#fbfcfd;--ink:#1c2430;--soft:#4a5563;--line:#d5dae0;
--part0:#1b6e4b;--part1:#d08a1d;--part2:#c3cad3}
@media (prefers-color-scheme:dark){:root{--paper:#12171b;--ink:#e8edf1;--soft:#b0bbc4;--line:#45525c;
--part0:#63c996;--part1:#b8740f;--part2:#4b5864}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
body{max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}
th,td{padding:.35rem .6rem;text-align:right;border-bottom:1px solid var(--line)}
th:nth-child(-n+2),td:nth-child(-n+2){text-align:left}td.bar{width:30%;min-width:6rem}
h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.15rem;margin-top:2rem}
p.remark{color:var(--soft);margin:.3rem 0}
.scroll{overflow-x:auto}.scroll>svg{min-width:40rem}
.key{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem}
.key svg{width:.9rem;height:.9rem;margin-right:.3rem;vertical-align:-.1rem}
svg text{font:11px system-ui,sans-serif;fill:var(--soft)}
.part0{fill:var(--part0)}.part1{fill:var(--part1)}.part2{fill:var(--part2)}
@media (min-width:120rem){body{font-size:18px}}
"""


def page(found: Report) -> str:
    """The page of a report."""
    body = "\n".join(_body(found))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Neck pain cards</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main>\n{body}\n</main></body></html>\n"
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
        f'<li><svg viewBox="0 0 10 10" aria-hidden="true">{_rect(0, 0, 10, 10, number)}</svg>{name}</li>'
        for number, name in enumerate(NAMES)
    )
    return f'<ul class="key">{marks}</ul>'


def _parts(tally: Tally) -> tuple[int, int, int]:
    return tally.accepted, tally.overridden, tally.unreported


def _weeks(found: Report) -> str:
    """A column a week, its height the cards shown, its parts what became of them."""
    top = max((tally.shown for tally in found.weeks.values()), default=0) or 1
    step = WIDTH / max(len(found.weeks), 1)
    drawn = []
    for number, (monday, tally) in enumerate(found.weeks.items()):
        left, foot = number * step, float(HEIGHT)
        for number_of_part, part in enumerate(_parts(tally)):
            height = part / top * (HEIGHT - 20)
            foot -= height
            drawn.append(_rect(left, foot, step - GAP, height, number_of_part))
        drawn.append(f'<text x="{left:.0f}" y="{HEIGHT + 14}">{monday:%d %b}</text>')
        drawn.append(f'<text x="{left:.0f}" y="{foot - 4:.0f}">{tally.shown}</text>')
    label = (
        "Cards shown each week, by what became of them; the numbers are in the table of the report command"
    )
    return (
        f'<div class="scroll" tabindex="0"><svg viewBox="0 0 {WIDTH} {HEIGHT + 20}" role="img" '
        f'aria-label="{label}" width="100%">{"".join(drawn)}</svg></div>'
    )


def _rect(left: float, top: float, width: float, height: float, part: int) -> str:
    """Of the part with that number: accepted, overridden, no report."""
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" class="part{part}"/>'
    )


def _table(found: Report) -> str:
    rows = "".join(
        f"<tr><td>{escape(client or NOBODY)}</td><td>{escape(rule)}</td><td>{tally.shown}</td>"
        + "".join(f"<td>{number} ({share(number, tally.shown)})</td>" for number in _parts(tally))
        + f'<td class="bar">{_bar(tally)}</td></tr>'
        for (client, rule), tally in found.tallies.items()
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("client", "rule", "shown", *NAMES))
    return _scrolling(f"<thead><tr>{heads}<td></td></tr></thead><tbody>{rows}</tbody>")


def _scrolling(rows: str) -> str:
    """A table that is moved sideways on a narrow screen, not the page."""
    return f'<div class="scroll" tabindex="0"><table>{rows}</table></div>'


def _bar(tally: Tally) -> str:
    left, drawn = 0.0, []
    for number, part in enumerate(_parts(tally)):
        width = 100 * part / tally.shown
        drawn.append(_rect(left, 0, width, 10, number))
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
    heads = "".join(
        f'<th scope="col">{name}</th>' if name else "<td></td>"
        for name in ("reason", "", "cards", "of those overridden")
    )
    return _scrolling(f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>")
