"""What a red-flag card says besides its flags: purpose, other guidance, work-up, referral."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import newest_first
from cds_service.pathway.finding import Evidence, FlagState, Line, Section
from cds_service.pathway.record import day, record_of
from cds_service.pathway.rules.red_flag_parts import flag_name
from cds_service.pathway.rules.red_flags.groups import (
    CORD_RULES,
    WORK_UP_RULES,
    is_infection_suspected,
    is_tumour_suspected,
)
from cds_service.pathway.rules.surgeon import referral_lines

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
