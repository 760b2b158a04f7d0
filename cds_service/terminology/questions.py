"""What a question, or the heading of some, makes of the answers: the patient's, somebody else's, or in doubt.

Only what is surely not the patient's may be passed over. Where a doubt remains an answer that would be a
finding is named as not understood, since a finding that is passed over looks like a clean chart
(pathway specification 2.3, rules 6 and 7).
"""

from __future__ import annotations

from enum import IntEnum

from cds_service.terminology.negation import RELATIONS
from cds_service.text_patterns import text_pattern
from cds_service.value import Value


class Bearing(IntEnum):
    """Whose an answer is, the stronger doubt the higher."""

    OWN = 0
    IN_DOUBT = 1
    NOT_OWN = 2


# "Relative" alone is an adjective.
_WHO = (
    rf"(?:(?:(?:step)?(?:mother|father|{'|'.join(RELATIONS)})|(?:blood |close )relative|relatives|parent)s?"
    r"|next of kin)"
)
_SEVERAL = rf"{_WHO}(?:\s*(?:,|/|\band|\bor)\s*(?:your\s+)?{_WHO}){{0,3}}"
# Who tells, who is there, what they are called, and care that has the family in its name.
_BESIDE_THE_POINT = text_pattern(
    r"\b(?:by|with|from|per|via|informant|historian|caring for)\W{1,3}"
    r"(?:(?:the|a|his|her|your|their|patient's|pt's)\s)?"
    rf"(?:{_SEVERAL}|family)\b(?!\W{{0,3}}(?:(?:medical|health)\s)?(?:history|hx|members?\s+with))"
    rf"|\b(?:{_WHO}|family(?:\s+members?)?)[\s-](?:is\s|was\s|were\s|are\s)?"
    r"(?:report|stat|say|said|tell|told|notic|not(?:e[ds]?|ing)\b|observe|describe|concern|worr|call|brought"
    r"|interpret|think|present\b(?!\s+illness)|accompan|at\s+bedside|tongue)\w*"
    rf"|\b{_WHO}'s\s+(?:\w+\s+)?(?:name|phone|number|contact|occupation|address|language|report|account|concern)s?\b"
    r"|\b(?:family|child|children)(?:\s+and\s+(?:family|child|children))?\s+(?:health|nurse|practi\w+|physician|doctor"
    r"|clinic|medicine|care|planning|services?|cent(?:er|re)|team|gp|np|dr|status|chiropractic|support)\b"
)
_SOMEBODY = text_pattern(
    rf"\b(?:{_WHO}|famil(?:y|ies|ial)|fam|fhx?|f/h|famhx|household|hereditary|genetic|[mp]aternal|newborn|fetus|fetal)\b"
    r"|\b(?:sick|close)\s+contacts?\b|\baround\s+you\b|\bpeople\s+you\s+live\b|\banyone\s+(?:in|at)\b"
)
_FAMILY_HISTORY = (
    r"fam(?:ily|ilial)?\.?\s*(?:(?:medical|health)\s+)?"
    r"(?:history|hx|members?|conditions?|diseases?|illness(?:es)?|risks?)"
)
# Whole questions and headings, and nothing beside: these alone are passed over in silence.
_SOMEBODY_ELSE = text_pattern(
    r"^\W*(?:"
    r"(?:(?:do|does|is|are|any|a|you|there|have|known|relevant|significant|positive)\s+){0,5}"
    rf"{_FAMILY_HISTORY}(?:\s*(?:[:(-]|\b(?:of|with|for|who)\b).{{0,80}})?"
    r"|(?:fhx?|f/h)(?:\s*(?:[:(-]|\bof\b).{0,80})?"
    rf"|(?:(?:first|1st|second|2nd)[\s-]degree\s|blood\s)?{_SEVERAL}(?:(?:'s?|\s+(?:had|has|with))?\s*:?\s*(?:medical\s+)?"
    r"(?:history|hx|conditions?|diagnos\w+|illness\w*|diseases?|cancers?|symptoms?|with))?"
    r"|(?:has|have|had|did|does|do)\s+(?:any\s+of\s+)?(?:(?:your|a|an|any|the|patient's|close|blood|first|second|degree)"
    rf"[\s-]+){{1,4}}(?:{_SEVERAL}|family(?:\s+members?)?)\s+(?:ever\s+)?(?:had|has|have|been\s+diagnosed|suffer\w*)\b"
    r"(?!\s+any\s+(?:concern|question))"
    r"(?!.*\byou\b).{0,80}"
    r"|(?:(?:has|does|is)\s+)?any(?:one|body)\s+(?:else\s+)?(?:in\s+your|at|around)\s+(?:household|home|family|house|you)\b"
    r"(?!.*\byou\b).{0,80}"
    rf"|(?:(?:any|a|known)\s+)?(?:history|hx)\s+of\s.{{1,40}}\sin\s+(?:(?:your|the|a|his|her)\s+)?(?:family|{_WHO})"
    r"|(?:sick|close|household)\s+contacts?(?:\s+(?:symptoms?|history))?"
    r")\W*$"
)
_THE_PATIENT_TOO = text_pattern(
    r"\b(?:personal|past|surgical|lifestyle|yourself|self|own|substance|pt|pmhx?|pshx?|shx?|ros|hpi|including|review\s+of\s+systems)\b"
    r"|\bpatient\b(?!'s)|\b(?:medical|social)\s*(?:,|and\b|&|/)|(?:,|\band|&|/)\s*(?:social|medical)\b"
    r"|\byou\s*(?:or|and|,|&|/|\()|\b(?:or|and)\s+you\b"
)
# A heading that is a denial and nothing else; with anything beside it there is a doubt.
_DENIED = text_pattern(
    r"^\W*(?:(?:the|patient|pt|she|he|ros|review\s+of\s+systems|conditions?|diagnos[ei]s|diseases?|symptoms?)\W+){0,3}"
    r"(?:denie[sd]|denials?|denying|deny|negatives?|negs?|(?:pertinent|relevant)\s+negatives?|absent|absence|no(?:ne)?|without"
    r"|not\s+(?:present|reported|experienced)|(?:do|does|did)\s+not\s+(?:currently\s+)?(?:have|report)|reports?\s+no"
    r"|ruled\s+out|excluded|free\s+of)"
    r"(?:\s+(?:for|of|any|the|all|following|symptoms?|evidence|findings?|h/o|history|these|signs?|below)\b){0,6}\W*$"
    r"|^\W*(?:which|what)\s+of\s+these\s+(?:do|does|did)\s+(?:you\s+|the\s+patient\s+)?not\s+have\W*$"
    r"|^\W*(?:have|has)\s+(?:you|the\s+patient)\s+(?:ever\s+)?been\s+(?:screened|tested)\s+for\W*$"
)
_PERHAPS_DENIED = text_pattern(
    r"\b(?:denie[sd]|deny|negative\s+for|neg\s+for|(?:pertinent|relevant)\s+negatives?|ruled\s+out|excluded|not\s+have"
    r"|not\s+report|w/o)\b|\(-\)\W*$|\b(?:screened|tested)\s+for\W*$"
)
# What is feared, prevented, looked for or taught may be had as well.
_PERHAPS_NOT_HAD = text_pattern(
    r"\b(?:absence\s+of|free\s+of|r/o|rule[ds]?\s+out|denial|(?:fear|afraid)\s+of|(?:worried|concern\w*)\s+(?:about|for)"
    r"|risk\s+of(?!\s+fall)|at\s+risk(?!\s+for\s+fall)|exposures?(?!.*symptom)|exposed\s+to|contact\s+with|prophyla\w*"
    r"|prevent\w*|(?:screen\w*|test(?:ed|ing)?)\s+for|educat\w+\s+(?:topics?|given|provided|on|about)"
    r"|counsel\w*\s+(?:topics?|given|provided|on|about))\b"
)
_FORM = text_pattern(r"\?|(?:\(\s?)?\b(?:(?:yes|y)\s?(?:/|or)\s?(?:no|n)|no\s?(?:/|or)\s?yes)\b(?:\s?\))?")
# Nobody asks at greater length; whatever is longer is text.
_LONGEST = 500


