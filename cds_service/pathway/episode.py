"""The pain that qualifies and its clock: index condition, onset, day count (2.2, I-14)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cds_service.pathway.assessment import Episode, OnsetKind
from cds_service.pathway.qualifying import STRUCTURAL, active_pains, is_active_pain, is_stale, is_symptom

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import Statement
    from cds_service.pathway.vocabulary import When


def assess_episode(case: NeckPainCase, thresholds: Thresholds) -> Episode | None:
    """The current episode; None when no active, current pain qualifies.

    With an order in hand an entry beyond the stale guard still qualifies, when there is no other.
    """
    active = active_pains(case)
    pains = tuple(s for s in active if not is_stale(s, case, thresholds))
    if case.orders is not None:
        pains = pains or active
    if not pains:
        return None
    index = min(pains, key=_rank)
    onset, kind = onset_of(index)
    day = (case.as_of - onset.on).days if onset else None
    return Episode(index, _others(case, index), onset, kind, day, pains)


def onset_of(statement: Statement) -> tuple[When | None, OnsetKind]:
    """When the pain began, and which source says so.

    A recurrence does not begin with the first episode: its onset is unknown unless it was recorded later.
    """
    if statement.is_recurrence and statement.onset is not None:
        recorded = statement.recorded
        if recorded is not None and recorded.on > statement.onset.on:
            return recorded, OnsetKind.RECORDED
        return None, OnsetKind.UNKNOWN
    if statement.onset is not None:
        return statement.onset, OnsetKind.DOCUMENTED
    if statement.recorded is not None and not (statement.is_order_reason and statement.kind != "Condition"):
        kind = OnsetKind.ENCOUNTER if statement.kind == "Encounter" else OnsetKind.RECORDED
        return statement.recorded, kind
    if statement.first_mentioned is not None:
        return statement.first_mentioned, OnsetKind.ENCOUNTER
    return None, OnsetKind.UNKNOWN


def _rank(statement: Statement) -> tuple[bool, date, str]:
    """Reasons for today's visit or order first, then the earliest onset; an unknown one comes last.

    A reason that is only written on the order has no onset, and does not take one from the problem list.
    """
    onset, _ = onset_of(statement)
    is_reason = statement.is_current_encounter or (statement.is_order_reason and onset is not None)
    return not is_reason, onset.on if onset else date.max, statement.source.ref


def _others(case: NeckPainCase, index: Statement) -> tuple[Statement, ...]:
    """Other active neck conditions, for the detail."""
    return tuple(
        s
        for s in case.statements
        if s is not index
        and is_active_pain(s)
        and (is_symptom(s) or s.concepts & STRUCTURAL)
        and s.kind == "Condition"
    )
