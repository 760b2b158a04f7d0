"""Evidence in words: the flag's name, the value with unit and range, the date, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.cards.markdown import escaped
from cds_service.cards.values import day, moment, number, unit
from cds_service.pathway.draft_order import DraftOrder
from cds_service.pathway.facts import CourseStatement, DrugUse, Measurement, Statement
from cds_service.pathway.vocabulary import Flagging, Intake, Side

if TYPE_CHECKING:
    from datetime import date

    from cds_service.cards.wording import Words
    from cds_service.pathway.finding import Evidence, Fact

_SIDES = {Side.LEFT: "fixed.side-left", Side.RIGHT: "fixed.side-right", Side.BOTH: "fixed.side-bilateral"}
_FLAGGED = {
    Flagging.RAISED: "fixed.flagged-raised",
    Flagging.NORMAL: "fixed.flagged-normal",
    Flagging.LOW: "fixed.flagged-low",
    Flagging.ABNORMAL: "fixed.flagged-abnormal",
}


def flag_phrase(evidence: Evidence, words: Words) -> str:
    """The flag with its value and date, in our own words only: "CRP 42 mg/L (12 Jun)"."""
    fact = evidence.fact
    is_result = (
        isinstance(fact, Measurement) and fact.value is not None and fact.concept in words.guideline.units
    )
    name = (
        measured(fact, words) if is_result and isinstance(fact, Measurement) else flag_name(evidence, words)
    )
    if "measured-loss" in evidence.notes:
        # A weight alone does not say what is wrong with it.
        name = f"{flag_name(evidence, words)}, {name}"
    on = when(evidence, words)
    return f"{name} ({on})" if on else name


def flag_name(evidence: Evidence, words: Words) -> str:
    """The name of what was found; of evidence that is no flag, "" when the data has none."""
    key = f"flag.{evidence.name or evidence.rule}"
    return words.fill(key) if key in words.guideline.wordings else ""


def measured(result: Measurement, words: Words) -> str:
    """A result as ``CRP 42 mg/L``; without the conversion."""
    measure = words.guideline.units[result.concept]
    comparator = result.comparator or ""
    shown = result.qualifier or f"{comparator}{number(result.value or 0)}"
    space = "" if unit(result.unit).startswith("/") else " "
    return f"{measure.name} {shown}{space}{unit(result.unit)}"


def when(evidence: Evidence, words: Words) -> str:
    """The date of the evidence, as exact as it is recorded; "" for none."""
    if evidence.on is None:
        return ""
    for recorded in recorded_dates(evidence):
        if recorded.on == evidence.on:
            return moment(recorded, words.as_of)
    return day(evidence.on, words.as_of)


def recorded_dates(evidence: Evidence) -> list:  # type: ignore[type-arg]
    """Every recorded date of the evidence's fact."""
    names = ("onset", "recorded", "taken", "start", "end", "performed", "reported", "authored", "implanted")
    fact = evidence.fact
    if isinstance(fact, CourseStatement):
        return [fact.on]
    return [found for name in names if (found := getattr(fact, name, None)) is not None]


def sentence(evidence: Evidence, words: Words, first: date | None = None) -> str:
    """One line of the detail: what, value, date, remarks, source. Words of the record are escaped.

    Args:
        evidence: What is shown.
        words: The wordings.
        first: The oldest day the same was recorded on, when it was recorded again since.
    """
    if first is not None:
        return _sentence(evidence, words, first)
    known = words.told.get(id(evidence))
    if known is None:
        known = words.told[id(evidence)] = evidence, _sentence(evidence, words, None)
    return known[1]


def _sentence(evidence: Evidence, words: Words, first: date | None) -> str:
    fact = evidence.fact
    if isinstance(fact, Measurement) and fact.concept in words.guideline.units:
        what = _result(fact, words)
    else:
        what = _named(evidence, words)
    on = when(evidence, words)
    remarks = [words.fill(f"note.{key}") for key in (*evidence.notes, *_notes_on(fact))]
    place = escaped(fact.source.ref) + (f" +{len(fact.source.duplicates)}" if fact.source.duplicates else "")
    since = [words.fill("note.first-recorded", {"date": day(first, words.as_of)})] if first else []
    dated = on or ("" if isinstance(fact, DraftOrder) else words.fill("fixed.undated"))
    parts = [part for part in (what, dated, *since, *remarks) if part]
    return f"{', '.join(parts)} ({place})"


def _notes_on(fact: Fact) -> tuple[str, ...]:
    """What a reader has to know about the kind of fact: an order is no proof that a drug was taken."""
    if isinstance(fact, DraftOrder):
        return ("this-order",)
    is_order = isinstance(fact, DrugUse) and fact.intake is Intake.PRESCRIBED
    return ("prescribed",) if is_order else ()


def _named(evidence: Evidence, words: Words) -> str:
    """Our name for it and, where it says more, the record's own words."""
    name, recorded = flag_name(evidence, words), escaped(evidence.fact.source.text)
    if isinstance(evidence.fact, Statement) and evidence.fact.onset_text:
        onset = words.fill("fixed.onset-text")
        recorded = f"{recorded}, {onset} {escaped(evidence.fact.onset_text)}"
    if not name:
        return recorded or escaped(evidence.fact.source.ref.partition("/")[0])
    return f'{name}: "{recorded}"' if recorded else name


def _result(result: Measurement, words: Words) -> str:
    """A result as ``CRP 4.2 mg/dL (42 mg/L), ref <5``; the flag alone when the value could not be used."""
    measure = words.guideline.units[result.concept]
    if result.value is None:
        own = number(result.original_value) if result.original_value is not None else ""
        text = f"{measure.name} {own} {escaped(result.original_unit)}".strip()
    elif (
        result.original_unit
        and result.original_unit not in (result.unit, unit(result.unit))
        and _is_converted(result)
    ):
        own = number(result.original_value or 0)
        canonical = f"{number(result.value)} {unit(result.unit)}"
        text = f"{measure.name} {own} {escaped(result.original_unit)} ({canonical})"
    else:
        text = measured(result, words)
    side = words.fill(_SIDES[result.side]) if result.side else ""
    muscle = f" {escaped(' '.join(filter(None, (side, result.muscle))))}"
    parts = [text + muscle if result.muscle else text]
    if result.reference_high is not None:
        parts.append(f"{words.fill('fixed.reference')}{number(result.reference_high)}")
    if result.flagging is not None:
        parts.append(words.fill(_FLAGGED[result.flagging]))
    return ", ".join(parts)


def _is_converted(result: Measurement) -> bool:
    return result.original_value is not None and result.original_value != result.value
