"""Cervical imaging in the record: what was done, what is ordered (2.9)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cds_service.pathway.assessment import ImagingHistory
from cds_service.pathway.open_orders import open_orders
from cds_service.pathway.record import day, first_day

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Episode
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import ImagingReport

CERVICAL_MRI = frozenset(
    {
        "imaging/mri-cervical-wo",
        "imaging/mri-cervical-w",
        "imaging/mri-cervical-wo-w",
        "imaging/mri-cervical-unspecified",
        "imaging/mri-cervical-other",
        "imaging/mri-whole-spine",
    }
)
CERVICAL_CT = frozenset(
    {
        "imaging/ct-cervical-wo",
        "imaging/ct-cervical-w",
        "imaging/ct-cervical-wo-w",
        "imaging/ct-cervical-unspecified",
    }
)
CERVICAL = (
    CERVICAL_MRI
    | CERVICAL_CT
    | {
        "imaging/ct-myelography-cervical",
        "imaging/myelography-cervical",
        "imaging/xray-cervical",
    }
)


def imaging_history(case: NeckPainCase, episode: Episode, thresholds: Thresholds) -> ImagingHistory:
    """Finished cervical studies and an open MRI order."""
    reports = tuple(sorted((r for r in case.imaging if r.concepts & CERVICAL), key=_newest_first))
    scans = [r for r in reports if r.concepts & CERVICAL_MRI]
    newest = scans[0] if scans else None
    since = episode.onset.on if episode.onset else None
    in_episode = [r for r in scans if since is not None and (on := done_on(r)) is not None and on >= since]
    done = done_on(newest) if newest else None
    orders = open_orders(case, CERVICAL_MRI, thresholds.order_open_days, done=done)
    return ImagingHistory(
        open_mri_order=next(iter(orders), None),
        newest_mri=newest,
        mri_in_episode=in_episode[0] if in_episode else None,
        reports=reports,
    )


def done_on(report: ImagingReport) -> date | None:
    """Day of the study, else of its report."""
    return day(report.performed or report.reported)


def is_done_since(report: ImagingReport, since: date | None) -> bool:
    """Whether a study is surely of a day or later; of an unknown day nobody can tell."""
    done = report.performed or report.reported
    return done is not None and since is not None and first_day(done) >= since


def _newest_first(report: ImagingReport) -> tuple[int, bool, str]:
    """Of one day, a report says more than a bare study."""
    on = done_on(report) or date.min
    return -on.toordinal(), report.kind != "DiagnosticReport", report.source.ref
