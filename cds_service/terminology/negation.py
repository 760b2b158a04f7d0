"""Texts that name something the patient has not: denied, excluded, tested for, or of somebody else.

Pathway specification 2.3, rules 6 and 7. A text that says so is not read at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.terminology.words import words_of
from cds_service.text_patterns import text_pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from cds_service.terminology.words import Words

_DENIALS = frozenset(
    {"no", "not", "deny", "denies", "denied", "without", "negative", "family", "mother", "father"}
)
_DENYING_MARKS = text_pattern(r"\?|\br/o\b|\brule[ds]? out\b")
# Looked for only beside the word they are about, which most texts do not have.
_DENIED_BESIDE = {
    "excluded": text_pattern(r"(?<!\bbe )(?<!\bbeing )(?<!\buntil )(?<!\bunless )(?<!\bif )\bexcluded\b"),
    "fh": text_pattern(r"\bFH\s*(?::|-|of\b)"),
    "fhx": text_pattern(r"^\W*FHx\b(?!\W*unknown)|\bFHx\s*(?::|-|of\b)"),
}
RELATIONS = (
    *("sister", "brother", "sibling", "husband", "wife", "spouse", "partner", "son", "daughter", "parent"),
    *("cousin", "aunt", "uncle", "grandmother", "grandfather", "grandparent", "grandma", "grandpa"),
    *("mom", "mum", "dad", "niece", "nephew", "boyfriend", "girlfriend", "roommate"),
)
_RELATIVES = frozenset({*RELATIONS, *(f"{relation}s" for relation in RELATIONS)})
# What relatives have; not whom an organ came from, who did it, or who tells of it.
_RELATIVE = text_pattern(
    rf"(?<!\bby )(?<!\bwith )(?<!\bfrom )\b(?:{'|'.join(RELATIONS)})s?\b"
    r"(?!\W*(?:report|stat|say|said|tell|told|notic|note|observe|describe|concern|worr|call|brought))"
)
_FROM_A_DONOR = text_pattern(r"transplant|graft|donor|donat")
# A code for looking, preventing or fearing says nothing about having (2.3, rule 6). The "initial encounter
# for closed fracture" of an injury's title is about having it, and so is a visit for palliative care.
_NOT_ABOUT_HAVING = text_pattern(
    r"\b(?:screening|(?<!initial )(?<!subsequent )encounter for(?! palliative)|vaccin\w*|immuni[sz]ation"
    r"|prophyla\w*|at risk|risk of|fear of"
    r"|exposure to|contact with|counsel\w*|education)\b"
)
# What is worried about is not had; what stands before it may be.
_WORRY = text_pattern(
    r"^\W*(?:(?:is|are|you|patient|she|he|very)\s+){0,4}(?:afraid of|worried about|risk factors? for)\b"
)
_NOT_HAD_BESIDE = {
    # "Fever absent"; an absent reflex is a finding.
    "absent": text_pattern(r"^(?!.*\breflex)[^,;]*\babsent\s*$"),
    # Tests for HIV, and what keeps it away; a positive test is about having it.
    "hiv": text_pattern(
        r"\bhiv\b(?:[\s/,\-12]|\band\b)*\b(?:test\w*|antibod\w*|antigen|a[bg]|rna|viral load|serolog\w*"
        r"|screen\w*|status|risk|expos\w*|contact|prep|prevent\w*|non\W?reactive|seronegative)\b"
        r"(?!\W*(?:results?\W*)?(?:positive|reactive))"
        r"|\b(?:test(?:s|ed|ing)?|screen(?:ed)?|risk|risk factors?|prep|worried|concern\w*)"
        r"\s+(?:for|about)\s+hiv\b"
    ),
}
# "Without contrast" is what is ordered, not what is denied.
_DENIALS_OF = {"procedure": _DENIALS - {"without"}}
# In an allergy list "do not give" and "no NSAIDs" forbid the drug: only "no NSAID allergy" denies one.
_FORBIDS = text_pattern(
    r"\b(?:do|must|should|shall|may|can)\s+not\s+(?:be\s+)?"
    r"(?:giv|tak|us|prescrib|administer|dispens|order|receive|tolerat)\w*"
    r"|\bdoes\s+not\s+tolerate\b"
    r"|\bnot\s+(?:to\s+(?:be|give|take|use)|tolerat\w*|allowed|permitted|recommended|suitable|advised)\b"
    r"|\bno\s+(?:(?:more|oral|systemic|other|any)\s+)*(?:nsaids?|aspirin|asa|salicylates?|ibuprofen)\b"
    r"(?!(?:(?!\s-\s)[^.;:(]){0,80}\b(?:known|allerg|intoler|react|sens|hypersens|advers|problem|histor)\w*)"
)
# What may not be done with a device is no word against having it.
_NO_MRI = text_pattern(
    r"\b(?:no|not|non)\W*(?:compatible\s+with\s+|safe\s+for\s+|suitable\s+for\s+|for\s+)?(?:mri?|magnetic)\b[^,;.()]*"
)
_RULINGS = {"allergy": _FORBIDS, "device": _NO_MRI}


def denies(text: str, words: Words, domain: str) -> bool:
    """Whether a text names nothing of the patient's, whatever it names.

    Args:
        text: As recorded.
        words: Its words.
        domain: What it is about (TextDomain).
    """
    ruling = _RULINGS.get(domain)
    if ruling is not None and not _DENIALS.isdisjoint(words):
        text = ruling.sub(" ", text)
        words = words_of(text)
    denials = _DENIALS_OF.get(domain, _DENIALS)
    if not denials.isdisjoint(words) or _DENYING_MARKS.search(text):
        return True
    if _matches_beside(_DENIED_BESIDE, text, words):
        return True
    if domain in ("clinical", "allergy") and _is_of_a_relative(text, words):
        return True
    if domain != "clinical":
        return False
    if _NOT_ABOUT_HAVING.search(text) or _WORRY.search(text):
        return True
    return _matches_beside(_NOT_HAD_BESIDE, text, words)


def _matches_beside(patterns: Mapping[str, re.Pattern[str]], text: str, words: Words) -> bool:
    return any(word in words and pattern.search(text) for word, pattern in patterns.items())


def _is_of_a_relative(text: str, words: Words) -> bool:
    if _RELATIVES.isdisjoint(words) or _FROM_A_DONOR.search(text):
        return False
    return bool(_RELATIVE.search(text))
