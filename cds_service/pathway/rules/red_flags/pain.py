"""Pain that resists treatment (R21) and vertebral tenderness (R22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import Reading, with_notes
from cds_service.pathway.facts import Measurement, Statement
from cds_service.pathway.finding import Evidence, Finding
from cds_service.pathway.record import day
from cds_service.pathway.rules.red_flags.chart import Chart, conclude
from cds_service.pathway.rules.red_flags.concepts import MEASURED
from cds_service.pathway.rules.red_flags.numbers import measured, reaches
from cds_service.pathway.vocabulary import Presence, Site

if TYPE_CHECKING:
    from collections.abc import Iterable

_HERE = frozenset({Site.NECK, Site.OCCIPUT})
_INTRACTABLE = "intractable"


def intractable_pain(chart: Chart) -> Finding:
    """R21: pain of the neck coded intractable in spite of enough days of therapy."""
    days = chart.thresholds.intractable_lookback_days
    coded = chart.read("R21", days)
    about_neck = tuple(e for e in coded.present if _is_of_neck(e)) + _index_pain(chart, days)
    unplaced = tuple(
        with_notes(e, "site-not-stated") for e in coded.present if not _sites(e) and not _is_of_neck(e)
    )
    possible = tuple(e for e in coded.possible if not _sites(e) or _is_of_neck(e))
    if chart.trial.days < chart.thresholds.intractable_therapy_days:
        doubted = tuple(with_notes(e, "therapy-too-short") for e in about_neck)
        return conclude(chart, "R21", Reading((), doubted + unplaced + possible, coded.absent))
    scores = _severe_scores(chart, days)
    return conclude(chart, "R21", Reading(about_neck, unplaced + possible + scores, coded.absent))


def _sites(evidence: Evidence) -> frozenset[Site]:
    return evidence.fact.sites if isinstance(evidence.fact, Statement) else frozenset()


def _is_of_neck(evidence: Evidence) -> bool:
    """A neck or occipital site, or a statement about a pain of this pathway."""
    fact = evidence.fact
    if isinstance(fact, Statement) and fact.sites & _HERE:
        return True
    return isinstance(fact, Statement) and any(c.startswith("presenting/") for c in fact.concepts)


def _index_pain(chart: Chart, days: int) -> tuple[Evidence, ...]:
    """The pain's own entry, when it says intractable."""
    stated = [
        p
        for p in chart.episode.pains
        if _INTRACTABLE in p.qualities and "red-flag/intractable-pain" not in p.concepts
    ]
    current = [
        p for p in stated if p.presence is Presence.PRESENT and chart.record.is_within(p.newest_on, days)
    ]
    return tuple(Evidence("R21", p, p.newest_on) for p in current)


def _severe_scores(chart: Chart, days: int) -> tuple[Evidence, ...]:
    """The newest pain score and an earlier one, both severe and far enough apart."""
    limits = chart.thresholds
    scores = [m for m in chart.record.measured(MEASURED["R21"]) if chart.record.is_within(day(m.taken), days)]
    newest = max((m.taken.on for m in scores if m.taken), default=None)
    if newest is None or not chart.record.is_within(newest, limits.severe_pain_latest_within_days):
        return ()
    severe = [m for m in scores if reaches(m, limits.severe_pain_score)]
    latest = [m for m in severe if m.taken and m.taken.on == newest]
    earlier = [m for m in severe if m.taken and (newest - m.taken.on).days >= limits.severe_pain_apart_days]
    return _as_pair(latest, earlier)


def _as_pair(latest: Iterable[Measurement], earlier: Iterable[Measurement]) -> tuple[Evidence, ...]:
    late = tuple(measured("R21", m, "severe-score") for m in latest)
    early = tuple(measured("R21", m, "severe-score") for m in earlier)
    return late + early if late and early else ()


def vertebral_tenderness(chart: Chart) -> Finding:
    """R22: tender over the bone; neck tenderness without a site is possible, muscle tenderness nothing."""
    return conclude(chart, "R22", chart.read("R22", chart.thresholds.tenderness_lookback_days))
