"""The detail of a card: six parts in a fixed order, in GitHub-flavoured markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.cards.evidence_text import sentence
from cds_service.cards.repeats import told_once
from cds_service.pathway.finding import Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cds_service.cards.gaps import Gaps
    from cds_service.cards.wording import Words
    from cds_service.pathway.finding import Advice, Evidence, Line

_MOST_EVIDENCE = 6
_MOST_IN_LINE = 2
# Emergencies say what to do and nothing that delays it.
_SHORT = frozenset({"S5", "S7"})
# Cards on drugs ask about the drug: what no red flag was looked for in is beside the point.
_ON_DRUGS = frozenset({"R54", "R55", "R56"})


def detail(advice: Advice, gaps: Gaps, words: Words) -> str:
    """The whole detail; parts with nothing to say are left out."""
    parts = [*_parts(advice, gaps, words), words.fill("fixed.footer")]
    return "\n\n".join(part for part in parts if part)


def _parts(advice: Advice, gaps: Gaps, words: Words) -> Iterator[str]:
    yield _listed(
        "fixed.why",
        [*_lines(advice, Section.WHY, words), *_evidence(advice.evidence, words, _MOST_EVIDENCE)],
        words,
    )
    yield _listed("fixed.step", _lines(advice, Section.STEP, words), words)
    if advice.rule not in _SHORT:
        yield from _gaps(gaps, words, is_whole=advice.rule not in _ON_DRUGS)
    yield _said("fixed.other-guidance", _lines(advice, Section.OTHER_GUIDANCE, words), words)
    yield _said("fixed.beyond", _lines(advice, Section.BEYOND_ARTICLE, words), words)
    yield " ".join(_lines(advice, Section.ALSO, words))


def _gaps(gaps: Gaps, words: Words, *, is_whole: bool) -> Iterator[str]:
    if gaps.not_read:
        slots = {"data": tuple(gaps.not_read), "flags": tuple(gaps.unread_flags)}
        yield words.fill("fixed.not-read" if gaps.unread_flags else "fixed.not-read-data", slots)
    if gaps.not_documented and is_whole:
        yield words.fill("fixed.not-documented", {"items": ", ".join(gaps.not_documented)})
    if gaps.absent and is_whole:
        yield words.fill("fixed.absent", {"items": ", ".join(gaps.absent)})
    if gaps.not_interpretable:
        yield words.fill("fixed.not-interpretable", {"items": "; ".join(gaps.not_interpretable)})


def _lines(advice: Advice, section: Section, words: Words) -> list[str]:
    return [_line(line, words) for line in advice.lines if line.section is section]


def _line(line: Line, words: Words) -> str:
    """A line with the article's numbers and its own evidence."""
    wording = words.find(f"line.{line.key}")
    text = words.filled(wording.text, line.slots)
    if wording.article:
        text += f" [art {','.join(str(number) for number in wording.article)}]"
    if line.evidence:
        text += " " + "; ".join(_evidence(line.evidence, words, _MOST_IN_LINE))
    return text


def _evidence(evidence: tuple[Evidence, ...], words: Words, most: int) -> list[str]:
    """Each told once; of more than so many the first, and how many more."""
    said = told_once(evidence)
    lines = [sentence(item, words, first) for item, first in said[:most]]
    if len(said) > most:
        lines.append(words.fill("fixed.more", {"more": len(said) - most}))
    return lines


def _listed(key: str, lines: list[str], words: Words) -> str:
    """A lead-in with a bullet a line; each line once."""
    if not lines:
        return ""
    return "\n".join([words.fill(key), *(f"- {line}" for line in dict.fromkeys(lines))])


def _said(key: str, lines: Iterable[str], words: Words) -> str:
    text = " ".join(dict.fromkeys(lines))
    return f"{words.fill(key)} {text}" if text else ""
