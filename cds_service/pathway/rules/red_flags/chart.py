"""What a red-flag rule is given, and how its evidence becomes a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.evidence import (
    NO_EVIDENCE,
    Reading,
    Signs,
    newest_date,
    newest_first,
    read,
    unanswered,
)
from cds_service.pathway.finding import Evidence, Finding, FlagState
from cds_service.pathway.record import first_day
from cds_service.pathway.rules.red_flags.concepts import (
    DENIED_AS_A_WHOLE,
    DENIED_BY,
    MEASURED,
    SEVERAL_FINDINGS,
    STRONG,
    TARGET,
    WEAK,
    concepts_of,
)
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Episode, Trial
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.facts import NotInterpretable
    from cds_service.pathway.record import Record

_FINDINGS = frozenset({"conditions", "observations", "encounters", "questionnaireResponses", "flags"})
_LABORATORY = frozenset({"conditions", "observations", "encounters", "diagnosticReports"})
_HISTORY = _FINDINGS | {
    "medicationStatements",
    "medicationRequests",
    "medicationAdministrations",
    "procedures",
}
FEEDS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("R5", "R6", "R7", "R13", "R14", "R15", "R16", "R17", "R18", "R19"), _FINDINGS),
    **dict.fromkeys(("R20", "R21", "R22", TARGET), _FINDINGS),
    **dict.fromkeys(("R8", "R9", "R10"), _LABORATORY),
    **dict.fromkeys(("R11", "R12"), _HISTORY),
}
# What is stated about a flag, in whatever strength.
_READ: Mapping[str, frozenset[str]] = {
    rule: concepts_of(rule) - MEASURED.get(rule, frozenset()) for rule in FEEDS
}
_KEY_OF_TYPE: Mapping[str, str] = {
    "Condition": "conditions",
    "Observation": "observations",
    "Encounter": "encounters",
    "QuestionnaireResponse": "questionnaireResponses",
    "Flag": "flags",
    "DiagnosticReport": "diagnosticReports",
    "MedicationStatement": "medicationStatements",
    "MedicationRequest": "medicationRequests",
    "MedicationAdministration": "medicationAdministrations",
    "Procedure": "procedures",
}


# What most flags come to in most charts.
_SILENT: Mapping[str, Finding] = {rule: Finding(rule, FlagState.NOT_DOCUMENTED) for rule in FEEDS}


class Chart(Value, frozen=True):
    """The case as red-flag rules read it: indexed, with its episode, trial and limits."""

    case: NeckPainCase
    record: Record
    episode: Episode
    trial: Trial
    thresholds: Thresholds

    @property
    def as_of(self) -> date:
        """Day of the call."""
        return self.case.as_of

    @property
    def pain_onset(self) -> date | None:
        """Onset of the pain, None when unknown."""
        return self.episode.onset.on if self.episode.onset else None

    def signs(self, rule: str, days: int) -> Signs:
        """The statements a flag reads, with its look-back."""
        nothing: frozenset[str] = frozenset()
        return Signs(
            rule=rule,
            days=days,
            stale_days=self.thresholds.stale_after_days,
            strong=STRONG[rule],
            weak=WEAK.get(rule, nothing),
            denied_by=DENIED_BY.get(rule, nothing),
            is_several=rule in SEVERAL_FINDINGS,
        )

    def read(self, rule: str, days: int) -> Reading:
        """Coded evidence for a flag within its look-back."""
        if not self.record.has_statements(_READ[rule]):
            return NO_EVIDENCE
        return read(self.record, self.signs(rule, days))

    def predates_pain(self, on: date | None) -> bool:
        """Whether something is older than the pain by more than the tolerance; unknown dates never are."""
        return on is not None and self.days_before_pain(on) > self.thresholds.predates_pain_days

    def days_before_pain(self, on: date) -> int:
        """Days from a date to the earliest day the pain can have begun; of a month that is its first.

        The latest day keeps imaging from coming too early. Here it would make a new sign an old one.
        """
        onset = self.episode.onset
        return (first_day(onset) - on).days if onset else 0


def _newest_if_all_dated(evidence: tuple[Evidence, ...]) -> date | None:
    """Newest date; None when one bears none, which may be newer than all."""
    return None if any(item.on is None for item in evidence) else newest_date(evidence)


def conclude(
    chart: Chart,
    rule: str,
    reading: Reading,
    *,
    flag_on: date | None = None,
    settled_on: date | None = None,
    unclear: tuple[Evidence, ...] = (),
) -> Finding:
    """The finding a rule's evidence amounts to.

    Args:
        chart: The case.
        rule: The flag.
        reading: Its evidence.
        flag_on: Date a later MRI is compared with, where it is not simply the newest evidence.
        settled_on: An uninterpretable value before this day does not matter: a newer one was read.
        unclear: Values whose comparator leaves open on which side of the limit they lie.
    """
    readability = chart.case.readability
    unread = FEEDS[rule] & readability.incomplete
    if reading is NO_EVIDENCE and not (unread or unclear or readability.not_interpretable):
        return _SILENT[rule]
    if reading.present:
        evidence = newest_first(reading.present)
        return Finding(rule, FlagState.PRESENT, evidence, flag_on or _newest_if_all_dated(evidence), unread)
    possible = reading.possible
    if possible and rule in DENIED_AS_A_WHOLE:
        possible = unanswered(chart.record, possible, reading.absent)
    is_unclear = bool(unclear) or bool(
        readability.not_interpretable
        and _has_uninterpretable(chart, rule, settled_on, newest_date(reading.absent))
    )
    if possible:
        evidence = newest_first(possible)
        return Finding(rule, FlagState.POSSIBLE, evidence, newest_date(evidence), unread, is_unclear)
    if unread or is_unclear:
        return Finding(rule, FlagState.NOT_READABLE, newest_first(unclear), unread=unread)
    if reading.absent:
        return Finding(rule, FlagState.ABSENT, newest_first(reading.absent))
    return Finding(rule, FlagState.NOT_DOCUMENTED)


def _has_uninterpretable(chart: Chart, rule: str, settled_on: date | None, denied_on: date | None) -> bool:
    """Whether something unclear may matter: a newer value settles a value, a newer denial an answer."""
    return any(
        _feeds(item, rule)
        and not _is_settled(item, denied_on if _is_answer(item) else settled_on)
        and not _is_spent(chart, item, _look_back(chart, rule, item))
        for item in chart.case.readability.not_interpretable
    )


def _is_answer(item: NotInterpretable) -> bool:
    return item.concept.startswith("red-flag/")


def _look_back(chart: Chart, rule: str, item: NotInterpretable) -> int:
    """How far back a value of this flag, or an answer about it, can matter."""
    limits = chart.thresholds
    answers = {
        "R5": limits.coded_fever_lookback_days,
        "R6": limits.coded_weight_loss_lookback_days,
        "R7": limits.night_sweats_lookback_days,
        "R14": limits.weakness_lookback_days,
        "R15": limits.deficit_lookback_days,
        "R16": limits.bilateral_lookback_days,
        "R17": limits.gait_lookback_days,
        "R18": limits.bladder_bowel_lookback_days,
        "R19": limits.reflex_lookback_days,
        "R20": limits.reflex_lookback_days,
        "R21": limits.intractable_lookback_days,
        "R22": limits.tenderness_lookback_days,
    }
    values = {
        "R5": limits.temperature_lookback_days,
        "R6": limits.weight_baseline_until_days,
        "R8": limits.lab_lookback_days,
        "R9": limits.lab_lookback_days,
        "R10": limits.lab_lookback_days,
        "R14": limits.weakness_lookback_days,
        "R15": limits.deficit_lookback_days,
        "R21": limits.intractable_lookback_days,
    }
    return (answers if _is_answer(item) else values).get(rule, limits.stale_after_days)


def _is_spent(chart: Chart, item: NotInterpretable, days: int) -> bool:
    """Whether an uninterpretable value is too old to have mattered; an undated one never is."""
    return item.on is not None and not chart.record.is_within(item.on.on, days)


def _feeds(item: NotInterpretable, rule: str) -> bool:
    if item.concept:
        return item.concept in concepts_of(rule)
    # A resource nothing can be said about might have held any finding its type can carry.
    return _KEY_OF_TYPE.get(item.ref.partition("/")[0]) in FEEDS[rule]


def _is_settled(item: NotInterpretable, settled_on: date | None) -> bool:
    return settled_on is not None and item.on is not None and item.on.on < settled_on
