"""The trial of conservative therapy in the episode (2.6, I-3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from cds_service.pathway.assessment import NsaidLevel, NsaidSafety, Trial
from cds_service.pathway.finding import Evidence
from cds_service.pathway.record import day, record_of
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Episode
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import DrugRefusal, DrugUse, Service

NSAID, THERAPY = "drug/nsaid", "therapy/physical-therapy"
THERAPY_ORDERS = frozenset({THERAPY, "referral/physical-therapy"})
_TRIAL = "R33a"
# Prefetch keys that may hold conservative therapy.
_KEYS = frozenset(
    {
        *("medicationStatements", "medicationRequests", "medicationAdministrations"),
        *("procedures", "encounters", "appointments", "carePlans"),
    }
)


class Span(Value, frozen=True):
    """First and last day of a stretch of therapy."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Completed days."""
        return (self.last - self.first).days


def assess_trial(case: NeckPainCase, episode: Episode, nsaid: NsaidSafety, thresholds: Thresholds) -> Trial:
    """T and what is missing from an adequate trial, since the onset of this episode.

    Without an onset no day can be counted; then only what goes on now is documented.
    """
    since = episode.onset.on if episode.onset else None
    taken = [d for d in record_of(case).used((NSAID,)) if _is_in_episode(d, since)]
    sessions = _sessions(case, since, thresholds)
    spans = [*_drug_spans(taken, case.as_of), *_session_spans(sessions, case.as_of, thresholds)]
    covered = _union(spans, since, thresholds) if since else []
    total = sum(span.days for span in covered)
    has_nsaid, has_therapy = bool(taken), bool(sessions)
    excused = _excused(case, nsaid, since)
    return Trial(
        days=total,
        has_nsaid=has_nsaid,
        has_physical_therapy=has_therapy,
        is_referred=any(s.concepts & THERAPY_ORDERS and s.status != "done" for s in case.services),
        excused=excused,
        missing=_missing(
            {
                "nsaid": has_nsaid or "nsaid" in excused,
                "physical-therapy": has_therapy or "physical-therapy" in excused,
            },
            total,
            thresholds,
        ),
        started=min((max(span.first, since or span.first) for span in spans), default=None),
        is_nsaid_current=any(d.is_current for d in taken),
        is_unread=bool(_KEYS & case.readability.incomplete),
        evidence=_evidence(taken, sessions),
    )


def _is_in_episode(drug: DrugUse, since: date | None) -> bool:
    """Taken at some time since the onset; an undated course counts while it goes on."""
    if since is None:
        return drug.is_current
    end = day(drug.end or drug.start)
    return drug.is_current or (end is not None and end >= since)


def _drug_spans(drugs: Iterable[DrugUse], as_of: date) -> list[Span]:
    spans = []
    for drug in drugs:
        first = day(drug.start)
        last = as_of if drug.is_current else day(drug.end or drug.start)
        if first is not None and last is not None and first <= last:
            spans.append(Span(first, last))
    return spans


def _sessions(case: NeckPainCase, since: date | None, thresholds: Thresholds) -> list[Service]:
    """Dated sessions since the onset; without an onset, those an open order would still cover."""
    first = since or case.as_of - timedelta(thresholds.pt_order_open_days)
    done = [s for s in case.services if THERAPY in s.concepts and s.status == "done"]
    return [s for s in done if (on := day(s.performed)) is not None and on >= first]


def _session_spans(sessions: Iterable[Service], as_of: date, thresholds: Thresholds) -> list[Span]:
    """First to last session of each run, plus the tail, not past today; a long gap begins a new run."""
    runs: list[list[date]] = []
    for on in sorted(on for s in sessions if (on := day(s.performed)) is not None):
        if runs and (on - runs[-1][-1]).days <= thresholds.session_gap_new_interval_days:
            runs[-1].append(on)
        else:
            runs.append([on])
    tail = timedelta(thresholds.session_tail_days)
    return [Span(run[0], min(run[-1] + tail, as_of)) for run in runs]


def _union(spans: Iterable[Span], since: date, thresholds: Thresholds) -> list[Span]:
    """The spans since the onset as one, short gaps bridged."""
    joined: list[Span] = []
    clipped = (Span(max(span.first, since), span.last) for span in spans if span.last >= since)
    for span in sorted(clipped, key=lambda s: (s.first, s.last)):
        if joined and (span.first - joined[-1].last).days <= thresholds.trial_gap_bridged_days:
            joined[-1] = Span(joined[-1].first, max(joined[-1].last, span.last))
        else:
            joined.append(span)
    return joined


def _excused(case: NeckPainCase, nsaid: NsaidSafety, since: date | None) -> frozenset[str]:
    """Parts a recorded contraindication, intolerance or refusal by the patient excuses.

    What was merely not taken or not done excuses nothing: the record does not say why.
    """
    found = set()
    if nsaid.level in (NsaidLevel.CRITICAL, NsaidLevel.WARNING):
        found.add("nsaid")
    refused = frozenset[str]().union(*(r.concepts for r in case.refusals if _is_refused(r, since)))
    if NSAID in refused:
        found.add("nsaid")
    if refused & THERAPY_ORDERS:
        found.add("physical-therapy")
    return frozenset(found)


def _is_refused(refusal: DrugRefusal, since: date | None) -> bool:
    """By the patient, and not before this episode."""
    is_of_before = since is not None and refusal.until is not None and refusal.until.on < since
    return refusal.is_patients_choice and not is_of_before


def _missing(parts: dict[str, bool], total: int, thresholds: Thresholds) -> tuple[str, ...]:
    missing = [part for part, is_there in parts.items() if not is_there]
    return (*missing, *(["days"] if total < thresholds.trial_adequate_days else []))


def _evidence(drugs: Iterable[DrugUse], sessions: Iterable[Service]) -> tuple[Evidence, ...]:
    taken = [Evidence(_TRIAL, drug, day(drug.start)) for drug in drugs]
    return (*taken, *(Evidence(_TRIAL, session, day(session.performed)) for session in sessions))
