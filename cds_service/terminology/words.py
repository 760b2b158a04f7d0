"""The words of a text, as phrases are looked for in it."""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-z0-9]+")
# The same by table, for texts of nothing but ASCII: nearly all of them, at a third of the cost.
_PARTED = "".join(chr(c).lower() if chr(c).isalnum() else " " for c in range(128))
# Other necks than that of the spine: "pain in neck of femur" is none of ours.
_OTHER_NECK = re.compile(
    r"\bneck\s+of\s+(?:(?:the|left|right|both)\s+)*(?:femurs?|thigh|hip|humerus|radius|fibula|talus|scapula|glenoid"
    r"|mandible|rib|(?:urinary\s+|gall\s?)?bladder|uterus|womb|pancreas|tooth|teeth|penis)\b"
    r"|\bneck[\s-]+(?:femur|humerus)\b"
    r"|\b(?:femoral|femur|humeral|humerus|radial|talar|glenoid|(?:gall)?bladder|vesical|uterine)[\s-]+neck\b",
    re.IGNORECASE,
)

Words = tuple[str, ...]


def words_of(text: str) -> Words:
    """Lower-case words and numbers of a text; whatever is no ASCII letter or figure parts them."""
    if text.isascii():
        return tuple(text.translate(_PARTED).split())
    return tuple(_WORD.findall(text.lower()))


def words_of_ours(text: str) -> Words:
    """The words of a text, without necks that are not the patient's neck."""
    words = words_of(text)
    return words_of(_OTHER_NECK.sub(" ", text)) if "neck" in words else words