def as_asked(text: str) -> str:
    """A question without the mark and the choices it ends with: it asks, and neither doubts nor denies."""
    return _FORM.sub(" ", text).strip()


def without_others(text: str) -> str:
    """A question about the patient and others, as one about the patient."""
    return _SOMEBODY.sub(" ", text[:_LONGEST])


class Bearings(Value, frozen=True):
    """What a question or heading makes of the answers.

    Attributes:
        subject: Of whom it asks: of relatives and people around nothing below it is read.
        of_parts: What it makes of an affirmation below it: of a denial, it is none.
        of_answer: What it makes of a finding its own answer names.
    """

    subject: Bearing
    of_parts: Bearing
    of_answer: Bearing


OWN = Bearings(Bearing.OWN, Bearing.OWN, Bearing.OWN)
NOT_OWN = Bearings(Bearing.NOT_OWN, Bearing.NOT_OWN, Bearing.NOT_OWN)


def bearings(text: str) -> Bearings:
    """What a question or heading makes of its answers."""
    asked, is_whole = text[:_LONGEST], len(text) <= _LONGEST
    subject = _subject(asked, is_whole=is_whole)
    parts = subject
    if is_whole and _DENIED.search(asked):
        parts = Bearing.NOT_OWN
    elif subject is Bearing.OWN and _PERHAPS_DENIED.search(asked):
        parts = Bearing.IN_DOUBT
    is_feared = parts is Bearing.OWN and _PERHAPS_NOT_HAD.search(asked)
    found = Bearings(subject, parts, Bearing.IN_DOUBT if is_feared else parts)
    return OWN if found == OWN else found


def _subject(asked: str, *, is_whole: bool) -> Bearing:
    if not _SOMEBODY.search(_BESIDE_THE_POINT.sub(" ", asked)):
        return Bearing.OWN
    is_theirs = is_whole and _SOMEBODY_ELSE.search(asked) and not _THE_PATIENT_TOO.search(asked)
    return Bearing.NOT_OWN if is_theirs else Bearing.IN_DOUBT
