"""What the rules conclude: findings with their evidence, and the advice that follows from them.

Nothing here is text for people: ``wording`` and ``key`` name entries of the guideline data, ``slots`` fill
them. The cards turn them into sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

import msgspec

from cds_service.pathway.draft_order import DraftOrder, RatedOrder, Rating
from cds_service.pathway.facts import (
    Allergy,
    CourseStatement,
    DrugUse,
    ImagingReport,
    Implant,
    Measurement,
    NotInterpretable,
    Service,
    Statement,
)
from cds_service.pathway.vocabulary import When
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.pathway.verdict import Verdict
    from cds_service.pathway.vocabulary import Source

Recorded = Statement | Measurement | DrugUse | Allergy | Service | ImagingReport | Implant | CourseStatement
Fact = Recorded | DraftOrder
SlotValue = str | int | float | date | When | tuple[str, ...]


class FlagState(StrEnum):
    """State of a red flag."""

    PRESENT = "present"
    POSSIBLE = "possible"
    ABSENT = "absent"
    NOT_DOCUMENTED = "not documented"
    NOT_READABLE = "not readable"


class Evidence(Value, frozen=True):
    """One fact that decided a finding.

    Attributes:
        rule: The rule it counts for ("R9").
        fact: The fact itself, with its source.
        on: The date that decided (newest), None when undated.
        notes: Keys of fixed remarks in the guideline data ("confounder-steroid", "preliminary",
            "superseded", "interpretation-and-range-disagree", ...).
        name: Key of a noun phrase closer than the rule's own ("R15-myelopathy" for ``flag.R15-myelopathy``);
            "" where ``flag.<rule>`` says it.
    """

    rule: str
    fact: Fact
    on: date | None = None
    notes: tuple[str, ...] = ()
    name: str = ""

    @property
    def source(self) -> Source:
        """Where the fact stands."""
        return self.fact.source


class Finding(Value, frozen=True):
    """What one red-flag rule concluded.

    Attributes:
        rule: "R5" ... "R22", or "target-diagnosis" (a serious cause recorded as suspected or confirmed),
            whose evidence carries the rule "R23"; coded myelopathy counts under "R15".
        state: The flag's state.
        evidence: What decided it, newest first (PRESENT and POSSIBLE: the positive evidence; ABSENT: the
            statement of absence).
        flag_on: Date a later MRI is compared with (R25b); None when undated.
        unread: Prefetch keys that feed this flag and could not be read.
        has_unclear: It is possible, and a value that feeds it could not be understood: it may be present.
        lacks: Parts of the flag nobody documented although another part is ("sensation").
    """

    rule: str
    state: FlagState
    evidence: tuple[Evidence, ...] = ()
    flag_on: date | None = None
    unread: frozenset[str] = frozenset()
    has_unclear: bool = False
    lacks: tuple[str, ...] = ()


class Indicator(StrEnum):
    """Card indicator, in the words of CDS Hooks."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


GRAVEST_FIRST = (Indicator.CRITICAL, Indicator.WARNING, Indicator.INFO)


class Section(IntEnum):
    """The six parts of a card's detail, in their order; ALSO is the overflow line at the end."""

    WHY = 1
    STEP = 2
    NOT_DOCUMENTED = 3
    NOT_INTERPRETABLE = 4
    OTHER_GUIDANCE = 5
    BEYOND_ARTICLE = 6
    ALSO = 7


class Line(Value, frozen=True):
    """One line of a card's detail: a wording of the guideline data, filled.

    ``rule`` names the rule that adds it (S9, R37, R42, ...); it is added to the explanation's rules.
    """

    section: Section
    key: str
    slots: Mapping[str, SlotValue] = msgspec.field(default_factory=dict)
    rule: str | None = None
    evidence: tuple[Evidence, ...] = ()


class ProposalKind(StrEnum):
    """The resources the pathway can propose (pathway specification 3.5)."""

    MRI = "mri"
    CT_MYELOGRAPHY = "ct-myelography"
    CT_CERVICAL = "ct-cervical"
    PHYSICAL_THERAPY = "physical-therapy"
    IBUPROFEN = "ibuprofen"
    FOLLOW_UP = "follow-up"
    SPINE_SURGERY = "spine-surgery"
    NEUROLOGY = "neurology"
    PAIN_MEDICINE = "pain-medicine"
    RAISE_PRIORITY = "raise-priority"  # update of an order in the record
    REPLACE = "replace"  # the order in hand deleted, the parts drafted in its place
    DELETE = "delete"  # the order in hand deleted
    RAISE_DRAFT = "raise-draft"  # update of the order in hand: its priority
    WITHOUT_CONTRAST = "without-contrast"  # update of the order in hand: its code
    DOSE = "dose"  # update of the order in hand: its dosage


