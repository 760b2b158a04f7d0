"""How statements about a symptom, sign or diagnosis add up: present, possible, absent.

The reading rules of the pathway specification, section 2.3, in one place: look-backs, clinical and
verification status, and which of two contradicting statements counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from msgspec import structs

from cds_service.pathway.facts import Statement
from cds_service.pathway.finding import Evidence
from cds_service.pathway.record import Record, first_day, newest_on, stated_on
from cds_service.pathway.same_finding import is_same_diagnosis, is_same_finding
from cds_service.pathway.standing import covers
from cds_service.pathway.vocabulary import Presence
from cds_service.value import Value

# Remark on a normal result of the day of a raised one: shown beside it, and never first.
CONTRARY = "normal-same-day"


class Reading(Value, frozen=True):
    """What the record says about one flag, by strength."""

    present: tuple[Evidence, ...] = ()
    possible: tuple[Evidence, ...] = ()
    absent: tuple[Evidence, ...] = ()

    def joined(self, other: Reading) -> Reading:
        """Both readings as one."""
        if other == NO_EVIDENCE:
            return self
        if self == NO_EVIDENCE:
            return other
        return Reading(
            self.present + other.present, self.possible + other.possible, self.absent + other.absent
        )

    def weakened(self, *notes: str) -> Reading:
        """The same evidence with nothing stronger than possible, remarked on."""
        doubted = tuple(with_notes(item, *notes) for item in self.present)
        return Reading((), doubted + self.possible, self.absent)


NO_EVIDENCE = Reading()


class Signs(Value, frozen=True):
    """Which statements speak about a flag.

    Attributes:
        rule: The flag they count for.
        days: Look-back, last day included.
        stale_days: Age at which a single examination finding no longer even makes the flag possible.
        strong: Concepts that prove the flag.
        weak: Concepts that make it possible at most.
        denied_by: Concepts whose very meaning is that the thing is absent.
        is_several: It is several findings, of which one is not denied with another.
        is_denied: Whether a negative statement is about the very thing a positive one says.
    """

    rule: str
    days: int
    stale_days: int
    strong: frozenset[str]
    weak: frozenset[str] = frozenset()
    denied_by: frozenset[str] = frozenset()
    is_several: bool = False
    is_denied: Callable[[Statement, Statement], bool] = covers


def read(record: Record, signs: Signs) -> Reading:
    """Add up what the record says about a flag.

    The newest statement wins; on the same day the positive one does, and is remarked on. An entry that is
    still active but was last dated before the look-back, or bears no date at all, is possible: neither
    current evidence nor nothing.
    """
    named = signs.strong | signs.weak
    if not record.has_statements(named) and not record.has_statements(signs.denied_by):
        return NO_EVIDENCE
    denials = _denials(record, signs)
    present: list[Evidence] = []
    possible: list[Evidence] = []
    for statement in record.affirmed(named):
        if not statement.is_active or _has_ended(statement) or _is_spent(record, signs, statement):
            continue
        doubts = _doubts(record, signs, statement)
        contrary = _contrary(record, signs, statement, denials, doubts)
        if contrary is not None:
            (possible if doubts else present).append(evidence_of(signs.rule, statement, *doubts, *contrary))
    absent = tuple(evidence_of(signs.rule, statement) for statement in denials)
    return Reading(tuple(present), tuple(possible), absent)


def _denials(record: Record, signs: Signs) -> tuple[Statement, ...]:
    """Dated negative statements in the look-back; an undated one is not known to be newer than anything."""
    named = signs.strong | signs.weak
    negative = [s for s in record.about(named) if s.presence is Presence.ABSENT]
    # The code itself says "absent"; neither a doubt about it nor a "no" to it is a denial.
    negative += [s for s in record.about(signs.denied_by) if s.presence is Presence.PRESENT]
    unique = {id(s): s for s in negative if s.recorded is not None}
    return tuple(s for s in unique.values() if record.is_within(denied_on(s), signs.days))


def denied_on(statement: Statement) -> date:
    """Earliest day a negative statement can be from: of a vague date it is not credited with the end."""
    return first_day(statement.recorded) if statement.recorded else date.min


def _has_ended(statement: Statement) -> bool:
    """Whether an end is recorded, whatever the status says; of a recurrence it is the earlier bout's."""
    return statement.abated is not None and not statement.is_recurrence


def _is_spent(record: Record, signs: Signs, statement: Statement) -> bool:
    """Whether an examination finding is so old that it says nothing about today.

    A problem-list entry goes on until it is ended; an examination is of its day. Beyond the stale guard the
    latter is not kept as "possible" for ever.
    """
    newest = newest_on(statement, record.as_of)
    if statement.kind != "Observation" or newest is None:
        return False
    return not record.is_within(newest, signs.stale_days)


def _doubts(record: Record, signs: Signs, statement: Statement) -> tuple[str, ...]:
    """Why a statement is possible rather than present; nothing when it proves the flag."""
    newest = newest_on(statement, record.as_of)
    doubts = []
    if statement.presence is Presence.SUSPECTED:
        doubts.append("suspected")
    if not statement.concepts & signs.strong:
        doubts.append("weaker-code")
    if newest is None:
        # Active and undated: it may be of today, so it is never ignored; that it is cannot be shown.
        doubts.append("undated")
    elif not record.is_within(newest, signs.days):
        doubts.append("outside-look-back")
    return tuple(doubts)


