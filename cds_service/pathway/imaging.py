"""Cervical imaging in the record: what was done, what is ordered (2.9)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cds_service.pathway.assessment import ImagingHistory
from cds_service.pathway.record import day

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Episode
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import ImagingReport, Service

# From the least urgent to the most.
PRIORITIES = ("routine", "urgent", "asap", "stat")
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
    return ImagingHistory(
        open_mri_order=_open_order(case, newest, thresholds),
        newest_mri=newest,
        mri_in_episode=in_episode[0] if in_episode else None,
        reports=reports,
    )


def done_on(report: ImagingReport) -> date | None:
    """Day of the study, else of its report."""
    return day(report.performed or report.reported)


def _newest_first(report: ImagingReport) -> tuple[int, bool, str]:
    """Of one day, a report says more than a bare study."""
    on = done_on(report) or date.min
    return -on.toordinal(), report.kind != "DiagnosticReport", report.source.ref


def _open_order(case: NeckPainCase, newest: ImagingReport | None, thresholds: Thresholds) -> Service | None:
    """The most urgent open MRI order that no MRI has answered since, of several the newest.

    An undated one is taken as open.
    """
    done = done_on(newest) if newest else None
    orders = [s for s in case.services if s.status == "ordered" and s.concepts & CERVICAL_MRI]
    still_open = [o for o in orders if _is_open(case, o, done, thresholds)]
    return max(still_open, key=_urgency, default=None)


def _urgency(order: Service) -> int:
    """Place of its priority; without one FHIR takes an order as routine."""
    return PRIORITIES.index(order.priority) if order.priority in PRIORITIES else 0


def _is_open(case: NeckPainCase, order: Service, done: date | None, thresholds: Thresholds) -> bool:
    written = day(order.authored)
    if written is None:
        return done is None
    is_answered = done is not None and done >= written
    return not is_answered and (case.as_of - written).days <= thresholds.mri_order_open_days
