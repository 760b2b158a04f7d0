"""S9: conditions that raise the stakes of neck pain; one line on a card that exists, never a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import evidence_of, newest_first
from cds_service.pathway.finding import Evidence, Line, Section
from cds_service.pathway.record import Record, day, record_of
from cds_service.pathway.vocabulary import Presence

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.case import NeckPainCase

_STEROID = ("drug/systemic-corticosteroid",)
_VASCULAR = ("risk/vascular-disease",)
_SURGERY = ("risk/cervical-surgery-history",)
_DIALYSIS = ("nsaid-caution/ckd-severe",)
_CONDITIONS = {
    "term.instability-risk": ("risk/cervical-instability",),
    "term.osteoporosis": ("risk/osteoporosis",),
    "term.diabetes": ("risk/diabetes",),
}
# Without any of these there is nothing to name.
_MARKERS = frozenset({*_STEROID, *_VASCULAR, *_SURGERY, *_DIALYSIS}).union(*_CONDITIONS.values())


def extra_risk_lines(case: NeckPainCase, thresholds: Thresholds) -> tuple[Line, ...]:
    """The line that names the markers on file, or nothing."""
    record = record_of(case)
    if not record.names_any(_MARKERS):
        return ()
    found = {
        "term.cervical-surgery": _surgery(record),
        **{key: _active(record, concepts) for key, concepts in _CONDITIONS.items()},
        "term.long-term-steroid": _long_steroid(record, thresholds),
        "term.dialysis": _dialysis(record, thresholds),
        "term.vascular-disease": _vascular(record, case, thresholds),
    }
    markers = tuple(f"@{key}" for key, evidence in found.items() if evidence)
    if not markers:
        return ()
    evidence = newest_first(e for items in found.values() for e in items)
    return (Line(Section.BEYOND_ARTICLE, "extra-risk", {"markers": markers}, "S9", evidence),)


def _active(record: Record, concepts: tuple[str, ...]) -> list[Evidence]:
    entries = [s for s in record.affirmed(concepts) if s.is_active and s.presence is Presence.PRESENT]
    return [evidence_of("S9", s) for s in entries]


def _surgery(record: Record) -> list[Evidence]:
    """Operations of any date, and entries that tell of one."""
    entries = [s for s in record.affirmed(_SURGERY) if s.presence is Presence.PRESENT]
    operations = [Evidence("S9", s, day(s.performed)) for s in record.done(_SURGERY)]
    return [evidence_of("S9", s) for s in entries] + operations


def _long_steroid(record: Record, thresholds: Thresholds) -> list[Evidence]:
    drugs = [d for d in record.used(_STEROID) if d.is_current and d.start is not None]
    long = [
        d for d in drugs if d.start and record.days_since(d.start.on) >= thresholds.long_term_steroid_days
    ]
    return [Evidence("S9", d, day(d.start)) for d in long] + _active(record, _STEROID)


def _dialysis(record: Record, thresholds: Thresholds) -> list[Evidence]:
    """Dialysis and end-stage kidney disease share a set with severe kidney disease; named as a whole."""
    days = thresholds.egfr_lookback_days
    sessions = [s for s in record.done(_DIALYSIS) if record.is_within(day(s.performed), days)]
    return [Evidence("S9", s, day(s.performed)) for s in sessions] + _active(record, _DIALYSIS)


def _vascular(record: Record, case: NeckPainCase, thresholds: Thresholds) -> list[Evidence]:
    """Vascular disease above an age; a past stroke or infarction counts as much as a current entry."""
    if case.age_years is None or case.age_years.at_most <= thresholds.vascular_risk_age_years:
        return []
    entries = [s for s in record.affirmed(_VASCULAR) if s.presence is Presence.PRESENT]
    return [evidence_of("S9", s) for s in entries]
