"""The explanation extension: why the card appears, for software that wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cds_service.cards.evidence_text import sentence

if TYPE_CHECKING:
    from cds_service.cards.gaps import Gaps
    from cds_service.cards.wording import Words
    from cds_service.pathway.finding import Advice, Evidence

KEY = "org.neck-pain-cds.explanation"


def rules_of(advice: Advice) -> list[str]:
    """Every rule that shaped the card, card rule first."""
    return list(dict.fromkeys((*advice.rules, *(line.rule for line in advice.lines if line.rule))))


def explanation(advice: Advice, gaps: Gaps, words: Words) -> dict[str, Any]:
    """The extension's content; empty lists are left out."""
    evidence = [*advice.evidence, *(e for line in advice.lines for e in line.evidence)]
    content: dict[str, Any] = {
        "rules": rules_of(advice),
        "guidelineVersion": words.guideline.version,
        "evidence": _unique([_one(item, words) for item in evidence]),
        "notDocumented": list(gaps.not_documented),
        "notInterpretable": list(gaps.not_interpretable),
        "notRead": list(gaps.not_read),
    }
    return {key: value for key, value in content.items() if value}


def _one(evidence: Evidence, words: Words) -> dict[str, str]:
    found = {"rule": evidence.rule, "resource": evidence.source.ref, "text": sentence(evidence, words)}
    return found | ({"date": evidence.on.isoformat()} if evidence.on else {})


def _unique(items: list[dict[str, str]]) -> list[dict[str, str]]:
    return list({tuple(sorted(item.items())): item for item in items}.values())
