"""One order in hand with everything its rules ask about."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from cds_service.pathway.assessment import MriState
from cds_service.pathway.finding import Evidence, FlagState, Indicator, Line, Section
from cds_service.pathway.imaging import done_on
from cds_service.pathway.record import day, record_of
from cds_service.pathway.rules.modality import has_myelography
from cds_service.pathway.rules.orders.wares import ware_of
from cds_service.pathway.rules.phase import (
    Phase,
    episode_evidence,
    episode_lines,
    fitting,
    is_unread,
    phase_of,
)
from cds_service.pathway.rules.radicular import is_radicular, radiculopathies
from cds_service.pathway.rules.red_flag_lines import possible_lines
from cds_service.pathway.rules.red_flag_outcome import FlagStatus
from cds_service.pathway.rules.trial_words import missing_parts
from cds_service.pathway.vocabulary import Course
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.draft_order import DraftOrder
    from cds_service.pathway.finding import SlotValue
    from cds_service.pathway.rules.orders.wares import Ware
    from cds_service.pathway.rules.red_flag_outcome import RedFlagOutcome


# Summaries that say that no red flag is recorded.
_SETTLED = frozenset({"R46", "R46-contrast", "R47", "R47-contrast", "R52a", "R53-early", "R53-resolving"})


class NextTest(StrEnum):
    """What is imaged next after day 42, and why; the value is the end of the wording's key."""

    MRI = ""
    MYELOGRAPHY_NO_MRI = "-myelography"
    MYELOGRAPHY_AFTER_MRI = "-equivocal"
    NONE_FOLLOWED_UP = "-equivocal-done"
    NONE_MRI_DONE = "-done"
    NONE_RESOLVING = "-resolving"

    @property
    def is_none(self) -> bool:
        """Nothing more is imaged."""
        return self in (NextTest.NONE_FOLLOWED_UP, NextTest.NONE_MRI_DONE, NextTest.NONE_RESOLVING)


