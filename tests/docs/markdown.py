"""What the tests of the documentation share: tables and code blocks of a page."""

from __future__ import annotations

import re
from pathlib import Path

FENCED = re.MULTILINE | re.DOTALL
DOCS = Path(__file__).parent.parent.parent / "docs"


def page(name: str) -> str:
    """Text of a page."""
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of the same or a higher level."""
    marks = heading.split(" ")[0]
    start = text.index(f"\n{heading}\n") + len(heading) + 2
    end = re.search(rf"^#{{1,{len(marks)}}} ", text[start:], re.MULTILINE)
    return text[start : start + end.start()] if end else text[start:]


def table(text: str, first_column: str) -> list[list[str]]:
    """Rows of the table whose first column has this title."""
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {first_column} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def code(cell: str) -> list[str]:
    """What a text sets in code."""
    return re.findall(r"`([^`]+)`", cell)


def blocks(text: str, language: str) -> list[str]:
    """Fenced code blocks of a language; "" for those that name none."""
    return [body for said, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, FENCED) if said == language]
