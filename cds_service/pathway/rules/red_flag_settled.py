"""R25b: a cervical MRI done after the newest red flag settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import newest_date
from cds_service.pathway.finding import Advice, Evidence, FlagState, Indicator, Line, Section, SlotValue
from cds_service.pathway.record import day, first_day
from cds_service.pathway.rules.red_flag_lines import possible_lines
from cds_service.pathway.rules.red_flag_outcome import FlagStatus, RedFlagOutcome
from cds_service.pathway.rules.red_flag_parts import flag_names, rules_of
from cds_service.pathway.rules.red_flags.groups import present_evidence

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.facts import ImagingReport


def settling_mri(assessment: Assessment) -> ImagingReport | None:
    """A cervical MRI of the day of the newest flag or later; an undated flag is never shown to be older."""
    mri = assessment.imaging.newest_mri
    done = None if mri is None else mri.performed or mri.reported
    flags = [finding.flag_on for finding in assessment.flags(FlagState.PRESENT)]
    if done is None or None in flags:
        return None
    return mri if all(on is not None and on <= first_day(done) for on in flags) else None


def settled(assessment: Assessment, mri: ImagingReport, thresholds: Thresholds) -> RedFlagOutcome:
    """R25b: shown while the result has to be read, afterwards named in other cards."""
    done = day(mri.performed or mri.reported) or assessment.case.as_of
    reported = day(mri.reported) or done
    evidence = (Evidence("R25b", mri, done), *present_evidence(assessment))
    slots: dict[str, SlotValue] = {"date": done, "flags": flag_names(assessment)}
    line = Line(Section.WHY, "flag-settled", slots, "R25b", evidence)
    if (assessment.case.as_of - reported).days > thresholds.satisfied_flag_shown_days:
        return RedFlagOutcome(FlagStatus.SATISFIED_OVER, lines=(line,))
    advice = Advice(
        rule="R25b",
        wording="R25b",
        indicator=Indicator.INFO,
        rules=("R25b", "R23", *rules_of(evidence[1:])),
        slots=slots,
        evidence=evidence,
        lines=(Line(Section.STEP, "mri-after-flag", slots, "R25b"), *possible_lines(assessment)),
        newest_on=newest_date(evidence),
    )
    return RedFlagOutcome(FlagStatus.SATISFIED_SHOWN, advice, (line,))
