"""What a red-flag card says besides its flags: purpose, other guidance, work-up, referral."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import newest_first
from cds_service.pathway.finding import Evidence, FlagState, Line, Section
from cds_service.pathway.record import day, record_of
from cds_service.pathway.rules.red_flags.groups import (
    CORD_RULES,
    WORK_UP_RULES,
    is_infection_suspected,
    is_myelopathy_likely,
    is_tumour_suspected,
)

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.record import Record

_TESTS = {
    "term.esr": ("obs/esr",),
    "term.crp": ("obs/crp", "obs/hs-crp"),
    "term.blood-cultures": ("obs/blood-culture",),
}


def common_lines(assessment: Assessment, thresholds: Thresholds) -> tuple[Line, ...]:
    """Everything every variant of the red-flag card tells."""
    return (
        Line(Section.STEP, "red-flag-purpose", rule="R23"),
        *possible_lines(assessment),
        *_older_mri(assessment),
        *referral_lines(assessment, thresholds),
        *_other_guidance(assessment),
        *_work_up(assessment, thresholds),
        *_haematoma(assessment, thresholds),
    )


def possible_lines(assessment: Assessment) -> tuple[Line, ...]:
    """One line for each possible flag."""
    found = assessment.flags(FlagState.POSSIBLE)
    return tuple(
        Line(Section.WHY, "possible-flag", {"name": flag_name(f.evidence[0])}, f.evidence[0].rule, f.evidence)
        for f in found
    )


def flag_name(evidence: Evidence) -> str:
    """Wording key of the noun phrase for a flag, as a slot value."""
    return f"@flag.{evidence.name or evidence.rule}"


def _older_mri(assessment: Assessment) -> tuple[Line, ...]:
    """An MRI on file that is not newer than the newest flag does not settle it: say so."""
    mri = assessment.imaging.newest_mri
    on = None if mri is None else day(mri.performed or mri.reported)
    if mri is None or on is None:
        return ()
    return (Line(Section.STEP, "mri-older", {"date": on}, "R25b", (Evidence("R25b", mri, on),)),)


def _other_guidance(assessment: Assessment) -> tuple[Line, ...]:
    keys = {
        "contrast-infection": is_infection_suspected(assessment),
        "contrast-malignancy": is_tumour_suspected(assessment),
        "screening-prompt": True,
    }
    return tuple(Line(Section.OTHER_GUIDANCE, key) for key, applies in keys.items() if applies)


def _work_up(assessment: Assessment, thresholds: Thresholds) -> tuple[Line, ...]:
    """S10: the tests for a suspected infection that are not on file."""
    if not assessment.has_present(*WORK_UP_RULES):
        return ()
    record, days = record_of(assessment.case), thresholds.lab_lookback_days
    missing = tuple(f"@{key}" for key, tests in _TESTS.items() if not _on_file(record, tests, days))
    return (Line(Section.BEYOND_ARTICLE, "infection-work-up", {"tests": missing}, "S10"),) if missing else ()


def _on_file(record: Record, tests: tuple[str, ...], days: int) -> bool:
    dates = [day(m.taken) for m in record.measured(tests)]
    dates += [day(s.recorded) for s in record.about(tests)]
    dates += [day(s.performed) for s in record.done(tests)]
    return any(record.is_within(on, days) for on in dates)


def _haematoma(assessment: Assessment, thresholds: Thresholds) -> tuple[Line, ...]:
    """S12: anticoagulated, pain still acute (the limit the article's relaxant rule uses), and a deficit."""
    day_count = assessment.episode.day
    is_acute = day_count is None or day_count < thresholds.phase_band_from_day
    if not is_acute or not assessment.has_present(*CORD_RULES):
        return ()
    drugs = [d for d in record_of(assessment.case).used(("drug/anticoagulant",)) if d.is_current]
    evidence = newest_first(Evidence("S12", d, day(d.start)) for d in drugs)
    return (Line(Section.BEYOND_ARTICLE, "epidural-haematoma", {}, "S12", evidence),) if drugs else ()


def is_surgery_for_pain(assessment: Assessment, thresholds: Thresholds) -> bool:
    """R40: intractable pain after an adequate length of care, late enough."""
    day_count = assessment.episode.day
    return (
        assessment.has_present("R21")
        and assessment.trial.days >= thresholds.surgery_pain_therapy_days
        and day_count is not None
        and day_count >= thresholds.surgery_pain_from_day
    )


def referral_lines(assessment: Assessment, thresholds: Thresholds) -> tuple[Line, ...]:
    """Why a surgical opinion is asked for (R39, R40), and what surgery can be expected to do (R42)."""
    is_pain = is_surgery_for_pain(assessment, thresholds)
    if not is_pain and not assessment.has_present(*CORD_RULES):
        return ()
    lines = [_deficit_line(assessment)] if assessment.has_present("R14", "R15") else []
    if is_pain:
        lines.append(Line(Section.STEP, "surgery-pain", {"days": assessment.trial.days}, "R40"))
    return (*lines, *counselling(assessment))


def _deficit_line(assessment: Assessment) -> Line:
    """The article's criterion needs care that was tried; without any, the referral is our addition."""
    if assessment.trial.days >= 1:
        return Line(Section.STEP, "surgery-deficit", {"days": assessment.trial.days}, "R39")
    return Line(Section.BEYOND_ARTICLE, "surgery-deficit-early", {}, "R39")


def counselling(assessment: Assessment) -> tuple[Line, ...]:
    """R42, for radiculopathy alone: in myelopathy other guidance asks for prompt surgery."""
    if is_myelopathy_likely(assessment):
        return ()
    return (Line(Section.STEP, "surgery-counselling", rule="R42"),)
