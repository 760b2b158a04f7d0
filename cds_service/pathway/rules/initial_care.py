"""Initial care (R27): ibuprofen (R28), physical therapy (R29), relaxant (R30), follow-up (R31)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from cds_service.pathway.assessment import NsaidLevel
from cds_service.pathway.finding import Advice, FlagState, Indicator, Line, Proposal, ProposalKind, Section
from cds_service.pathway.open_orders import ORDERED_OR_PLANNED, open_orders
from cds_service.pathway.rules.phase import Phase, episode_evidence, episode_lines, fitting, phase_of, reasons
from cds_service.pathway.rules.relaxant_safety import RelaxantLevel, judge_relaxant
from cds_service.pathway.therapy import THERAPY_ORDERS
from cds_service.pathway.vocabulary import Course, Presence

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment, NsaidSafety
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import Statement
    from cds_service.pathway.finding import SlotValue

_SPASM = "presenting/neck-muscle-spasm"
# An NSAID in use is no reason against itself.
_ITSELF = "term.other-nsaid"


def judge_initial_care(assessment: Assessment, thresholds: Thresholds) -> Advice | None:
    """R27: treat, defer imaging; silent when every suggestion is in place, contraindicated or booked."""
    phase = phase_of(assessment.episode.day, thresholds)
    is_untreated = phase is Phase.REASSESS and not assessment.trial.is_documented
    if phase is not Phase.INITIAL and not is_untreated:
        return None
    proposals = care_proposals(assessment, thresholds)
    if not proposals:
        return None
    evidence = episode_evidence(assessment, "R27")
    return Advice(
        rule="R27",
        wording=_wording(assessment),
        indicator=Indicator.INFO,
        rules=("R27", *care_rules(proposals)),
        slots={"day": assessment.episode.day or 0},
        evidence=evidence,
        lines=(
            *_progress(assessment),
            *episode_lines(assessment, thresholds),
            *care_lines(assessment, thresholds),
        ),
        proposals=proposals,
        newest_on=evidence[0].on,
    )


def _wording(assessment: Assessment) -> str:
    has_reason = assessment.nsaid.level is not NsaidLevel.NONE and not assessment.trial.is_nsaid_current
    key = "R27-no-nsaid" if has_reason else "R27"
    # With a flag an MRI has settled, "no red flag recorded" would not be so.
    is_settled = bool(assessment.flags(FlagState.PRESENT))
    return fitting(f"{key}-settled" if is_settled else key, assessment)


def _progress(assessment: Assessment) -> tuple[Line, ...]:
    """Pain getting worse: look again before anything else."""
    if assessment.trajectory.course is not Course.PROGRESSING:
        return ()
    return (Line(Section.WHY, "progressing-recheck", rule="R27", evidence=assessment.trajectory.evidence),)


def care_rules(proposals: tuple[Proposal, ...]) -> tuple[str, ...]:
    """The rules behind the suggestions of initial care."""
    rules = {
        ProposalKind.IBUPROFEN: "R28",
        ProposalKind.PHYSICAL_THERAPY: "R29",
        ProposalKind.FOLLOW_UP: "R31",
    }
    return tuple(rules[p.kind] for p in proposals if p.kind in rules)


def care_proposals(assessment: Assessment, thresholds: Thresholds) -> tuple[Proposal, ...]:
    """R29, R28 and R31, each unless it is in place or speaks against the patient's safety."""
    found = (
        physical_therapy(assessment, thresholds),
        ibuprofen(assessment),
        follow_up(assessment, thresholds),
    )
    return tuple(proposal for proposal in found if proposal is not None)


def ibuprofen(assessment: Assessment) -> Proposal | None:
    """R28: nothing of S1 or S2 found, and no NSAID in use."""
    if assessment.nsaid.level is not NsaidLevel.NONE or assessment.trial.is_nsaid_current:
        return None
    return Proposal(ProposalKind.IBUPROFEN, reasons=reasons(assessment))


def physical_therapy(assessment: Assessment, thresholds: Thresholds) -> Proposal | None:
    """R29: no sessions in the episode and no open order or plan."""
    if assessment.trial.has_physical_therapy or _has_open_therapy_order(assessment, thresholds):
        return None
    return Proposal(ProposalKind.PHYSICAL_THERAPY, reasons=reasons(assessment))


def _has_open_therapy_order(assessment: Assessment, thresholds: Thresholds) -> bool:
    days = thresholds.pt_order_open_days
    return bool(open_orders(assessment.case, THERAPY_ORDERS, days, statuses=ORDERED_OR_PLANNED))


