"""What is not documented, documented as absent, not readable or not interpretable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.cards.evidence_text import flag_phrase, measured
from cds_service.cards.markdown import escaped
from cds_service.pathway.facts import Measurement
from cds_service.pathway.finding import FlagState
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cds_service.cards.wording import Words
    from cds_service.pathway.finding import Decision, Finding

# The fixed order of the list (wording guide), with the flags each entry stands for.
_STRENGTH_ITEM = "not-documented.strength"
_ITEMS = (
    ("not-documented.temperature", ("R5",)),
    ("not-documented.weight", ("R6",)),
    ("not-documented.night-sweats", ("R7",)),
    ("not-documented.markers", ("R8", "R9", "R10")),
    ("not-documented.cancer", ("R11",)),
    ("not-documented.immunosuppression", ("R12",)),
    ("not-documented.injection-drug-use", ("R13",)),
    (_STRENGTH_ITEM, ("R14",)),
    ("not-documented.sensation", ("R15", "R19")),
    ("not-documented.bilateral", ("R16",)),
    ("not-documented.gait", ("R17",)),
    ("not-documented.bladder", ("R18",)),
    ("not-documented.plantar", ("R20",)),
    ("not-documented.tenderness", ("R22",)),
)
# What is named when only a part of an entry is missing.
_PARTS = {
    "R8": "not-documented.esr",
    "R9": "not-documented.crp",
    "R10": "not-documented.wbc",
    "R15": "not-documented.sensation-alone",
    "R19": "not-documented.hyperreflexia",
}
_MOST_UNCLEAR = 5


class Gaps(Value, frozen=True):
    """What the record does not say, in words; and what could not be read or understood."""

    not_documented: tuple[str, ...]
    absent: tuple[str, ...]
    not_read: tuple[str, ...]
    unread_flags: tuple[str, ...]
    not_interpretable: tuple[str, ...]


def gaps_of(decision: Decision, words: Words) -> Gaps:
    """The gaps of a case, in the fixed order of the wording guide."""
    by_state: dict[FlagState, list[Finding]] = {state: [] for state in FlagState}
    for finding in decision.findings:
        by_state[finding.state].append(finding)
    undocumented = {finding.rule for finding in by_state[FlagState.NOT_DOCUMENTED]}
    undocumented |= {finding.rule for finding in decision.findings if finding.lacks}
    unread = by_state[FlagState.NOT_READABLE]
    return Gaps(
        not_documented=tuple(_not_documented(undocumented, decision, words)),
        absent=tuple([_absent(finding, words) for finding in by_state[FlagState.ABSENT]]),
        not_read=tuple(dict.fromkeys([words.fill(f"data.{key}") for key in sorted(decision.unread)])),
        unread_flags=tuple(
            words.fill(f"flag.{f.rule}") for f in unread if f"flag.{f.rule}" in words.guideline.wordings
        ),
        not_interpretable=tuple(_unclear(unread, decision, words)),
    )


def _not_documented(undocumented: Collection[str], decision: Decision, words: Words) -> Iterable[str]:
    for item, rules in _ITEMS:
        missing = [rule for rule in rules if rule in undocumented]
        if item == _STRENGTH_ITEM and _is_strength_shown(decision):
            continue
        if len(missing) == len(rules):
            yield words.fill(item)
        else:
            yield from [words.fill(_PARTS[rule]) for rule in missing]
    if decision.facts.get("course") == "unknown" and decision.facts.get("therapy_days"):
        yield words.fill("not-documented.response")


def _is_strength_shown(decision: Decision) -> bool:
    """Whether a graded exam is evidence of a deficit: strength is documented then, though not its course."""
    deficits = (finding for finding in decision.findings if finding.rule == "R15")
    return any(isinstance(e.fact, Measurement) for finding in deficits for e in finding.evidence)


def _absent(finding: Finding, words: Words) -> str:
    """The flag's name, with the newest raised result that a later, normal one has replaced."""
    name = words.fill(f"flag.{finding.rule}")
    replaced = next((e for e in finding.evidence if "superseded" in e.notes), None)
    if replaced is None:
        return name
    return f"{name} ({flag_phrase(replaced, words)}: {words.fill('note.superseded')})"


def _unclear(unread: Iterable[Finding], decision: Decision, words: Words) -> Iterable[str]:
    found = [*_open_comparators(unread, words)]
    for item in decision.unclear:
        why = words.fill(f"not-interpretable.{item.why}")
        found.append(f"{escaped(item.what)} ({escaped(item.ref)}): {why}")
    yield from found[:_MOST_UNCLEAR]
    if len(found) > _MOST_UNCLEAR:
        yield words.fill("fixed.more", {"more": len(found) - _MOST_UNCLEAR})


def _open_comparators(unread: Iterable[Finding], words: Words) -> Iterable[str]:
    """Values of which the record says only that they lie above or below something: "CRP <20 mg/L"."""
    why = words.fill("not-interpretable.comparator")
    open_ones = ((e.fact, e.source.ref) for finding in unread for e in finding.evidence)
    return (
        f"{measured(fact, words)} ({escaped(ref)}): {why}"
        for fact, ref in open_ones
        if isinstance(fact, Measurement) and fact.comparator
    )