def _contrary(
    record: Record,
    signs: Signs,
    statement: Statement,
    denials: Iterable[Statement],
    doubts: tuple[str, ...],
) -> tuple[str, ...] | None:
    """Notes on a denial of the same day; None when a denial outweighs the statement."""
    newest = newest_on(statement, record.as_of)
    notes: tuple[str, ...] = ()
    for denial in denials:
        if newest is None or not _is_about(signs, denial, statement):
            continue
        on = denied_on(denial)
        if on > newest or (doubts and on == newest):
            return None
        if on == newest:
            notes = ("negative-same-day",)
    return notes


def _is_about(signs: Signs, denial: Statement, statement: Statement) -> bool:
    if not signs.is_denied(denial, statement):
        return False
    if denial.concepts & signs.denied_by:
        return True
    shared = denial.concepts & statement.concepts & (signs.strong | signs.weak)
    return bool(shared) and (not signs.is_several or is_same_finding(denial, statement))


def unanswered(
    record: Record, possible: Iterable[Evidence], denials: Iterable[Evidence]
) -> tuple[Evidence, ...]:
    """Possible evidence no explicit denial of the flag itself, of the same day or later, has answered.

    A denial of one side or site answers nothing but that, and is weighed statement by statement elsewhere.
    """
    general = [d.fact for d in denials if isinstance(d.fact, Statement) and not (d.fact.side or d.fact.sites)]
    newest = max((denied_on(statement) for statement in general), default=date.min)
    return tuple(e for e in possible if (_latest(record, e) or date.max) > newest)


def _latest(record: Record, evidence: Evidence) -> date | None:
    if isinstance(evidence.fact, Statement):
        return newest_on(evidence.fact, record.as_of)
    return evidence.on


def active_diagnoses(record: Record, concepts: Iterable[str]) -> tuple[Statement, ...]:
    """Active diagnoses, suspected ones included, of any date, that no newer entry refutes."""
    entries = record.about(frozenset(concepts))
    refuted = [s for s in entries if s.presence is Presence.ABSENT and s.recorded is not None]
    standing = [s for s in entries if s.presence is not Presence.ABSENT and s.is_active]
    return tuple(s for s in standing if not any(_refutes(record, r, s) for r in refuted))


def _refutes(record: Record, refutation: Statement, statement: Statement) -> bool:
    newest = newest_on(statement, record.as_of)
    is_alike = bool(refutation.concepts & statement.concepts) and covers(refutation, statement)
    is_same = is_alike and is_same_diagnosis(refutation, statement)
    return newest is not None and is_same and denied_on(refutation) > newest


def evidence_of(rule: str, statement: Statement, *notes: str, name: str = "") -> Evidence:
    """A statement as evidence, with what a reader should know about how it was recorded."""
    remarks = list(notes)
    if statement.is_preliminary:
        remarks.append("preliminary")
    if statement.is_text_only:
        remarks.append("text-only")
    return Evidence(rule, statement, stated_on(statement), tuple(remarks), name)


def with_notes(evidence: Evidence, *notes: str) -> Evidence:
    """The same evidence with further remarks."""
    return Evidence(evidence.rule, evidence.fact, evidence.on, evidence.notes + notes, evidence.name)


def newest_first(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Evidence in the order cards show it; the order of the record has no say in ties.

    The same words without a date of their own, told at several visits, are one thing with several sources.
    """
    items = tuple(evidence)
    if not items[1:]:
        return items
    told: dict[object, Evidence] = {}
    for item in sorted(items, key=_recency):
        key = _told_at_visits(item)
        earlier = told.get(key)
        told[key] = item if earlier is None else _with_source(earlier, item)
    return tuple(told.values())


def _told_at_visits(evidence: Evidence) -> object:
    """What makes two entries the same thing of two visits; an entry with a date of its own is only itself."""
    fact = evidence.fact
    if not isinstance(fact, Statement) or fact.onset or fact.recorded or not fact.first_mentioned:
        return id(evidence)
    return evidence.rule, evidence.name, evidence.notes, fact.concepts, fact.side, fact.source.text.casefold()


def _with_source(evidence: Evidence, other: Evidence) -> Evidence:
    """The evidence with the sources of an older one that says the same."""
    source = evidence.source
    refs = {*source.duplicates, other.source.ref, *other.source.duplicates} - {source.ref}
    fact = structs.replace(evidence.fact, source=structs.replace(source, duplicates=tuple(sorted(refs))))
    return structs.replace(evidence, fact=fact)


def _recency(evidence: Evidence) -> tuple[int, bool, str, str, str]:
    on, source = evidence.on or date.min, evidence.source
    return (-on.toordinal(), CONTRARY in evidence.notes, evidence.rule, source.ref, source.text)


def newest_date(evidence: Iterable[Evidence]) -> date | None:
    """Newest date among evidence, None when nothing is dated."""
    return max((item.on for item in evidence if item.on is not None), default=None)
