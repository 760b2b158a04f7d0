"""Which statements are a pain that qualifies, and which are structure that never does alone (2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.record import newest_on
from cds_service.pathway.standing import ended_on
from cds_service.pathway.vocabulary import Presence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import Statement

RADICULOPATHY = "presenting/cervical-radiculopathy"
NEURALGIA = "presenting/occipital-neuralgia"
_SPONDYLOSIS = "presenting/spondylosis-with-radiculopathy"
SYMPTOMS = frozenset(
    {
        "presenting/neck-pain",
        "presenting/chronic-neck-pain",
        RADICULOPATHY,
        "presenting/occipital-headache",
        NEURALGIA,
        "presenting/cervicogenic-headache",
        "presenting/neck-muscle-spasm",
        "presenting/torticollis",
        "presenting/neck-strain",
    }
)
# Disc disease and spondylosis with radiculopathy are the pain's code when they are why someone came, or why
# something is ordered [I-17].
AT_THIS_VISIT = frozenset({"presenting/cervical-disc-disorder", _SPONDYLOSIS})
STRUCTURAL = frozenset(
    {
        "presenting/cervical-spondylosis",
        "presenting/cervical-disc-disorder",
        "presenting/cervical-facet-syndrome",
        "presenting/cervical-stenosis",
        "presenting/other-cervical-dorsopathy",
        _SPONDYLOSIS,
    }
)


def is_symptom(statement: Statement) -> bool:
    """Whether a statement names a pain that sets the clock."""
    named = statement.concepts & SYMPTOMS
    if _SPONDYLOSIS in statement.concepts:
        named -= {RADICULOPATHY}
    is_reason = statement.is_current_encounter or statement.is_order_reason
    return bool(named) or (is_reason and bool(statement.concepts & AT_THIS_VISIT))


def is_active_pain(statement: Statement) -> bool:
    """Active, not refuted; unconfirmed, provisional and differential still count as pain."""
    return statement.presence is not Presence.ABSENT and statement.is_active


def active_pains(case: NeckPainCase) -> tuple[Statement, ...]:
    """Active symptom statements that no later entry has ended.

    Disease that is the reason of this visit, or of an order, may be told by a code alone; its entry on the
    problem list is the same pain, and knows since when.
    """
    symptoms = [s for s in case.statements if is_symptom(s)]
    reasons = AT_THIS_VISIT & frozenset[str]().union(*(s.concepts for s in symptoms))
    named = [s for s in case.statements if is_symptom(s) or s.concepts & reasons] if reasons else symptoms
    active = [s for s in named if is_active_pain(s)]
    return tuple(s for s in active if not _is_over(s, named))


def _is_over(pain: Statement, named: Iterable[Statement]) -> bool:
    """Whether a mere mention (visit, finding, questionnaire) is of an episode recorded as over since.

    A problem-list entry carries a status of its own and is over when that says so.
    """
    if pain.kind == "Condition" or pain.is_current_encounter or pain.recorded is None:
        return False
    said = pain.recorded.on
    return any(_ends(other, said) for other in named if other.concepts & pain.concepts)


def _ends(other: Statement, said: date) -> bool:
    """Whether another entry says that what was so on a day is over since."""
    if other.presence is Presence.ABSENT:
        return other.recorded is not None and other.recorded.on > said
    if other.is_active:
        return False
    ended = ended_on(other)
    return ended is not None and ended >= said


def is_stale(statement: Statement, case: NeckPainCase, thresholds: Thresholds) -> bool:
    """Whether the newest dated evidence is beyond the stale guard; an undated entry is not known to be."""
    newest = newest_on(statement, case.as_of)
    return newest is not None and (case.as_of - newest).days > thresholds.stale_after_days
