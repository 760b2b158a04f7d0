"""Degenerative change on a picture is not yet the cause (R43)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.finding import Advice, Evidence, Indicator, Line, Section
from cds_service.pathway.imaging import CERVICAL_MRI, done_on
from cds_service.pathway.rules.phase import episode_evidence, episode_lines
from cds_service.pathway.rules.radicular import COMPRESSION, is_same_place, radiculopathies

if TYPE_CHECKING:
    from datetime import date

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.facts import ImagingReport
    from cds_service.pathway.finding import SlotValue

_DEGENERATIVE = "imaging/finding-degenerative"


def judge_pitfall(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """R43: a recent report with degenerative findings, or with a compression that fits no symptom."""
    report = next((r for r in assessment.imaging.reports if _is_due(assessment, r, thresholds)), None)
    if report is None:
        return None
    on = done_on(report)
    slots: dict[str, SlotValue] = {"modality": _modality(report), "date": on or assessment.case.as_of}
    mismatch = Line(Section.STEP, "compression-elsewhere", rule="R41")
    return Advice(
        rule="R43",
        wording="R43",
        indicator=Indicator.INFO,
        rules=("R43",),
        slots=slots,
        evidence=(Evidence("R43", report, on), *episode_evidence(assessment, "R43")),
        lines=(
            *episode_lines(assessment, thresholds),
            Line(Section.STEP, "degenerative-common", rule="R43"),
            *((mismatch,) if _is_elsewhere(assessment, report) else ()),
        ),
        newest_on=on,
    )


def _is_due(assessment: Assessment, report: ImagingReport, thresholds: Thresholds) -> bool:
    on = _reported_on(report)
    if on is None or (assessment.case.as_of - on).days > thresholds.degenerative_report_within_days:
        return False
    return _DEGENERATIVE in report.findings or _is_elsewhere(assessment, report)


def _reported_on(report: ImagingReport) -> date | None:
    return report.reported.on if report.reported else done_on(report)


def _is_elsewhere(assessment: Assessment, report: ImagingReport) -> bool:
    """Compression on another side or level than every radiculopathy recorded."""
    symptoms = radiculopathies(assessment)
    return (
        COMPRESSION in report.findings
        and bool(symptoms)
        and not any(is_same_place(s, report) for s in symptoms)
    )


def _modality(report: ImagingReport) -> str:
    if report.concepts & CERVICAL_MRI:
        return "@term.modality-mri"
    return "@term.modality-xray" if "imaging/xray-cervical" in report.concepts else "@term.modality-ct"