def follow_up(assessment: Assessment, thresholds: Thresholds) -> Proposal | None:
    """R31: a visit in the window, unless one is booked by its end."""
    first, last = follow_up_window(assessment, thresholds)
    if any(visit.concerns_neck and visit.on <= last for visit in assessment.case.visits):
        return None
    return Proposal(ProposalKind.FOLLOW_UP, reasons=reasons(assessment), period=(first, last))


def follow_up_window(assessment: Assessment, thresholds: Thresholds) -> tuple[date, date]:
    """Four to six weeks from the start of therapy, or from today; never in the past."""
    as_of = assessment.case.as_of
    start = assessment.trial.started or as_of
    if start + timedelta(thresholds.follow_up_until_days) < as_of:
        start = as_of  # that window is over; without an onset an old therapy tells nothing of this episode
    first = max(start + timedelta(thresholds.follow_up_from_days), as_of)
    return first, start + timedelta(thresholds.follow_up_until_days)


def care_lines(assessment: Assessment, thresholds: Thresholds) -> tuple[Line, ...]:
    """What the article says of initial care, and what the suggestions need to be read with."""
    return (
        Line(Section.STEP, "natural-course", rule="R27"),
        *nsaid_lines(assessment),
        *relaxant_lines(assessment, thresholds),
    )


def nsaid_lines(assessment: Assessment) -> tuple[Line, ...]:
    """The dose remark and what is not on file when ibuprofen is offered; else why it is not."""
    nsaid = assessment.nsaid
    if assessment.trial.is_nsaid_current:
        return _in_use(assessment)
    if nsaid.level is not NsaidLevel.NONE:
        found: SlotValue = tuple(f"@{reason}" for reason in nsaid.reasons)
        rule = {NsaidLevel.CRITICAL: "S1", NsaidLevel.WARNING: "S2"}.get(nsaid.level, "S2")
        why = Line(Section.BEYOND_ARTICLE, "nsaid-not-offered", {"reasons": found}, rule, nsaid.evidence)
        return (why, *unchecked_lines(nsaid))
    lines = [
        Line(Section.OTHER_GUIDANCE, "ibuprofen-label", rule="R28"),
        Line(Section.BEYOND_ARTICLE, "ibuprofen-duration", rule="R28"),
    ]
    lines += unchecked_lines(nsaid)
    if nsaid.not_documented:
        missing: SlotValue = tuple(f"@term.nsaid-missing-{name}" for name in nsaid.not_documented)
        lines.append(Line(Section.BEYOND_ARTICLE, "nsaid-not-documented", {"missing": missing}, "S2"))
    return tuple(lines)


def _in_use(assessment: Assessment) -> tuple[Line, ...]:
    """What speaks against an NSAID that is being taken, the NSAID itself aside."""
    found: SlotValue = tuple(f"@{reason}" for reason in assessment.nsaid.reasons if reason != _ITSELF)
    line = Line(Section.BEYOND_ARTICLE, "nsaid-in-use", {"reasons": found}, "S2", assessment.nsaid.evidence)
    return (*((line,) if found else ()), *unchecked_lines(assessment.nsaid))


def unchecked_lines(nsaid: NsaidSafety) -> tuple[Line, ...]:
    """What S1 and S2 read and could not be read: whatever was found, there may be more."""
    unread: SlotValue = tuple(f"@{term}" for term in nsaid.unchecked)
    return (Line(Section.BEYOND_ARTICLE, "nsaid-unchecked", {"reasons": unread}, "S2"),) if unread else ()


def relaxant_lines(assessment: Assessment, thresholds: Thresholds) -> tuple[Line, ...]:
    """R30: spasm documented, pain acute, nothing of S3; text only, since the article names no drug."""
    day_count = assessment.episode.day
    is_acute = day_count is not None and day_count < thresholds.phase_band_from_day
    if (
        not is_acute
        or not spasm(assessment.case)
        or judge_relaxant(assessment.case, thresholds).level is not RelaxantLevel.NONE
    ):
        return ()
    return (Line(Section.STEP, "relaxant", rule="R30"),)


def spasm(case: NeckPainCase) -> tuple[Statement, ...]:
    """Active entries of neck muscle spasm."""
    return tuple(
        s for s in case.statements if _SPASM in s.concepts and s.is_active and s.presence is Presence.PRESENT
    )