class OrderQuestion(Value, frozen=True, gc=True, dict=True):
    """What a rule on an order is asked.

    Attributes:
        assessment: What was worked out about the chart.
        thresholds: Numbers of the guideline.
        outcome: Where the chart stands with its red flags.
        order: The order in hand.
        drafted: Concepts of all other drafts: what is drafted already is not proposed again.
    """

    assessment: Assessment
    thresholds: Thresholds
    outcome: RedFlagOutcome
    order: DraftOrder
    drafted: frozenset[str] = frozenset()

    @cached_property
    def ware(self) -> Ware:
        """What is ordered."""
        return ware_of(self.order)

    @cached_property
    def phase(self) -> Phase:
        """Phase of the episode."""
        return phase_of(self.assessment.episode.day, self.thresholds)

    @property
    def is_early(self) -> bool:
        """Up to day 42: treated and not imaged."""
        return self.phase in (Phase.INITIAL, Phase.REASSESS)

    @property
    def has_flag(self) -> bool:
        """A red flag that no MRI has answered since; an equivocal one answers nothing."""
        status, mri = self.outcome.status, self.assessment.imaging.newest_mri
        return status is FlagStatus.OPEN or (status.is_satisfied and mri is not None and mri.is_equivocal)

    @property
    def is_settled(self) -> bool:
        """A red flag that an MRI has answered."""
        return self.outcome.status.is_satisfied and not self.has_flag

    @property
    def is_impossible(self) -> bool:
        """An MRI is contraindicated."""
        return self.assessment.mri.state is MriState.CONTRAINDICATED

    @property
    def is_resolving(self) -> bool:
        """The pain is getting better."""
        return self.assessment.trajectory.course is Course.RESOLVING

    @property
    def is_failed(self) -> bool:
        """Not improving from day 43 on."""
        return self.phase in (Phase.BAND, Phase.BEYOND) and self.assessment.trajectory.is_not_improving

    @property
    def is_due(self) -> bool:
        """Imaging is on the pathway: a flag, or failed care; in weeks 7 and 8 after an adequate trial."""
        is_tried = self.phase is Phase.BEYOND or self.assessment.trial.is_adequate
        return self.has_flag or (self.is_failed and is_tried)

    @property
    def has_possible(self) -> bool:
        """A flag that is merely possible."""
        return bool(self.assessment.flags(FlagState.POSSIBLE))

    @property
    def is_doubtful(self) -> bool:
        """Nothing is recommended away while a flag is possible or unread, or its MRI has to be read."""
        is_to_be_read = self.outcome.status is FlagStatus.SATISFIED_SHOWN
        return self.has_possible or is_to_be_read or is_unread(self.assessment)

    def discouraging(self) -> Indicator:
        """How loudly an order is discouraged."""
        return Indicator.INFO if self.has_possible else Indicator.WARNING

    @property
    def has_mri(self) -> bool:
        """A cervical MRI was made in this episode."""
        return self.assessment.imaging.mri_in_episode is not None

    @property
    def more_flags(self) -> int:
        """Present flags beside the first; one with several pieces of evidence counts once."""
        return len(self.assessment.flags(FlagState.PRESENT)) - 1

    @property
    def is_left_open(self) -> bool:
        """That MRI is equivocal, with radiculopathy: CT myelography is next (R38b)."""
        mri = self.assessment.imaging.mri_in_episode
        return mri is not None and mri.is_equivocal and is_radicular(self.assessment)

    @property
    def is_followed_up(self) -> bool:
        """CT myelography was done since that MRI, or is in hand."""
        mri = self.assessment.imaging.mri_in_episode
        since = done_on(mri) if mri is not None else None
        return has_myelography(self.assessment, since, self.thresholds)

    @property
    def next_test(self) -> NextTest:
        """What the pathway has after day 42 in place of a test that is not its own."""
        if self.is_resolving:
            return NextTest.NONE_RESOLVING
        if self.is_left_open:
            return NextTest.NONE_FOLLOWED_UP if self.is_followed_up else NextTest.MYELOGRAPHY_AFTER_MRI
        if self.has_mri:
            return NextTest.NONE_MRI_DONE
        return NextTest.MYELOGRAPHY_NO_MRI if self.is_impossible else NextTest.MRI

    def mri_done(self, rule: str) -> tuple[Evidence, ...]:
        """That MRI as evidence."""
        report = self.assessment.imaging.mri_in_episode
        return () if report is None else (Evidence(rule, report, done_on(report)),)

    def unread(self, *keys: str) -> tuple[str, ...]:
        """Names of those of the data that could not be read in full, as slot values."""
        return tuple(
            f"@data.{key}" for key in sorted(set(keys) & self.assessment.case.readability.incomplete)
        )

    def reading(self, wording: str) -> str:
        """The wording, or its variant where something could not be read."""
        return fitting(wording, self.assessment)

    def fitting(self, wording: str, *, is_lost: bool = False) -> str:
        """The wording, or its variant for a possible or settled flag or for unread data."""
        if self.is_settled and wording in _SETTLED and not self.has_possible:
            return f"{wording}-settled"
        return (
            f"{wording}-possible" if self.has_possible else fitting(wording, self.assessment, is_lost=is_lost)
        )

    def evidence(self, rule: str) -> tuple[Evidence, ...]:
        """The index condition and the order itself."""
        return (*episode_evidence(self.assessment, rule), self.itself(rule))

    def itself(self, rule: str) -> Evidence:
        """The order as evidence: which one the card is about."""
        return Evidence(rule, self.order, day(self.order.authored))

    def lines(self) -> tuple[Line, ...]:
        """What every card on imaging tells of the episode; a possible flag comes first."""
        return (
            *possible_lines(self.assessment),
            *self._progress(),
            *self.episode_notes(),
            *episode_lines(self.assessment, self.thresholds),
        )

    def episode_notes(self) -> tuple[Line, ...]:
        """What other cards tell of the episode."""
        # An equivocal MRI followed the flag and settles nothing.
        return (*self._stale(), *(() if self.has_flag else self.outcome.lines))

    def radicular_lines(self) -> tuple[Line, ...]:
        """C4 and C5: other guidance images radiculopathy earlier."""
        if not radiculopathies(self.assessment):
            return ()
        lines = [Line(Section.OTHER_GUIDANCE, "radiculopathy-imaging", rule="R46")]
        if self.phase is Phase.REASSESS:
            lines.append(Line(Section.OTHER_GUIDANCE, "radiculopathy-weeks", rule="R46"))
        return tuple(lines)

    def _progress(self) -> tuple[Line, ...]:
        trajectory = self.assessment.trajectory
        if trajectory.course is not Course.PROGRESSING:
            return ()
        return (Line(Section.WHY, "progressing-recheck", rule="R27", evidence=trajectory.evidence),)

    def _stale(self) -> tuple[Line, ...]:
        """An old entry qualifies with an order in hand, and is to be confirmed."""
        index = self.assessment.episode.index
        newest = index.newest_on
        is_old = newest is not None and not record_of(self.assessment.case).is_within(
            newest, self.thresholds.stale_after_days
        )
        if newest is None or not is_old or index.is_current_encounter:
            return ()
        return (Line(Section.WHY, "stale-entry", {"date": newest}, "R2"),)

    def slots(self, **more: SlotValue) -> dict[str, SlotValue]:
        """What the summaries of order cards are filled with."""
        trial = self.assessment.trial
        return {
            "day": self.assessment.episode.day or 0,
            "days": trial.days,
            "study": f"@term.study-{self.ware.value}",
            "missing": missing_parts(trial),
            "reasons": tuple(f"@{reason}" for reason in self.assessment.mri.reasons),
            **more,
        }
