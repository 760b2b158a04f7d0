"""Fixed phrases in texts that carry no code of ours.

A phrase counts as whole words, the longest wins, and a text that denies anything is not read at all
(pathway specification 2.3, rule 7). Nearly every text names nothing: that has to cost next to nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[a-z0-9]+")
# The same by table, for texts of nothing but ASCII: nearly all of them, at a third of the cost.
_PARTED = "".join(chr(c).lower() if chr(c).isalnum() else " " for c in range(128))
_DENIALS = frozenset({"no", "not", "denies", "denied", "without", "negative", "family", "mother", "father"})
_DENYING_MARKS = re.compile(
    r"\?|\br/o\b|\brule[ds]? out\b|(?<!\bbe )(?<!\bbeing )(?<!\buntil )(?<!\bunless )(?<!\bif )\bexcluded\b"
    r"|^\W*F/?Hx\b(?!\W*unknown)|\bF/?Hx?\s*(?::|-|of\b)",
    re.IGNORECASE,
)
# "Fever absent" denies the fever; an absent reflex is a finding.
_ABSENT = re.compile(r"(?!.*\breflex)[^,;]*\babsent\s*", re.IGNORECASE)
# What relatives have; not whom an organ came from, who did it, or who tells of it.
_RELATIVE = re.compile(
    r"(?<!\bby )(?<!\bwith )(?<!\bfrom )\b(?:sister|brother|sibling|husband|wife|spouse|partner|son"
    r"|daughter|parent|cousin|aunt|uncle|grand(?:mother|father|parent|ma|pa))s?\b"
    r"(?!\W*(?:report|stat|say|said|tell|told|notic|note|observe|describe|concern|worr|call|brought))",
    re.IGNORECASE,
)
_FROM_A_DONOR = re.compile(r"transplant|graft|donor|donat", re.IGNORECASE)
# A code for looking, preventing or fearing says nothing about having (2.3, rule 6). The "initial encounter
# for closed fracture" of an injury's title is about having it, and so is a visit for palliative care.
_NOT_ABOUT_HAVING = re.compile(
    r"\b(?:screening|(?<!initial )(?<!subsequent )encounter for(?! palliative)|vaccin\w*|immuni[sz]ation"
    r"|prophyla\w*|at risk|risk of|fear of|exposure to|contact with|counsel\w*|education)\b"
    # Tests for HIV, and what keeps it away; a positive test is about having it.
    r"|\bhiv\b(?:[\s/,\-12]|\band\b)*\b(?:test\w*|antibod\w*|antigen|a[bg]|rna|viral load|serolog\w*"
    r"|screen\w*|status|risk|expos\w*|contact|prep|prevent\w*|non\W?reactive|seronegative)\b"
    r"(?!\W*(?:results?\W*)?(?:positive|reactive))"
    r"|\b(?:test(?:s|ed|ing)?|screen(?:ed)?|risk|risk factors?|prep|worried|concern\w*)"
    r"\s+(?:for|about)\s+hiv\b",
    re.IGNORECASE,
)
_HISTORY = re.compile(r"\b(?:history of|h/o|hx of)", re.IGNORECASE)
# "Without contrast" is what is ordered, not what is denied.
_DENIALS_OF = {"procedure": _DENIALS - {"without"}}
# In an allergy list "do not give" and "no NSAIDs" forbid the drug: only "no NSAID allergy" denies one.
_FORBIDS = re.compile(
    r"\b(?:do|must|should|shall|may|can)\s+not\s+(?:be\s+)?"
    r"(?:giv|tak|us|prescrib|administer|dispens|order|receive|tolerat)\w*"
    r"|\bdoes\s+not\s+tolerate\b"
    r"|\bnot\s+(?:to\s+(?:be|give|take|use)|tolerat\w*|allowed|permitted|recommended|suitable|advised)\b"
    r"|\bno\s+(?:(?:more|oral|systemic|other|any)\s+)*(?:nsaids?|aspirin|asa|salicylates?|ibuprofen)\b"
    r"(?!(?:(?!\s-\s)[^.;:(]){0,80}\b(?:known|allerg|intoler|react|sens|hypersens|advers|problem|histor)\w*)",
    re.IGNORECASE,
)
# Malignancy and injection drug use count for life: "history of" does not weaken them.
_HISTORY_COUNTS = frozenset(
    {
        "red-flag/malignancy-current",
        "red-flag/malignancy-history",
        "red-flag/malignancy-possible",
        "red-flag/cancer-treatment",
        "red-flag/iv-drug-use",
        "red-flag/iv-drug-use-possible",
    }
)
# Other necks than that of the spine: "pain in neck of femur" is none of ours.
_OTHER_NECK = re.compile(
    r"\bneck\s+of\s+(?:(?:the|left|right|both)\s+)*(?:femurs?|thigh|hip|humerus|radius|fibula|talus|scapula|glenoid"
    r"|mandible|rib|(?:urinary\s+|gall\s?)?bladder|uterus|womb|pancreas|tooth|teeth|penis)\b"
    r"|\bneck[\s-]+(?:femur|humerus)\b"
    r"|\b(?:femoral|femur|humeral|humerus|radial|talar|glenoid|(?:gall)?bladder|vesical|uterine)[\s-]+neck\b",
    re.IGNORECASE,
)
# Words a phrase is looked for without, besides with them: "weakness of right arm".
_SIDES = frozenset({"left", "right"})
_LEVEL = re.compile(r"c[1-8]|t1")
_WHOLE_TEXT = frozenset({"measurement", "value"})
NONE: frozenset[str] = frozenset()

Words = tuple[str, ...]


def words_of(text: str) -> Words:
    """Lower-case words and numbers of a text; whatever is no ASCII letter or figure parts them."""
    if text.isascii():
        return tuple(text.translate(_PARTED).split())
    return tuple(_WORD.findall(text.lower()))


def _words_of_ours(text: str) -> Words:
    """The words of a text, without necks that are not the patient's neck."""
    words = words_of(text)
    return words_of(_OTHER_NECK.sub(" ", text)) if "neck" in words else words


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases by domain.

    Attributes:
        phrases: Domain to phrase to concepts; an ignored phrase has none.
        starts: Domain to first word to the phrases that begin with it, longest first.
        words: Name of a word list ("neck", "left", "local_forms") to its phrases by their first word.
    """

    phrases: Mapping[str, Mapping[Words, frozenset[str]]]
    starts: Mapping[str, Mapping[str, tuple[Words, ...]]]
    words: Mapping[str, Mapping[str, tuple[Words, ...]]]

    def concepts(self, text: str, domains: Iterable[str]) -> frozenset[str]:
        """Concepts the text names in the first domain that knows any; empty when it denies anything."""
        words = _words_of_ours(text)
        for domain in domains:
            found = self._concepts(text, words, domain)
            if found:
                return found
        return NONE

    def _concepts(self, text: str, words: Words, domain: str) -> frozenset[str]:
        if domain in _WHOLE_TEXT:
            return self.phrases[domain].get(words, NONE)
        starts = self.starts[domain]
        if starts.keys().isdisjoint(words):
            return NONE
        known = self.phrases[domain]
        named = NONE.union(*[known[phrase] for phrase in _found(words, starts)])
        if not named or _denies(text, words, domain):
            return NONE
        return named & _HISTORY_COUNTS if domain == "clinical" and _HISTORY.search(text) else named

    def first(self, text: str, domain: str) -> str:
        """The first phrase of the domain in the text, as written in the list; "" for none."""
        found = _longest(words_of(text), self.starts[domain])
        return " ".join(found[0]) if found else ""

    def words_in(self, text: str, lists: Iterable[str]) -> frozenset[str]:
        """Names of the word lists of which the text holds a phrase."""
        words = _words_of_ours(text)
        return frozenset([name for name in lists if _holds(words, self.words[name])])

    def is_made_of(self, text: str, lists: Iterable[str]) -> bool:
        """Whether each word of the text begins a phrase of the word lists."""
        known = frozenset[str]().union(*(self.words[name] for name in lists))
        return known.issuperset(words_of(text))


def _found(words: Words, starts: Mapping[str, tuple[Words, ...]]) -> list[Words]:
    """Phrases of the text, and of the text without its levels and sides ("tender over C5 vertebral body")."""
    found = _longest(words, starts)
    bare = tuple([word for word in words if word not in _SIDES and not _LEVEL.fullmatch(word)])
    return found if len(bare) == len(words) else found + _longest(bare, starts)


def _longest(words: Words, starts: Mapping[str, tuple[Words, ...]]) -> list[Words]:
    """Phrases of the text from left to right; a longer one swallows what stands inside it."""
    found: list[Words] = []
    after = 0
    for at, word in enumerate(words):
        if at < after or word not in starts:
            continue
        for phrase in starts[word]:
            if words[at : at + len(phrase)] == phrase:
                found.append(phrase)
                after = at + len(phrase)
                break
    return found


def _denies(text: str, words: Words, domain: str) -> bool:
    if domain == "allergy":
        text = _FORBIDS.sub(" ", text)
        words = words_of(text)
    denials = _DENIALS_OF.get(domain, _DENIALS)
    if not denials.isdisjoint(words) or _DENYING_MARKS.search(text):
        return True
    if domain in ("clinical", "allergy") and _RELATIVE.search(text) and not _FROM_A_DONOR.search(text):
        return True
    return domain == "clinical" and bool(_NOT_ABOUT_HAVING.search(text) or _ABSENT.fullmatch(text))


def _holds(words: Words, starts: Mapping[str, tuple[Words, ...]]) -> bool:
    return not starts.keys().isdisjoint(words) and bool(_longest(words, starts))


def build_phrases(data: Mapping[str, Mapping[str, list[str]]]) -> Phrases:
    """Phrases from the data file: domain to concept to phrases, ``ignored`` and ``words`` apart."""
    domains: dict[str, dict[Words, frozenset[str]]] = {}
    for domain, concepts in data.items():
        if domain in ("ignored", "words"):
            continue
        table: dict[Words, set[str]] = {words_of(phrase): set() for phrase in data["ignored"].get(domain, ())}
        for concept, phrases in concepts.items():
            for phrase in phrases:
                table.setdefault(words_of(phrase), set()).add(concept)
        domains[domain] = {phrase: frozenset(found) for phrase, found in table.items()}
    starts = {domain: _by_first_word(table) for domain, table in domains.items()}
    lists = {
        name: _by_first_word({words_of(phrase) for phrase in phrases})
        for name, phrases in data["words"].items()
    }
    return Phrases(domains, starts, lists)


def _by_first_word(phrases: Iterable[Words]) -> dict[str, tuple[Words, ...]]:
    starts: dict[str, list[Words]] = {}
    for phrase in phrases:
        starts.setdefault(phrase[0], []).append(phrase)
    return {word: tuple(sorted(found, key=len, reverse=True)) for word, found in starts.items()}
