"""Signs of cord compression: gait (R17), bladder and bowel (R18), hyperreflexia (R19), Babinski (R20)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.evidence import Reading, read, with_notes
from cds_service.pathway.facts import Statement
from cds_service.pathway.record import started_on
from cds_service.pathway.rules.red_flags.chart import Chart, conclude
from cds_service.pathway.rules.red_flags.concepts import HOFFMANN
from cds_service.pathway.standing import covers

if TYPE_CHECKING:
    from cds_service.pathway.finding import Evidence, Finding

_GAIT_CAUSES = ("risk/gait-other-cause",)
_BOWEL_WORDS = ("bowel", "fecal", "faecal", "feces", "faeces", "anal", "saddle")
_LHERMITTE = "lhermitte"


def gait(chart: Chart) -> Finding:
    """R17: gait disturbance; possible when another recorded cause is clearly older than the pain."""
    reading = chart.read("R17", chart.thresholds.gait_lookback_days)
    causes = chart.record.affirmed(_GAIT_CAUSES)
    if any(chart.predates_pain(started_on(cause)) for cause in causes):
        reading = reading.weakened("other-cause-predates-pain")
    return conclude(chart, "R17", reading)


def bladder_bowel(chart: Chart) -> Finding:
    """R18: new loss of bladder or bowel control; possible when it is clearly older than the pain."""
    signs = chart.signs("R18", chart.thresholds.bladder_bowel_lookback_days)
    reading = read(chart.record, structs.replace(signs, is_denied=_is_same_function))
    old = tuple(e for e in reading.present if _predates(chart, e))
    new = tuple(e for e in reading.present if e not in old)
    doubted = tuple(with_notes(e, "predates-pain") for e in old)
    return conclude(chart, "R18", Reading(new, doubted + reading.possible, reading.absent))


def _is_same_function(denial: Statement, statement: Statement) -> bool:
    """One set holds bladder and bowel: continence of one is no denial of trouble with the other."""
    return _is_bowel(denial) == _is_bowel(statement) and covers(denial, statement)


def _is_bowel(statement: Statement) -> bool:
    words = statement.source.text.casefold()
    return any(word in words for word in _BOWEL_WORDS)


def _predates(chart: Chart, evidence: Evidence) -> bool:
    return isinstance(evidence.fact, Statement) and chart.predates_pain(started_on(evidence.fact))


def hyperreflexia(chart: Chart) -> Finding:
    """R19: hyperreflexia; Hoffmann sign and clonus are read as equivalents and named as found.

    Lhermitte's sign shares a value set with Hoffmann's; the pathway does not name it: possible.
    """
    reading = chart.read("R19", chart.thresholds.reflex_lookback_days)
    named = tuple(_named(e) for e in reading.present)
    lhermitte = tuple(e for e in named if _is_lhermitte(e))
    present = tuple(e for e in named if not _is_lhermitte(e))
    possible = lhermitte + tuple(_named(e) for e in reading.possible)
    return conclude(chart, "R19", Reading(present, possible, reading.absent))


def _is_lhermitte(evidence: Evidence) -> bool:
    return evidence.name == "R19-lhermitte"


def _named(evidence: Evidence) -> Evidence:
    """The sign that was found, by the words of the record where one set holds two signs."""
    words = evidence.source.text.casefold()
    is_hoffmann = isinstance(evidence.fact, Statement) and HOFFMANN in evidence.fact.concepts
    if "clonus" in words:
        return structs.replace(evidence, name="R19-clonus")
    if not is_hoffmann:
        return evidence
    return structs.replace(evidence, name="R19-lhermitte" if _LHERMITTE in words else "R19-hoffmann")


def plantar(chart: Chart) -> Finding:
    """R20: extensor plantar response; an equivocal one is recorded as suspected and is possible."""
    return conclude(chart, "R20", chart.read("R20", chart.thresholds.reflex_lookback_days))
