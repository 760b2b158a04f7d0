"""Fixed phrases in texts that carry no code of ours.

A phrase counts as whole words, the longest wins, and a text that denies anything is not read at all
(pathway specification 2.3, rule 7). Nearly every text names nothing: that has to cost next to nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_service.terminology.negation import denies
from cds_service.terminology.words import words_of, words_of_ours
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cds_service.terminology.words import Words

_HISTORY = re.compile(r"\b(?:history of|h/o|hx of)", re.IGNORECASE)
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
# Words a phrase is looked for without, besides with them: "weakness of right arm".
_SIDES = frozenset({"left", "right"})
_LEVEL = re.compile(r"c[1-8]|t1")
_WHOLE_TEXT = frozenset({"measurement", "value"})
NONE: frozenset[str] = frozenset()


class Phrases(Value, frozen=True):
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
        words = words_of_ours(text)
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
        if not named or denies(text, words, domain):
            return NONE
        return named & _HISTORY_COUNTS if domain == "clinical" and _HISTORY.search(text) else named

    def first(self, text: str, domain: str) -> str:
        """The first phrase of the domain in the text, as written in the list; "" for none."""
        found = _longest(words_of(text), self.starts[domain])
        return " ".join(found[0]) if found else ""

    def words_in(self, text: str, lists: Iterable[str]) -> frozenset[str]:
        """Names of the word lists of which the text holds a phrase."""
        words = words_of_ours(text)
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