_NO_SERVICES = frozenset({ProposalKind.IBUPROFEN, ProposalKind.FOLLOW_UP})


class Proposal(Value, frozen=True):
    """One suggestion of a card: what to draft, how urgent, why.

    Attributes:
        kind: What is proposed.
        is_recommended: Marked recommended.
        priority: routine, urgent, stat; None where the resource has none.
        reasons: Sources for reasonReference (index condition first, then the triggers).
        note_keys: Wording keys for ``note`` (triggers, reason an MRI is not used).
        slots: Slots of label, description and notes.
        period: Follow-up window, both days included.
        order: For RAISE_PRIORITY: the order as recorded.
        draft: For what deletes or updates the order in hand: that order.
        parts: For REPLACE: what takes the order's place.
        rating: For what deletes or changes an order of a service in hand: its rating from then on.
    """

    kind: ProposalKind
    is_recommended: bool = False
    priority: str | None = None
    reasons: tuple[Source, ...] = ()
    note_keys: tuple[str, ...] = ()
    slots: Mapping[str, SlotValue] = msgspec.field(default_factory=dict)
    period: tuple[date, date] | None = None
    order: Service | None = None
    draft: DraftOrder | None = None
    parts: tuple[Proposal, ...] = ()
    rating: Rating | None = None

    @property
    def successor(self) -> Proposal | None:
        """Of the parts the first that is a service: what an order of a service can be changed into."""
        return next((part for part in self.parts if part.kind not in _NO_SERVICES), None)


class Selection(StrEnum):
    """selectionBehavior of CDS Hooks."""

    AT_MOST_ONE = "at-most-one"
    ANY = "any"


class Advice(Value, frozen=True):
    """One card to be: everything but the words.

    Attributes:
        rule: Topic of the card; letters and digits ("R23", "R33a", "S4").
        wording: Key of the summary in the guideline data ("R23", "R25a", "S4-late", ...).
        indicator: Severity.
        rules: Every rule that shaped the card, card rule first.
        slots: Slots of the summary.
        evidence: What decided it, newest first.
        lines: Detail lines in any order; the card sorts them by section.
        proposals: Suggestions in order.
        selection: How many suggestions may be taken.
        override: "imaging", "drugs" or None: which override reasons apply.
        newest_on: Newest date of its evidence, for ties of equal rank.
        order: The order in hand it is about; None for advice about the chart.
    """

    rule: str
    wording: str
    indicator: Indicator
    rules: tuple[str, ...]
    slots: Mapping[str, SlotValue] = msgspec.field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    lines: tuple[Line, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    selection: Selection = Selection.ANY
    override: str | None = None
    newest_on: date | None = None
    order: DraftOrder | None = None


class RuleVerdict(Value, frozen=True):
    """What one rule said, for the trace: verdict, and why as a wording key with slots."""

    rule: str
    verdict: Verdict
    why: str
    slots: Mapping[str, SlotValue] = msgspec.field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


class Decision(Value, frozen=True):
    """The whole outcome for one case.

    Attributes:
        advice: Cards to show, in order, at most the limit.
        also: Advice that did not fit, named in one line of the last card.
        findings: All red flags with their state.
        verdicts: Every rule asked, in order of its number.
        facts: Derived numbers for the trace: index condition, D, T, phase, trajectory, MRI safety.
        unclear: Values and resources that could not be understood and are not too old to matter.
        unread: Prefetch keys whose data is not whole.
        ratings: Rating of each imaging order in hand; shown only to clients that ask for it.
    """

    advice: tuple[Advice, ...] = ()
    also: tuple[Advice, ...] = ()
    findings: tuple[Finding, ...] = ()
    verdicts: tuple[RuleVerdict, ...] = ()
    facts: Mapping[str, SlotValue] = msgspec.field(default_factory=dict)
    unclear: tuple[NotInterpretable, ...] = ()
    unread: frozenset[str] = frozenset()
    ratings: tuple[RatedOrder, ...] = ()
