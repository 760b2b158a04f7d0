"""Write the generated parts of ``docs/guideline.md`` from the guideline data.

``python -m tools.guideline_docs`` rewrites them; a test fails while the page is not what it would write.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from cds_service.guideline.load import load_guideline
from cds_service.guideline.model import Review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cds_service.guideline.model import Citation, Guideline, ReviewState, RuleText, Threshold

PAGE = Path(__file__).resolve().parent.parent / "docs" / "guideline.md"
# Where a wording of each kind appears; the others are words inside these.
_PLACES = {
    "summary": "own card",
    "flag": "flag on R23 or R26",
    "suggestion": "suggestion",
    "line": "detail",
    "note": "remark on evidence",
    "order-note": "note of the order",
    "not-documented": "not-documented list",
    "fixed": "proposed resource",
    "term": "words in a line",
    "why": "trace (`cds-service explain`)",
}
_PART = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def rewritten(page: str, guideline: Guideline) -> str:
    """The page with its generated parts made anew."""
    return _PART.sub(lambda part: f"{part[1]}{_made(part[2], guideline)}{part[3]}", page)


def _made(name: str, guideline: Guideline) -> str:
    lines = "".join(f"{line}\n" for line in PARTS[name](guideline))
    return f"<!-- made by python -m tools.guideline_docs; change the data, not this -->\n\n{lines}\n"


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(header)
    yield _row(columns)
    yield _row(["---"] * len(columns))
    yield from (_row(row) for row in rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') or '-' for cell in cells)} |"


def _state(state: ReviewState | None) -> str:
    if not isinstance(state, Review):
        return "not yet reviewed"
    return f"{state.reviewed_on} by {', '.join(state.reviewed_by)}; next {state.next_review}"


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(str(number) for number in numbers)


def _version(guideline: Guideline) -> Iterator[str]:
    source = guideline.source
    yield f"Version of the data: {guideline.version}. Every card cites [{source.label}]({source.url})."


def _rules(guideline: Guideline) -> Iterator[str]:
    places = _places(guideline)
    return _table(
        ("Rule", "Statement", "Article", "Mark", "Where it shows", "Review"),
        (
            (
                rule,
                f"**{text.title}.** {text.statement}",
                _numbers(text.article),
                _mark(text),
                _where(text, places.get(rule)),
                _state(text.review),
            )
            for rule, text in guideline.rules.items()
        ),
    )


def _mark(text: RuleText) -> str:
    return ", ".join([text.origin, *text.marks])


def _where(text: RuleText, places: Mapping[str, None] | None) -> str:
    if text.status != "implemented":
        return text.status
    return ", ".join(places or ()) or "keeps a card away"


def _places(guideline: Guideline) -> Mapping[str, Mapping[str, None]]:
    """By rule, the places its wordings appear in, in the order of the kinds."""
    found: dict[str, dict[str, None]] = {}
    for kind, place in _PLACES.items():
        for key, wording in guideline.wordings.items():
            if key.startswith(f"{kind}."):
                found.setdefault(wording.rule, {})[place] = None
    return found


def _thresholds(guideline: Guideline) -> Iterator[str]:
    return _table(
        ("Name", "Value", "Unit", "Meaning", "Rules", "Article", "Rests on", "Review"),
        (
            (
                f"`{name}`",
                _value(number),
                number.unit,
                number.means,
                ", ".join(number.rules) or "every card",
                _numbers(number.article),
                ", ".join(number.marks),
                _state(number.review),
            )
            for name, number in guideline.numbers.items()
        ),
    )


def _value(number: Threshold) -> str:
    if isinstance(number.value, dict):
        return ", ".join(f"{name} {value:g}" for name, value in number.value.items())
    return f"{number.value:g}"


def _interpretations(guideline: Guideline) -> Iterator[str]:
    return _table(
        (
            "Id",
            "What the article leaves open",
            "What we chose",
            "Question to the clinical owner",
            "Rules",
            "Review",
        ),
        (
            (
                key,
                entry.gap,
                entry.choice,
                entry.question,
                ", ".join(_marked(key, guideline)),
                _state(entry.review),
            )
            for key, entry in guideline.interpretations.items()
        ),
    )


def _marked(mark: str, guideline: Guideline) -> list[str]:
    return [rule for rule, text in guideline.rules.items() if mark in text.marks]


def _conflicts(kind: str) -> Callable[[Guideline], Iterator[str]]:
    def part(guideline: Guideline) -> Iterator[str]:
        return _table(
            ("Id", "The article", "Against it", "What we make of it", "Shown by", "Sources", "Review"),
            (
                (
                    key,
                    entry.article,
                    entry.other,
                    entry.resolution,
                    ", ".join(entry.shown) or "this page",
                    ", ".join(entry.sources),
                    _state(entry.review),
                )
                for key, entry in guideline.conflicts.items()
                if entry.kind == kind
            ),
        )

    return part


def _citations(guideline: Guideline) -> Iterator[str]:
    return _table(
        ("Key", "Source", "How far it was read"),
        ((key, _linked(citation), citation.checked) for key, citation in guideline.citations.items()),
    )


def _linked(citation: Citation) -> str:
    url = f"https://doi.org/{citation.doi}" if citation.doi else citation.url
    return f"[{citation.title}]({url})" if url else citation.title


PARTS: Mapping[str, Callable[[Guideline], Iterator[str]]] = {
    "version": _version,
    "rules": _rules,
    "thresholds": _thresholds,
    "interpretations": _interpretations,
    "conflicts-within": _conflicts("within the article"),
    "conflicts-other": _conflicts("with another source"),
    "citations": _citations,
}


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), load_guideline()), encoding="utf-8")
