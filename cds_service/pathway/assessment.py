"""What was worked out about a case before any card is considered.

Each part is made by one pure function of the module its docstring names; ``decision.py`` calls them.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from cds_service.pathway.finding import Evidence, Finding, FlagState
from cds_service.pathway.record import first_day
from cds_service.pathway.vocabulary import Course, When
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import ImagingReport, Service, Statement


class OnsetKind(StrEnum):
    """Which source the onset comes from."""

    DOCUMENTED = "documented"  # onset[x]
    RECORDED = "recorded"  # recordedDate: the day count is "at least"
    ENCOUNTER = "encounter"  # earliest encounter naming the pain
    UNKNOWN = "unknown"


class Episode(Value, frozen=True):
    """The pain that qualifies, and its clock (``episode.py``).

    Attributes:
        index: The condition that sets the clock.
        others: Other active qualifying or structural neck conditions, for the detail.
        onset: None when no usable onset is recorded.
        onset_kind: Where the onset comes from.
        day: D, completed days since onset; None when unknown.
        pains: Every active, non-stale qualifying statement (index included).
    """

    index: Statement
    others: tuple[Statement, ...]
    onset: When | None
    onset_kind: OnsetKind
    day: int | None
    pains: tuple[Statement, ...]


class Trial(Value, frozen=True):
    """Conservative therapy in the episode (``therapy.py``).

    Attributes:
        days: T, days since onset covered by therapy (0 when onset is unknown or nothing is documented).
        has_nsaid, has_physical_therapy: Documented in the episode.
        is_referred: A physical-therapy referral or plan without sessions.
        excused: "nsaid" and/or "physical-therapy": excused by contraindication, intolerance or refusal.
        missing: Of "nsaid", "physical-therapy", "days", in this order: what keeps the trial from being
            adequate.
        started: First day of therapy in the episode.
        is_nsaid_current: An NSAID is being taken or prescribed now.
        is_unread: Some data that may hold such therapy could not be read.
        evidence: The facts counted.
    """

    days: int = 0
    has_nsaid: bool = False
    has_physical_therapy: bool = False
    is_referred: bool = False
    excused: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()
    started: date | None = None
    is_nsaid_current: bool = False
    is_unread: bool = False
    evidence: tuple[Evidence, ...] = ()

    @property
    def is_adequate(self) -> bool:
        """True when nothing is missing."""
        return not self.missing

    @property
    def is_documented(self) -> bool:
        """True when any conservative therapy is documented in the episode."""
        return self.has_nsaid or self.has_physical_therapy


class Trajectory(Value, frozen=True):
    """Course of the pain (``trajectory.py``); ``course`` None is unknown.

    ``is_stated``: from a clinician's statement, not worked out from two scores. ``is_unread``: the course
    is unknown, and some data that may hold it could not be read.
    """

    course: Course | None = None
    on: date | None = None
    is_stated: bool = False
    is_unread: bool = False
    evidence: tuple[Evidence, ...] = ()

    @property
    def is_not_improving(self) -> bool:
        """Stable or progressing [I-2]."""
        return self.course in (Course.STABLE, Course.PROGRESSING)


class MriState(StrEnum):
    """Whether an MRI can be done."""

    POSSIBLE = "possible"  # nothing recorded against it
    NOTE = "note"  # claustrophobia, early pregnancy: worth a line
    CONDITIONAL = "conditional"  # device check needed
    CONTRAINDICATED = "contraindicated"


class MriSafety(Value, frozen=True):
    """MRI contraindication (``mri_safety.py``); ``reasons`` are wording keys ("term.pacemaker").

    ``unread``: prefetch keys that may name an implant and could not be read.
    """

    state: MriState = MriState.POSSIBLE
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    unread: frozenset[str] = frozenset()


class ImagingHistory(Value, frozen=True):
    """Cervical imaging in the record (``imaging.py``).

    Attributes:
        open_mri_order: Most urgent cervical MRI order that stands (``open_orders.py``).
        newest_mri: Newest finished cervical MRI.
        mri_in_episode: Newest finished cervical MRI on or after onset (None when onset is unknown).
        reports: All finished cervical imaging, newest first.
    """

    open_mri_order: Service | None = None
    newest_mri: ImagingReport | None = None
    mri_in_episode: ImagingReport | None = None
    reports: tuple[ImagingReport, ...] = ()


class NsaidLevel(StrEnum):
    """How much speaks against an NSAID."""

    NONE = "none"
    WARNING = "warning"  # S2
    CRITICAL = "critical"  # S1
    UNREADABLE = "unreadable"  # allergies or medications could not be read: not offered


class NsaidSafety(Value, frozen=True):
    """S1 and S2 for this patient (``rules/nsaid_safety.py``).

    ``reasons`` are wording keys of what was found, most serious first; ``not_documented`` names what is not
    on file ("egfr", "allergies", "pregnancy"), and ``unchecked`` are wording keys of what S1 and S2 read and
    could not be read. Where nothing was found, unread allergies and medications are the reasons.
    """

    level: NsaidLevel = NsaidLevel.NONE
    reasons: tuple[str, ...] = ()
    not_documented: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    unchecked: tuple[str, ...] = ()


class Assessment(Value, frozen=True, gc=True, dict=True):
    """Everything the card rules read."""

    case: NeckPainCase
    episode: Episode
    trial: Trial
    trajectory: Trajectory
    findings: tuple[Finding, ...]
    mri: MriSafety
    imaging: ImagingHistory
    nsaid: NsaidSafety

    def is_of_episode(self, order: Service) -> bool:
        """Whether an order may have been written for this pain; without a date or an onset it may."""
        onset, written = self.episode.onset, order.authored
        return onset is None or written is None or written.on >= first_day(onset)

    def flags(self, state: FlagState) -> tuple[Finding, ...]:
        """Red flags in the given state, in rule order."""
        return self._by_state.get(state, ())

    def has_present(self, *rules: str) -> bool:
        """Whether one of these flags is PRESENT (any flag at all when none is named)."""
        return not self._present.isdisjoint(rules) if rules else bool(self._present)

    @cached_property
    def _by_state(self) -> dict[FlagState, tuple[Finding, ...]]:
        states = {finding.state for finding in self.findings}
        return {state: tuple([f for f in self.findings if f.state is state]) for state in states}

    @cached_property
    def _present(self) -> frozenset[str]:
        return frozenset([finding.rule for finding in self.flags(FlagState.PRESENT)])
