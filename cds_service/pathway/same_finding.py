"""Whether a denial is about the very finding a statement names, where one flag holds several.

Retention and incontinence share a flag, as do clonus and brisk reflexes; "no incontinence" leaves the
retention standing. A denial counts in the same words, and in more general ones: "weakness: no" denies that
of a hand, "weakness of the hand: no" does not deny that of an arm.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.pathway.facts import Statement

_WORD = re.compile(r"[a-z0-9]+")
_EITHER = re.compile(r"\b(?:or|and|nor)\b|[/,;]")
# What answers, asks and classifies, and says nothing about which finding it is.
_FILLERS = frozenset(
    {
        *("absent", "negative", "none", "no", "not", "normal", "abnormal", "denied", "denies", "false"),
        *("true", "present", "positive", "yes", "without", "qualifier", "value", "finding", "situation"),
        *("disorder", "observable", "entity", "sign", "symptom", "do", "you", "have", "any", "has", "had"),
        *("is", "are", "there", "your", "the", "a", "an", "of", "in", "with", "to", "on", "for", "patient"),
        *("new", "recent", "ever", "unspecified", "site", "other"),
    }
)
# General words for what goes wrong, and for a place every finding of these flags has in common.
_GENERAL = frozenset(
    {
        *("dysfunction", "disturbance", "abnormality", "problem", "trouble", "difficulty", "impairment"),
        *("change", "loss", "control", "motor", "muscle", "muscular", "limb", "exam", "examination"),
        *("response", "vertebral", "vertebra", "spinous", "process", "midline", "bony", "spine", "spinal"),
        *("cervical", "percussion", "point", "right", "left", "bilateral", "both", "side", "sided"),
    }
)
_SAME = {
    "urinary": "bladder",
    "urine": "bladder",
    "walking": "gait",
    "walk": "gait",
    "ambulation": "gait",
    "hyperreflexia": "reflex",
    "tender": "tenderness",
    "weak": "weakness",
    "numb": "numbness",
    "incontinent": "incontinence",
    "nuchal": "neck",
    "rigidity": "stiffness",
    "stiff": "stiffness",
}
# What a finding is a kind of: a normal gait denies ataxia, and no ataxia leaves a spastic gait.
_KIND_OF = {"ataxia": "gait", "unsteadiness": "gait"}


def is_same_finding(denial: Statement, statement: Statement) -> bool:
    """Whether the denial names the finding of the statement, or something that includes it."""
    said = _words(statement.source.text, _GENERAL)
    said |= {_KIND_OF[word] for word in said if word in _KIND_OF}
    parts = [_words(part, _GENERAL) for part in _EITHER.split(denial.source.text.lower())]
    named = [part for part in parts if part]
    return not named or any(part <= said for part in named)


def is_same_diagnosis(denial: Statement, statement: Statement) -> bool:
    """As for findings, but a region is part of what a diagnosis is: lumbar discitis is not cervical."""
    return _words(denial.source.text) <= _words(statement.source.text)


def _words(text: str, beside: Iterable[str] = ()) -> frozenset[str]:
    """The words that tell one finding from another, in the singular."""
    found = (word if word.endswith("ss") else word.removesuffix("s") for word in _WORD.findall(text.lower()))
    return frozenset(_SAME.get(word, word) for word in found).difference(_FILLERS, beside)
