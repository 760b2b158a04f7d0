"""The episode as a picture: onset, phases, therapy, imaging, findings, visits, today."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from cds_service.pathway.finding import FlagState
from cds_service.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cds_service.advise import Advised
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.vocabulary import When

WIDTH, LEFT, RIGHT = 900, 130, 20
TOP, LANE = 46, 34
MARGIN_DAYS = 5
LONGEST_DAYS = 540
LATEST_DAYS = 60
LABEL_PIXELS = 64


class Band(Value, frozen=True):
    """A phase: where it lies and its name."""

    x: float
    width: float
    name: str
    days: str


class Item(Value, frozen=True):
    """Something on a lane: a bar when it lasts, else a dot. ``title`` says it in words."""

    x: float
    title: str
    width: float = 0.0
    tone: str = ""


@dataclass
class Lane:
    """A row with its name."""

    name: str
    shown: list[Item] = field(default_factory=list)


@dataclass
class Timeline:
    """The picture."""

    bands: list[Band]
    lanes: list[Lane]
    ticks: list[tuple[float, str]]
    today: float
    description: str
    width: int = WIDTH
    left: int = LEFT

    @property
    def height(self) -> int:
        """High enough for its lanes."""
        return TOP + LANE * len(self.lanes) + 24


class _Scale:
    """Days to pixels."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self._pixels = (WIDTH - LEFT - RIGHT) / max((last - first).days, 1)

    def at(self, on: date) -> float:
        """Where a day is; what lies outside is at the edge."""
        inside = min(max(on, self.first), self.last)
        return round(LEFT + (inside - self.first).days * self._pixels, 1)


def timeline(advised: Advised, thresholds: Thresholds) -> Timeline | None:
    """The picture of an episode; None where the pathway was not entered."""
    facts, case = advised.decision.facts, advised.case
    if not facts:
        return None
    onset = facts.get("onset")
    onset = onset if isinstance(onset, date) else None
    lanes = [lane for lane in _dated_lanes(advised, onset) if lane[1]]
    scale = _scale(
        case.as_of, onset, [day for _, items in lanes for start, end, _, _ in items for day in (start, end)]
    )
    return Timeline(
        bands=list(_bands(onset, scale, thresholds)) if onset else [],
        lanes=[Lane(name, [_item(scale, *item) for item in items]) for name, items in lanes],
        ticks=list(_ticks(scale)),
        today=scale.at(case.as_of),
        description=_description(advised, onset),
    )


# First day, last day, words, tone.
_Dated = tuple[date, date, str, str]


def _dated_lanes(advised: Advised, onset: date | None) -> Iterator[tuple[str, list[_Dated]]]:
    case = advised.case
    pain = [(onset, case.as_of, f"pain since {onset}", "")] if onset else []
    yield "Pain", [item for item in pain if item[0] <= item[1]]
    yield "NSAID", list(_drugs(case))
    yield "Physical therapy", list(_sessions(case))
    studies = [(report, report.performed or report.reported) for report in case.imaging]
    yield "Imaging", [_dot(when, "study", report.source.ref) for report, when in studies if when]
    yield "Red flags", list(_flags(advised))
    yield "Course", [_dot(c.on, c.course.value, c.source.ref) for c in case.courses]
    yield "Visits", [(v.on, v.on, f"visit {v.on} ({v.source.ref})", "") for v in case.visits]


def _dot(when: When, word: str, ref: str) -> _Dated:
    return when.on, when.on, f"{word} {when.on} ({ref})", ""


def _drugs(case: NeckPainCase) -> Iterator[_Dated]:
    for drug in case.drugs:
        if "drug/nsaid" in drug.concepts and drug.start:
            end = drug.end.on if drug.end else case.as_of if drug.is_current else drug.start.on
            words = f"{drug.ingredient or 'NSAID'}, {drug.intake.value}, {drug.start.on} to {end}"
            yield drug.start.on, max(end, drug.start.on), f"{words} ({drug.source.ref})", ""


def _sessions(case: NeckPainCase) -> Iterator[_Dated]:
    for service in case.services:
        when = service.performed or service.authored
        if service.concepts & {"therapy/physical-therapy", "referral/physical-therapy"} and when:
            yield _dot(when, "session" if service.status == "done" else service.status, service.source.ref)


def _flags(advised: Advised) -> Iterator[_Dated]:
    for finding in advised.decision.findings:
        if finding.state in (FlagState.PRESENT, FlagState.POSSIBLE):
            tone = "critical" if finding.state is FlagState.PRESENT else ""
            for item in finding.evidence:
                if item.on:
                    words = f"{finding.rule} {finding.state.value}, {item.on} ({item.source.ref})"
                    yield item.on, item.on, words, tone


def _scale(today: date, onset: date | None, days: list[date]) -> _Scale:
    """From the onset or what is older, but not years back, to what is still to come, but not years ahead."""
    floor, ceiling = today - timedelta(LONGEST_DAYS), today + timedelta(LATEST_DAYS)
    shown = [min(max(day, floor), ceiling) for day in (*days, *((onset,) if onset else ()), today)]
    return _Scale(min(shown) - timedelta(MARGIN_DAYS), max(shown) + timedelta(MARGIN_DAYS))


def _item(scale: _Scale, start: date, end: date, title: str, tone: str) -> Item:
    x = scale.at(start)
    return Item(x, title, max(round(scale.at(end) - x, 1), 3.0) if end > start else 0.0, tone)


def _bands(onset: date, scale: _Scale, numbers: Thresholds) -> Iterator[Band]:
    starts = (0, numbers.phase_reassess_from_day, numbers.phase_band_from_day, numbers.phase_beyond_from_day)
    names = ("initial care", "reassessment", "six to eight weeks", "beyond")
    for name, start, after in zip(names, starts, (*starts[1:], None), strict=True):
        first = onset + timedelta(start)
        last = scale.last if after is None else min(onset + timedelta(after), scale.last)
        if first < scale.last and last > scale.first:
            days = f"day {start} on" if after is None else f"day {start} to {after - 1}"
            x = scale.at(first)
            yield Band(x, round(scale.at(last) - x, 1), name, days)


def _ticks(scale: _Scale) -> Iterator[tuple[float, str]]:
    """Dates far enough apart to be read."""
    span = (scale.last - scale.first).days
    count = max(int((WIDTH - LEFT - RIGHT) / LABEL_PIXELS / 1.6), 1)
    step = max(-(-span // count), 1)
    for days in range(step, span, step):
        on = scale.first + timedelta(days)
        yield scale.at(on), on.isoformat()


def _description(advised: Advised, onset: date | None) -> str:
    facts = advised.decision.facts
    began = f"onset {onset}, day {facts.get('day')}" if onset else "onset not known"
    return f"Episode as of {advised.case.as_of}: {began}; therapy on {facts['therapy_days']} days."
