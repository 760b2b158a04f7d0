"""What a question, or the heading of some, makes of the answers: the patient's, somebody else's, or in doubt.

Only what is surely not the patient's may be passed over. Where a doubt remains an answer that would be a
finding is named as not understood, since a finding that is passed over looks like a clean chart
(pathway specification 2.3, rules 6 and 7).
"""

from __future__ import annotations

from enum import IntEnum

from cds_service.text_patterns import text_pattern


class Bearing(IntEnum):
    """Whose an answer is, the stronger doubt the higher."""

    OWN = 0
    IN_DOUBT = 1
    NOT_OWN = 2


_WHO = (
    r"(?:(?:grand|step)?(?:mother|father|mom|mum|dad|parent|son|daughter)|sister|brother|sibling|husband|wife"
    r"|spouse|partner|cousin|aunt|uncle|niece|nephew|relative|next of kin)s?"
)
# Who tells, who is there, what they are called, and care that has the family in its name.
_BESIDE_THE_POINT = text_pattern(
    r"\b(?:by|with|from|per|informant|historian|caring for)\W+(?:(?:the|a|his|her|their|patient's)\s+)?"
    rf"(?:{_WHO}|family)\b(?!\W*(?:(?:medical|health)\s+)?(?:history|hx|members?\s+with))"
    rf"|\b(?:{_WHO}|family(?:\s+members?)?)\s+(?:is\s+|was\s+|were\s+|are\s+)?"
    r"(?:report|stat|say|said|tell|told|notic|not(?:e[ds]?|ing)\b|observe|describe|concern|worr|call|brought"
    r"|present\b(?!\s+illness)|accompan|at\s+bedside|tongue)\w*"
    rf"|\b(?:{_WHO})'s\s+(?:\w+\s+)?(?:name|phone|number|contact|occupation|address|language)\b"
    r"|\b(?:family|child|children)(?:\s+and\s+(?:family|child|children))*\s+(?:health|nurse|practi\w+|physician|doctor"
    r"|clinic|medicine|care|planning|services?|cent(?:er|re)|team|gp|np|dr|status)\b"
)
_SOMEBODY = text_pattern(
    rf"\b(?:{_WHO}|famil(?:y|ies|ial)|fhx?|household|hereditary|genetic|[mp]aternal|newborn|fetus|fetal)\b"
    r"|\b(?:sick|close)\s+contacts?\b|\baround\s+you\b|\bpeople\s+you\s+live\b"
)
_SOMEBODY_ELSE = text_pattern(
    r"\bfamil\w+\s+(?:(?:medical|health|social)\s+)?(?:history|hx|members?|risks?|diseases?|conditions?)\b"
    rf"|\bfhx?\b|\b(?:history|hx)\b.*\b(?:famil|{_WHO})|^\W*{_WHO}\b(?!\s+observation|\s+panel)|\b{_WHO}'"
    rf"|\b(?:in|of|your|any|blood|has|have|had|did)\s+(?:(?:a|an|any|the|your|his|her|first|second|degree|close|blood)"
    rf"[\s-]+)*(?:family\b(?!\s+and)|{_WHO})|\b{_WHO}\s+(?:has|have|had|with)\b"
    r"|\b[mp]aternal\s+(?:history|hx|side)\b|\bhousehold\s+(?:contact|member)s?\b|\b(?:sick|close)\s+contacts?\b"
    r"|\baround\s+you\b|\bpeople\s+you\s+live\b"
)
_THE_PATIENT_TOO = text_pattern(
    r"\b(?:personal|past|surgical|lifestyle|yourself|self|own|substance)\b|\bpatient\b(?!'s)"
    r"|\b(?:medical|social)\s*(?:,|and\b|&|/)|(?:,|\band|&|/)\s*(?:social|medical)\b"
    r"|\byou\s*(?:or|and|/)|\b(?:or|and)\s+you\b"
)
# The heading of findings that were looked for and not found, or only looked for.
_DENIED = text_pattern(
    r"^\W*(?:(?:the|patient|pt|she|he)\s+)*(?:denie[sd]|denials?|denying|negatives?|absen(?:t|ce)|never\s+had|free\s+of"
    r"|ruled\s+out|rule\s+out|without|not?\b(?!\.|\s*[/\d]|\s+(?:listed|otherwise|elsewhere|mentioned)))\b"
    r"|\b(?:do|does|did)\s+(?:you\s+|the\s+patient\s+|he\s+|she\s+)?not\s+(?:currently\s+)?have\b"
    r"|\bnegative\s+for\b|\b(?:pertinent|relevant)\s+negatives?\b|\b(?:patient|pt)\s+denie[sd]\b"
    r"|\b(?:denied|ruled\s+out|excluded|screened\s+for|tested\s+for)\W*$"
)
# What is feared, prevented, looked for or taught may be had as well.
_PERHAPS_NOT_HAD = text_pattern(
    r"\b(?:absence\s+of|free\s+of|r/o|rule[ds]?\s+out|denial|(?:fear|afraid)\s+of|(?:worried|concern\w*)\s+(?:about|for)"
    r"|risk\s+of(?!\s+fall)|at\s+risk|exposures?(?!.*symptom)|exposed\s+to|contact\s+with|prophyla\w*|prevent\w*"
    r"|(?:screen\w*|test(?:ed|ing)?)\s+for|educat\w+\s+(?:topics?|given|provided|on|about)"
    r"|counsel\w*\s+(?:topics?|given|provided|on|about))\b"
)
_FORM = text_pattern(
    r"\?|\(?\s*\b(?:yes|y)\s*(?:/|or)\s*(?:no|n)\b\s*\)?|\(?\s*\bno\s*(?:/|or)\s*yes\b\s*\)?"
)


def as_asked(text: str) -> str:
    """A question without the mark and the choices it ends with: it asks, and neither doubts nor denies."""
    return _FORM.sub(" ", text).strip()


def about_whom(text: str) -> Bearing:
    """Whose answers stand below a question or heading: of relatives and people around, they are not read."""
    rest = _BESIDE_THE_POINT.sub(" ", text)
    if not _SOMEBODY.search(rest):
        return Bearing.OWN
    if _SOMEBODY_ELSE.search(rest) and not _THE_PATIENT_TOO.search(rest):
        return Bearing.NOT_OWN
    return Bearing.IN_DOUBT


def below(text: str) -> Bearing:
    """What a heading makes of an affirmation below it: of a denial, it is none."""
    return Bearing.NOT_OWN if _DENIED.search(text) else about_whom(text)


def of_answer(text: str) -> Bearing:
    """What a question makes of a finding its own answer names."""
    found = below(text)
    if found is Bearing.OWN and _PERHAPS_NOT_HAD.search(text):
        return Bearing.IN_DOUBT
    return found
