"""What the loader checks beyond shape: references between files, and wordings that can be said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cds_service.errors import GuidelineError
from cds_service.guideline.model import NOT_REVIEWED, Review
from cds_service.guideline.reviews import review_states

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.guideline.model import Guideline, Wording

# CDS Hooks: a summary has fewer than 140 characters.
SUMMARY_LIMIT = 139
KINDS = (
    "summary",
    "line",
    "note",
    "order-note",
    "suggestion",
    "why",
    "flag",
    "term",
    "not-documented",
    "not-interpretable",
    "data",
    "fixed",
)
_SLOT = re.compile(r"\{([a-z_]+)\}")
_BRACKETED = re.compile(r"\[[^\[\]]*\]")
_MARKDOWN = re.compile(r"[*`#<>|]|\]\(|__")
_FORBIDDEN = re.compile(r"\byou must\b|\binappropriate\b|!", re.IGNORECASE)
_MARK = re.compile(r"(?:I-\d+|C\d+|S\d+|R\d+[a-z]?|design)")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
# How long a slot can get in a summary: the longest words the data itself can put there.
_SLOT_SAMPLE = {
    "day": 4,
    "days": 4,
    "more": 2,
    "date": 11,
    "priority": 7,
    "needed": 7,
    "flag": 48,
    "modality": 14,
    "state": 15,
    "dose": 6,
    "maximum": 5,
    "reasons": 60,
    "cautions": 60,
}


def check_wordings(guideline: Guideline) -> None:
    """Raise GuidelineError for a wording that cannot be filled, shown or reviewed."""
    terms = (len(w.text) for key, w in guideline.wordings.items() if key.startswith("term.mri-"))
    longest_term = max(terms, default=0)
    for key, wording in guideline.wordings.items():
        kind = key.partition(".")[0]
        if kind not in KINDS:
            raise GuidelineError(f"wordings, {key}: unknown kind {kind!r}; one of {', '.join(KINDS)}")
        _check_braces(key, wording.text)
        if _FORBIDDEN.search(wording.text):
            raise GuidelineError(
                f"wordings, {key}: 'you must', 'inappropriate' and '!' are not said on cards"
            )
        if kind == "summary":
            _check_summary(key, wording, longest_term)


def _check_braces(key: str, text: str) -> None:
    rest = _SLOT.sub("", text)
    if "{" in rest or "}" in rest:
        raise GuidelineError(
            f"wordings, {key}: a slot is written {{name}}, lower case, and both braces are needed"
        )


def _check_summary(key: str, wording: Wording, longest_term: int) -> None:
    plain = _BRACKETED.sub("", wording.text)
    if "[" in plain or "]" in plain:
        raise GuidelineError(f"wordings, {key}: square brackets do not pair")
    if _MARKDOWN.search(plain):
        raise GuidelineError(f"wordings, {key}: a summary is plain text, without markdown")
    size = len(_SLOT.sub("", plain)) + sum(
        _SLOT_SAMPLE.get(slot, longest_term) for slot in _SLOT.findall(plain)
    )
    if size > SUMMARY_LIMIT:
        raise GuidelineError(
            f"wordings, {key}: may reach {size} characters; {SUMMARY_LIMIT} is the limit of a summary"
        )


def check_references(guideline: Guideline) -> None:
    """Raise GuidelineError for a rule, mark, article number, source, DOI or URL that leads nowhere."""
    for key, wording in guideline.wordings.items():
        _check_rules(f"wordings, {key}", {wording.rule} - {"design"}, guideline)
        _check_marks(f"wordings, {key}", wording.marks, wording.article, guideline)
    for name, number in guideline.numbers.items():
        _check_rules(f"thresholds, {name}", number.rules, guideline)
        if not number.article and not number.marks:
            raise GuidelineError(f"thresholds, {name}: needs 'article' numbers or 'marks' (I-n, S-n, design)")
        _check_marks(f"thresholds, {name}", number.marks, number.article, guideline)
    for rule_id, text in guideline.rules.items():
        _check_marks(f"rules, {rule_id}", text.marks, text.article, guideline)
        _check_sources(f"rules, {rule_id}", text.sources, guideline)
        if text.origin == "beyond the article" and not text.sources:
            raise GuidelineError(f"rules, {rule_id}: what is beyond the article needs 'sources'")
    _check_situations(guideline)
    for key, conflict in guideline.conflicts.items():
        _check_rules(f"conflicts, {key}", conflict.shown, guideline)
        _check_sources(f"conflicts, {key}", conflict.sources, guideline)
    for key, interpretation in guideline.interpretations.items():
        _check_sources(f"interpretations, {key}", interpretation.sources, guideline)
    _check_addresses(guideline)


def _check_situations(guideline: Guideline) -> None:
    for key, situation in guideline.order_situations.items():
        _check_rules(f"order_situations, {key}", {situation.rule}, guideline)
        if (situation.card == "silent") is bool(situation.wording):
            raise GuidelineError(f"order_situations, {key}: a card has a 'wording', silence has none")
        if situation.wording and f"summary.{situation.wording}" not in guideline.wordings:
            raise GuidelineError(f"order_situations, {key}: there is no wording summary.{situation.wording}")


def _check_rules(where: str, rules: Iterable[str], guideline: Guideline) -> None:
    for rule in rules:
        if rule not in guideline.rules:
            raise GuidelineError(f"{where}: rule {rule!r} is not in rules.yaml")


def _check_marks(where: str, marks: Iterable[str], article: Iterable[int], guideline: Guideline) -> None:
    tables = (guideline.interpretations, guideline.conflicts, guideline.rules, {"design"})
    for mark in marks:
        if not _MARK.fullmatch(mark) or not any(mark in table for table in tables):
            raise GuidelineError(f"{where}: mark {mark!r} is none of ours (I-n, C-n, S-n, a rule, design)")
    for number in article:
        if str(number) not in guideline.citations:
            raise GuidelineError(f"{where}: article number {number} is not in citations.yaml")


def _check_sources(where: str, sources: Iterable[str], guideline: Guideline) -> None:
    for source in sources:
        if source not in guideline.citations:
            raise GuidelineError(f"{where}: source {source!r} is not in citations.yaml")


def _check_addresses(guideline: Guideline) -> None:
    for key, citation in guideline.citations.items():
        if citation.doi is not None and not _DOI.fullmatch(citation.doi):
            raise GuidelineError(f"citations, {key}: {citation.doi!r} is not a DOI (10.nnnn/...)")
        if citation.url is not None and not citation.url.startswith("https://"):
            raise GuidelineError(f"citations, {key}: the url has to begin with https://")
    if not guideline.source.url.startswith("https://"):
        raise GuidelineError("guideline, source: the url has to begin with https://")


def check_reviews(guideline: Guideline) -> None:
    """Raise GuidelineError for a review nobody made, or cards that claim one while any entry is open."""
    states = list(review_states(guideline))
    for section, key, state in states:
        if not isinstance(state, Review):
            continue
        if not any(name.strip() for name in state.reviewed_by):
            raise GuidelineError(f"{section}, {key}: a review needs names in 'reviewed_by'")
        if state.next_review <= state.reviewed_on:
            raise GuidelineError(f"{section}, {key}: 'next_review' has to be after 'reviewed_on'")
    footer = guideline.wordings.get("fixed.footer")
    is_open = any(state == NOT_REVIEWED for _, _, state in states)
    if is_open and (footer is None or NOT_REVIEWED not in footer.text):
        raise GuidelineError(f"wordings, fixed.footer: has to say '{NOT_REVIEWED}' while anything is")
