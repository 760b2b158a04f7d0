"""What ``check-guideline`` prints: whether the data loads, is reviewed, and fits the code."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cds_service.guideline.load import load_guideline
from cds_service.guideline.reviews import due_reviews, not_reviewed, sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from cds_service.guideline.model import Guideline

# What opening a chart (R1 to R45) and the order hooks (R46 to R61) have to answer for.
EXPECTED = (*(f"R{n}" for n in range(1, 62)), *(f"S{n}" for n in range(1, 14)))
IMPLEMENTED = "implemented"
FINE = "Nothing overdue, missing or unused."
_CODE = Path(__file__).parent
# Keys the code puts together: the part of the key that stands in the code by itself.
_COMPOSED = (
    re.compile(r"summary\.([A-Z]\d+[a-z]?)(?:-[a-z-]+)?"),
    re.compile(r"suggestion\.([a-z-]+)\.(?:label|description)"),
    re.compile(r"flag\.([A-Z]\d+(?:-[a-z]+)?)"),
    re.compile(r"not-documented\.([a-z-]+)"),
    re.compile(r"term\.(?:missing|nsaid-missing|card|priority|part|study|closest|modality)-([A-Za-z0-9-]+)"),
    re.compile(r"(term\.mri-[a-z-]+)-unlabelled"),
    re.compile(r"([a-z]+\.[A-Za-z0-9-]+)-about"),
    re.compile(r"line\.S[57](-[a-z]+)"),
)
# Named by what the mapping found, outside the pathway and the cards.
_ELSEWHERE = ("not-interpretable.", "data.")
_RULE = re.compile(r"[RS]\d+[a-z]?")


def check_report(folder: Path | None, as_of: date) -> Iterator[str]:
    """Lines about the guideline data of a folder, or the data that ships; the last one is the verdict.

    Raises:
        GuidelineError: The data is not usable; names file and key.
    """
    guideline = load_guideline(folder)
    yield f"{guideline.title}, version {guideline.version}: the data is complete and consistent."
    yield ", ".join(f"{len(found)} {name.replace('_', ' ')}" for name, found in sections(guideline).items())
    yield f"Not yet reviewed by a clinician: {_open_reviews(guideline)}"
    problems = {
        f"Reviews due on {as_of}": tuple(due_reviews(guideline, as_of)),
        "Rules of R1-R61 and S1-S13 without a text": missing_rules(guideline),
        "Rules no code asks": unused_rules(guideline),
        "Rules the code asks and the data does not know": unknown_rules(guideline),
        "Wordings no code says": unused_wordings(guideline),
    }
    for what, found in problems.items():
        yield f"{what}: {'; '.join(found) or 'none'}"
    yield from _planned(guideline)
    count = sum(len(found) for found in problems.values())
    yield f"To do: {count}" if count else FINE


def _open_reviews(guideline: Guideline) -> str:
    counted = [
        f"{is_open} of {total} {section.replace('_', ' ')}"
        for section, (is_open, total) in not_reviewed(guideline).items()
        if is_open
    ]
    return ", ".join(counted) or "nothing"


def _planned(guideline: Guideline) -> Iterator[str]:
    """Rules without code, by their reason."""
    reasons: dict[str, list[str]] = {}
    for rule, text in guideline.rules.items():
        if text.status != IMPLEMENTED:
            reasons.setdefault(text.status, []).append(rule)
    for reason, rules in reasons.items():
        yield f"Not implemented, {reason}: {', '.join(rules)}"


def missing_rules(guideline: Guideline) -> tuple[str, ...]:
    """Rules of the pathway without a text; of a rule in variants (R33a, R33b) one is enough."""
    numbers = {rule.rstrip("abcdefghijklmnopqrstuvwxyz") for rule in guideline.rules}
    return tuple(rule for rule in EXPECTED if rule not in numbers)


def unused_rules(guideline: Guideline) -> tuple[str, ...]:
    """Rules that claim to be implemented and that no code names."""
    named = names_in_code()
    claimed = [rule for rule, text in guideline.rules.items() if text.status == IMPLEMENTED]
    return tuple(rule for rule in claimed if rule not in named)


def unknown_rules(guideline: Guideline) -> tuple[str, ...]:
    """Rules the code names and the data does not know."""
    named = {name for name in names_in_code() if _RULE.fullmatch(name)}
    return tuple(sorted(named - set(guideline.rules)))


def unused_wordings(guideline: Guideline) -> tuple[str, ...]:
    """Wordings nothing in the code says."""
    named = names_in_code()
    return tuple(key for key in guideline.wordings if not _is_said(key, named))


def _is_said(key: str, named: Iterable[str]) -> bool:
    if key.startswith(_ELSEWHERE):
        return True
    composed = [match[1] for pattern in _COMPOSED if (match := pattern.fullmatch(key))]
    spelt = [key, key.partition(".")[2], *composed]
    spelt += [name.partition(".")[2] for name in composed if "." in name]
    return any(name in named or f"@{name}" in named for name in spelt)


@cache
def names_in_code() -> frozenset[str]:
    """Every text constant of the pathway and the cards."""
    return frozenset(
        node.value
        for package in ("pathway", "cards")
        for path in (_CODE / package).glob("**/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
