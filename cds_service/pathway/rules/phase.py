"""What every phase card shares: which words fit what could be read, the episode in a line, the reasons."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from cds_service.pathway.assessment import OnsetKind
from cds_service.pathway.finding import Evidence, FlagState, Line, Section
from cds_service.pathway.rules.extra_risk import extra_risk_lines
from cds_service.pathway.vocabulary import Precision

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.finding import SlotValue
    from cds_service.pathway.vocabulary import Source

_EPISODE_KEYS = {
    OnsetKind.DOCUMENTED: "episode",
    OnsetKind.RECORDED: "episode-recorded",
    OnsetKind.ENCOUNTER: "episode-encounter",
}


class Phase(StrEnum):
    """Phase of the pathway by completed days since onset [I-1]."""

    INITIAL = "A"
    REASSESS = "B"
    BAND = "C"
    BEYOND = "D"
    UNKNOWN = "unknown"


def phase_of(day: int | None, thresholds: Thresholds) -> Phase:
    """Day 42 is still in phase B, day 56 still in phase C."""
    if day is None:
        return Phase.UNKNOWN
    if day >= thresholds.phase_beyond_from_day:
        return Phase.BEYOND
    if day >= thresholds.phase_band_from_day:
        return Phase.BAND
    return Phase.REASSESS if day >= thresholds.phase_reassess_from_day else Phase.INITIAL


def is_unread(assessment: Assessment) -> bool:
    """Whether anything a red flag reads could not be read: then nothing may sound clean."""
    possible = assessment.flags(FlagState.POSSIBLE)
    return bool(assessment.flags(FlagState.NOT_READABLE)) or any(f.unread or f.has_unclear for f in possible)


def fitting(wording: str, assessment: Assessment, *, is_lost: bool = False) -> str:
    """The wording, or its variant for data that could not all be read.

    ``is_lost``: something else the wording speaks of, the trial or the course, could not be read.
    """
    return f"{wording}-unread" if is_lost or is_unread(assessment) else wording


def episode_evidence(assessment: Assessment, rule: str) -> tuple[Evidence, ...]:
    """The index condition as evidence."""
    episode = assessment.episode
    return (Evidence(rule, episode.index, episode.onset.on if episode.onset else None),)


def episode_lines(assessment: Assessment, thresholds: Thresholds) -> tuple[Line, ...]:
    """When the pain began and how that is known; other neck conditions; what is possible; extra risks."""
    episode = assessment.episode
    lines = []
    if episode.onset is not None and episode.day is not None:
        key = _EPISODE_KEYS[episode.onset_kind]
        is_vague = episode.onset.precision is not Precision.DAY
        slots: dict[str, SlotValue] = {
            "date": episode.onset if is_vague else episode.onset.on,
            "day": episode.day,
        }
        lines.append(Line(Section.WHY, f"{key}-about" if is_vague else key, slots))
    others = tuple(Evidence("R1", other, other.newest_on) for other in episode.others)
    if others:
        lines.append(Line(Section.WHY, "other-neck-conditions", evidence=others))
    if assessment.flags(FlagState.POSSIBLE):
        lines.append(Line(Section.STEP, "possible-first", rule="R26"))
    return (*lines, *extra_risk_lines(assessment.case, thresholds))


def reasons(assessment: Assessment) -> tuple[Source, ...]:
    """What a proposed order is for: the index condition."""
    return (assessment.episode.index.source,)
