"""Every number the pathway decides with; values, sources and reviews stand in ``data/thresholds.yaml``."""

from __future__ import annotations

import msgspec


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of the guideline; the unit is in the name, the meaning and source in the data."""

    # eligibility, episode and phases
    adult_age_years: int
    stale_after_days: int
    trauma_lookback_days: int
    trauma_pain_within_days: int
    trauma_acute_days: int
    phase_reassess_from_day: int  # 28
    phase_band_from_day: int  # 43
    phase_beyond_from_day: int  # 57
    follow_up_from_days: int
    follow_up_until_days: int
    max_cards: int
    # conservative therapy and trajectory
    trial_adequate_days: int
    trial_gap_bridged_days: int
    session_gap_new_interval_days: int
    session_tail_days: int
    score_pair_apart_days: int
    score_latest_within_days: int
    score_fall_points: float
    score_fall_percent: float
    score_rise_points: float
    course_statement_max_age_days: int
    # fever, weight, sweats
    fever_temperature_celsius: float
    temperature_lookback_days: int
    coded_fever_lookback_days: int
    coded_weight_loss_lookback_days: int
    weight_latest_within_days: int
    weight_baseline_from_days: int
    weight_baseline_until_days: int
    weight_loss_percent: float
    bariatric_lookback_days: int
    night_sweats_lookback_days: int
    # laboratory
    lab_lookback_days: int
    lab_before_onset_days: int
    esr_age_divisor: float
    esr_female_age_offset: float
    crp_limit_mg_per_l: float
    wbc_limit_10_9_per_l: float
    # immunosuppression
    immunosuppressant_lookback_days: int
    b_cell_depletion_lookback_days: int
    steroid_daily_prednisone_mg: float
    steroid_min_days: int
    steroid_equivalent_mg: dict[str, float]  # by ingredient: milligrams that do what 5 mg prednisone does
    # neurology
    weakness_lookback_days: int
    deficit_lookback_days: int
    strength_drop_grades: float
    strength_severe_grade: float
    strength_full_grade: float
    bilateral_lookback_days: int
    gait_lookback_days: int
    bladder_bowel_lookback_days: int
    predates_pain_days: int
    reflex_lookback_days: int
    # intractable pain, tenderness
    intractable_lookback_days: int
    intractable_therapy_days: int
    severe_pain_score: float
    severe_pain_apart_days: int
    severe_pain_latest_within_days: int
    tenderness_lookback_days: int
    # imaging, orders, surgery
    order_open_days: int
    satisfied_flag_shown_days: int
    surgery_pain_therapy_days: int
    surgery_pain_from_day: int
    compression_mri_lookback_days: int
    degenerative_report_within_days: int
    pt_order_open_days: int
    duplicate_imaging_days: int
    # opioids
    opioid_long_term_days: int
    cancer_treatment_active_days: int
    # ibuprofen
    ibuprofen_dose_mg: float
    ibuprofen_period_hours: int
    ibuprofen_period_max_hours: int
    ibuprofen_daily_maximum_mg: float
    # NSAID safety
    cabg_lookback_days: int
    ulcer_bleed_lookback_days: int
    egfr_lookback_days: int
    egfr_severe: float
    egfr_moderate: float
    pregnancy_late_days: int
    pregnancy_fda_advice_days: int
    pregnancy_max_days: int
    pregnancy_denied_within_days: int
    first_trimester_days: int
    pregnancy_asked_until_age_years: int  # above it, "pregnancy not documented" is not worth a line
    blood_pressure_systolic_mmhg: float
    blood_pressure_diastolic_mmhg: float
    nsaid_high_age_years: int
    # muscle relaxants
    relaxant_high_age_years: int
    mao_inhibitor_lookback_days: int
    mi_recovery_days: int
    # other safety rules
    csr_high_risk_age_years: int
    gca_age_years: int
    gca_onset_within_days: int
    vascular_risk_age_years: int
    bloodstream_infection_lookback_days: int
    sudden_pain_onset_within_days: int
    long_term_steroid_days: int
