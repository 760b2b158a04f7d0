"""R25b: a cervical MRI done after the newest red flag settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import newest_date
from cds_service.pathway.finding import Advice, Evidence, Indicator, Line, Section, SlotValue
from cds_service.pathway.imaging import is_done_since
from cds_service.pathway.record import day
from cds_service.pathway.rules.red_flag_lines import possible_lines
from cds_service.pathway.rules.red_flag_outcome import FlagStatus, RedFlagOutcome
from cds_service.pathway.rules.red_flag_parts import flag_names, rules_of
from cds_service.pathway.rules.red_flags.groups import newest_flag_on, present_evidence

if TYPE_CHECKING:
    from datetime import date

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.facts import ImagingReport


def settling_mri(assessment: Assessment) -> ImagingReport | None:
    """A cervical MRI of the day of the newest flag or later; an undated flag is never shown to be older."""
    mri = assessment.imaging.newest_mri
    return mri if mri is not None and is_done_since(mri, newest_flag_on(assessment)) else None


def settled(assessment: Assessment, mri: ImagingReport, thresholds: Thresholds) -> RedFlagOutcome:
    """R25b: its result has to be read; afterwards it is named in other cards."""
    evidence = _evidence(assessment, mri)
    reported = day(mri.reported) or _done(assessment, mri)
    is_over = (assessment.case.as_of - reported).days > thresholds.satisfied_flag_shown_days
    status = FlagStatus.SATISFIED_OVER if is_over else FlagStatus.SATISFIED_SHOWN
    line = Line(Section.WHY, "flag-settled", _slots(assessment, mri), "R25b", evidence)
    return RedFlagOutcome(status, lines=(line,))


def to_be_read(assessment: Assessment, mri: ImagingReport) -> Advice:
    """R25b: the card while the result has to be read."""
    evidence, slots = _evidence(assessment, mri), _slots(assessment, mri)
    return Advice(
        rule="R25b",
        wording="R25b",
        indicator=Indicator.INFO,
        rules=("R25b", "R23", *rules_of(evidence[1:])),
        slots=slots,
        evidence=evidence,
        lines=(Line(Section.STEP, "mri-after-flag", slots, "R25b"), *possible_lines(assessment)),
        newest_on=newest_date(evidence),
    )


def _done(assessment: Assessment, mri: ImagingReport) -> date:
    return day(mri.performed or mri.reported) or assessment.case.as_of


def _evidence(assessment: Assessment, mri: ImagingReport) -> tuple[Evidence, ...]:
    return (Evidence("R25b", mri, _done(assessment, mri)), *present_evidence(assessment))


def _slots(assessment: Assessment, mri: ImagingReport) -> dict[str, SlotValue]:
    return {"date": _done(assessment, mri), "flags": flag_names(assessment)}
