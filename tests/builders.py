"""Facts for tests of the pathway, each with defaults that say nothing. All patients are invented.

Dates are given in days before ``TODAY``: ``statement("red-flag/fever", 3)`` is of three days ago.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec

from cds_service.guideline.thresholds import Thresholds
from cds_service.pathway.assessment import (
    Assessment,
    Episode,
    ImagingHistory,
    MriSafety,
    NsaidSafety,
    OnsetKind,
    Trajectory,
    Trial,
)
from cds_service.pathway.case import NeckPainCase, Readability, Subject
from cds_service.pathway.facts import (
    Allergy,
    DrugUse,
    ImagingReport,
    Measurement,
    NotInterpretable,
    Service,
    Statement,
)
from cds_service.pathway.finding import Evidence, Finding, FlagState
from cds_service.pathway.vocabulary import AgeRange, Intake, Precision, Sex, Source, User, When

TODAY = date(2026, 6, 15)
NECK_PAIN = "presenting/neck-pain"


def ago(days: int) -> date:
    """The day so many days before today."""
    return TODAY - timedelta(days)


def when(days: int | None) -> When | None:
    """A day-precise date so many days ago; None for no date."""
    return None if days is None else When(ago(days))


def month(days: int, first_days: int) -> When:
    """A vague date: at the latest so many days ago, at the earliest ``first_days`` ago."""
    return When(ago(days), Precision.MONTH, ago(first_days))


def statement(concepts: str | Iterable[str], days: int | None = 0, **fields: Any) -> Statement:
    """An active, present problem-list entry recorded so many days ago (None: undated)."""
    names = (concepts,) if isinstance(concepts, str) else tuple(concepts)
    source = Source(fields.pop("ref", f"Condition/{names[0]}-{days}"), fields.pop("text", ""))
    defaults: dict[str, Any] = {"kind": "Condition", "recorded": when(days)}
    return Statement(concepts=frozenset(names), source=source, **{**defaults, **fields})


def measurement(concept: str, value: float | None, days: int | None = 0, **fields: Any) -> Measurement:
    """A numeric result taken so many days ago (None: undated)."""
    source = Source(fields.pop("ref", f"Observation/{concept}-{days}-{value}"))
    return Measurement(concept=concept, source=source, taken=when(days), value=value, **fields)


def drug(
    concepts: str | Iterable[str], start: int | None = 10, end: int | None = None, **fields: Any
) -> DrugUse:
    """A drug taken since so many days ago; in use unless it has an end."""
    names = (concepts,) if isinstance(concepts, str) else tuple(concepts)
    source = Source(fields.pop("ref", f"MedicationStatement/{names[0]}-{start}"))
    defaults: dict[str, Any] = {"intake": Intake.TAKEN, "is_current": end is None}
    made = {**defaults, **fields, "start": when(start), "end": when(end)}
    return DrugUse(concepts=frozenset(names), source=source, **made)


def allergy(concepts: str | Iterable[str], **fields: Any) -> Allergy:
    """An active allergy entry."""
    names = (concepts,) if isinstance(concepts, str) else tuple(concepts)
    ref = f"AllergyIntolerance/{names[0] if names else 'other'}"
    return Allergy(concepts=frozenset(names), source=Source(ref), **fields)


def service(
    concepts: str | Iterable[str], days: int | None = 0, status: str = "done", **fields: Any
) -> Service:
    """Something done so many days ago, or ordered then when the status says so."""
    names = (concepts,) if isinstance(concepts, str) else tuple(concepts)
    kind = "Procedure" if status == "done" else "ServiceRequest"
    dated = {"performed" if status == "done" else "authored": when(days)}
    source = Source(fields.pop("ref", f"{kind}/{names[0]}-{days}"))
    made = {"kind": kind, **dated, **fields}
    return Service(concepts=frozenset(names), source=source, status=status, **made)


def report(
    days: int | None, concepts: str | Iterable[str] = "imaging/mri-cervical-wo", **fields: Any
) -> ImagingReport:
    """A finished imaging study performed and reported so many days ago."""
    names = (concepts,) if isinstance(concepts, str) else tuple(concepts)
    source = Source(fields.pop("ref", f"DiagnosticReport/{names[0]}-{days}"))
    made = {"kind": "DiagnosticReport", "performed": when(days), "reported": when(days), **fields}
    return ImagingReport(concepts=frozenset(names), source=source, **made)


def not_interpretable(
    concept: str, days: int | None = None, ref: str = "Observation/odd"
) -> NotInterpretable:
    """A value that could be seen but not understood."""
    return NotInterpretable(ref=ref, what="a value", why="unit", concept=concept, on=when(days))


def unread(*keys: str) -> Readability:
    """A record in which these data sets could not be read."""
    return Readability(incomplete=frozenset(keys))


def case(*facts: object, age: int | None = 45, sex: Sex | None = Sex.FEMALE, **fields: Any) -> NeckPainCase:
    """A case of these facts, each put where its type belongs, results newest first as every case has them."""
    places: dict[type[object], str] = {
        Statement: "statements",
        Measurement: "measurements",
        DrugUse: "drugs",
        Allergy: "allergies",
        Service: "services",
        ImagingReport: "imaging",
    }
    sorted_facts: dict[str, tuple[Any, ...]] = {
        place: tuple(f for f in facts if isinstance(f, kind)) for kind, place in places.items()
    }
    sorted_facts["measurements"] = tuple(
        sorted(sorted_facts["measurements"], key=lambda m: m.taken.on if m.taken else date.min, reverse=True)
    )
    made: dict[str, Any] = {
        "as_of": TODAY,
        "subject": Subject("Patient/1", "Encounter/1", "Practitioner/1"),
        "user": User.CLINICIAN,
        "age_years": None if age is None else AgeRange(age, age),
        "sex": sex,
    }
    return NeckPainCase(**{**made, **sorted_facts, **fields})


def pain(days: int | None = 10, concepts: str | Iterable[str] = NECK_PAIN, **fields: Any) -> Statement:
    """Neck pain that began so many days ago."""
    return statement(concepts, days, **{"ref": f"Condition/pain-{days}", "onset": when(days), **fields})


def episode(days: int | None = 10, *others: Statement, **fields: Any) -> Episode:
    """An episode of pain that began so many days ago; further pains may be given."""
    index = fields.pop("index", None) or pain(days, **fields.pop("pain", {}))
    kind = OnsetKind.UNKNOWN if days is None else OnsetKind.DOCUMENTED
    made = {"others": (), "onset": when(days), "onset_kind": kind, "day": days, "pains": (index, *others)}
    return Episode(index=index, **{**made, **fields})


def finding(
    rule: str, state: FlagState = FlagState.PRESENT, *, days: int | None = 1, **fields: Any
) -> Finding:
    """A red flag in a state, with one statement of so many days ago as its evidence."""
    evidence = Evidence(
        "R23" if rule == "target-diagnosis" else rule, statement("red-flag/any", days), _on(days)
    )
    made = {"evidence": (evidence,), "flag_on": _on(days), **fields}
    return Finding(rule, state, **made)


def _on(days: int | None) -> date | None:
    return None if days is None else ago(days)


def assessment(*findings: Finding, facts: Iterable[object] = (), **parts: Any) -> Assessment:
    """An assessment with these findings; every part not given says nothing."""
    made: dict[str, Any] = {
        "case": case(*facts),
        "episode": episode(),
        "trial": Trial(),
        "trajectory": Trajectory(),
        "mri": MriSafety(),
        "imaging": ImagingHistory(),
        "nsaid": NsaidSafety(),
    }
    return Assessment(findings=findings, **{**made, **parts})


def limits(**changes: Any) -> Thresholds:
    """The thresholds as the specification states them, with changes."""
    return msgspec.structs.replace(LIMITS, **changes)


LIMITS = Thresholds(
    adult_age_years=18,
    stale_after_days=365,
    trauma_lookback_days=42,
    trauma_pain_within_days=7,
    trauma_acute_days=2,
    phase_reassess_from_day=28,
    phase_band_from_day=43,
    phase_beyond_from_day=57,
    follow_up_from_days=28,
    follow_up_until_days=42,
    max_cards=3,
    trial_adequate_days=42,
    trial_gap_bridged_days=14,
    session_gap_new_interval_days=28,
    session_tail_days=14,
    score_pair_apart_days=14,
    score_latest_within_days=14,
    score_fall_points=2,
    score_fall_percent=30,
    score_rise_points=2,
    course_statement_max_age_days=42,
    fever_temperature_celsius=38.0,
    temperature_lookback_days=7,
    coded_fever_lookback_days=30,
    coded_weight_loss_lookback_days=180,
    weight_latest_within_days=30,
    weight_baseline_from_days=30,
    weight_baseline_until_days=365,
    weight_loss_percent=5.0,
    bariatric_lookback_days=730,
    night_sweats_lookback_days=90,
    lab_lookback_days=30,
    lab_before_onset_days=14,
    esr_age_divisor=2,
    esr_female_age_offset=10,
    crp_limit_mg_per_l=10,
    wbc_limit_10_9_per_l=11.0,
    immunosuppressant_lookback_days=90,
    b_cell_depletion_lookback_days=180,
    steroid_daily_prednisone_mg=20,
    steroid_min_days=14,
    steroid_equivalent_mg={
        "prednisone": 5,
        "prednisolone": 5,
        "methylprednisolone": 4,
        "dexamethasone": 0.75,
        "hydrocortisone": 20,
    },
    weakness_lookback_days=90,
    deficit_lookback_days=90,
    strength_drop_grades=1,
    strength_severe_grade=3,
    strength_full_grade=5,
    bilateral_lookback_days=90,
    gait_lookback_days=180,
    bladder_bowel_lookback_days=180,
    predates_pain_days=30,
    reflex_lookback_days=90,
    intractable_lookback_days=30,
    intractable_therapy_days=14,
    severe_pain_score=7,
    severe_pain_apart_days=14,
    severe_pain_latest_within_days=7,
    tenderness_lookback_days=30,
    order_open_days=180,
    satisfied_flag_shown_days=14,
    surgery_pain_therapy_days=42,
    surgery_pain_from_day=43,
    compression_mri_lookback_days=365,
    degenerative_report_within_days=30,
    pt_order_open_days=90,
    duplicate_imaging_days=90,
    opioid_long_term_days=90,
    cancer_treatment_active_days=90,
    ibuprofen_dose_mg=400,
    ibuprofen_period_hours=4,
    ibuprofen_period_max_hours=6,
    ibuprofen_daily_maximum_mg=3200,
    cabg_lookback_days=14,
    ulcer_bleed_lookback_days=90,
    egfr_lookback_days=365,
    egfr_severe=30,
    egfr_moderate=60,
    pregnancy_late_days=210,
    pregnancy_fda_advice_days=140,
    pregnancy_max_days=300,
    pregnancy_denied_within_days=30,
    first_trimester_days=98,
    pregnancy_asked_until_age_years=55,
    blood_pressure_systolic_mmhg=160,
    blood_pressure_diastolic_mmhg=100,
    nsaid_high_age_years=75,
    relaxant_high_age_years=65,
    mao_inhibitor_lookback_days=14,
    mi_recovery_days=30,
    csr_high_risk_age_years=65,
    gca_age_years=50,
    gca_onset_within_days=90,
    vascular_risk_age_years=50,
    bloodstream_infection_lookback_days=90,
    sudden_pain_onset_within_days=30,
    long_term_steroid_days=90,
)
