"""The decision flow as a picture: boxes and wires, their words and days from the guideline data."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING

from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.guideline.model import Guideline
    from cds_service.guideline.thresholds import Thresholds

WIDTH = 980
LINE = 18
PAD = 12
CHARACTER = 7.4  # of 14 px system fonts, on the safe side
QUESTION_X, ANSWER_X, SIDE = 40, 560, 380
PHASE_WIDTH, PHASE_GAP = 215, 20
ROW_GAP = 30


class Box(Value, frozen=True):
    """One step; the first of its rules is where it leads to.

    ``tone`` is the severity of what it says; "" asks a question.
    """

    rules: tuple[str, ...]
    lines: tuple[str, ...]
    x: int
    y: int
    width: int
    tone: str = ""

    @property
    def height(self) -> int:
        """High enough for its lines and the rule ids above them."""
        return LINE * (len(self.lines) + 1) + 2 * PAD

    @property
    def middle(self) -> int:
        """Height of its middle."""
        return self.y + self.height // 2

    @property
    def bottom(self) -> int:
        """Its lower edge."""
        return self.y + self.height

    @property
    def name(self) -> str:
        """Its rules as a range or a list."""
        if len(self.rules) > 3:  # noqa: PLR2004 - longer lists do not fit
            return f"{self.rules[0]} to {self.rules[-1]}"
        return ", ".join(self.rules)


class Wire(Value, frozen=True):
    """A line with an arrow at its end, and a word at its start."""

    points: tuple[tuple[int, int], ...]
    word: str = ""

    @property
    def path(self) -> str:
        """As SVG path data."""
        (x, y), *rest = self.points
        return f"M{x} {y}" + "".join(f" L{a} {b}" for a, b in rest)

    @property
    def tip(self) -> str:
        """The arrow head, pointing the way the last stretch goes."""
        (x0, _), (x, y) = self.points[-2:]
        if x0 == x:
            return f"M{x - 5} {y - 9} L{x} {y} L{x + 5} {y - 9} Z"
        return f"M{x - 9} {y - 5} L{x} {y} L{x - 9} {y + 5} Z"


@dataclass
class Flow:
    """The whole picture."""

    boxes: list[Box] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    height: int = 0
    width: int = WIDTH


class Step(Value, frozen=True):
    """A question of the main line: where "yes" leads, and which rules ask and answer."""

    asks: tuple[str, ...]
    question: str
    answers: tuple[tuple[tuple[str, ...], str, str], ...]  # rules, words, tone


RED_FLAGS = tuple(f"R{number}" for number in range(5, 23))


def steps(numbers: Thresholds) -> tuple[Step, ...]:
    """The main line from the top, in the order the rules are weighed."""
    return (
        Step(
            ("R1",),
            "{R1}?",
            ((("R2", "R3", "R3b"), "No: silent. {R2}; {R3}; {R3b}", ""),),
        ),
        Step(
            ("S5", "S7"),
            "Signs of an emergency?",
            ((("S5", "S7"), "Emergency assessment: {S5}; {S7}", "critical"),),
        ),
        Step(
            ("R4",),
            f"Injury within {numbers.trauma_lookback_days} days, pain from it?",
            ((("S4",), "{S4}", "warning"),),
        ),
        Step(
            RED_FLAGS,
            "Red flags: present, possible, documented absent, or not documented?",
            (
                (("R23", "R24", "R25a", "R25b"), "Present: {R23}; {R24}; {R25a}; {R25b}", "critical"),
                (("R26",), "Possible: {R26}, to be confirmed", "warning"),
            ),
        ),
        Step(("R35",), "Course recorded as resolving?", ((("R35",), "{R35}: no phase card", "good"),)),
        Step(("R36",), "Onset not known?", ((("R36",), "{R36}: record it", "info"),)),
    )


def decision_flow(guideline: Guideline) -> Flow:
    """The picture."""
    numbers = guideline.thresholds
    titles = {rule: text.title for rule, text in guideline.rules.items()}
    flow, y = Flow(), 10
    previous: Box | None = None
    for step in steps(numbers):
        question = _box(step.asks, step.question.format_map(titles), QUESTION_X, y, SIDE)
        answers, at = [], y
        for rules, words, tone in step.answers:
            answers.append(_box(rules, words.format_map(titles), ANSWER_X, at, SIDE, tone))
            at = answers[-1].bottom + PAD
        flow.boxes += [question, *answers]
        flow.wires += [_across(question, answer) for answer in answers]
        if previous:
            flow.wires.append(_down(previous, question))
        previous = question
        y = max(question.bottom, at - PAD) + ROW_GAP
    assert previous is not None  # noqa: S101 - there are steps
    _add_phases(flow, previous, titles, numbers, y)
    return flow


def _add_phases(flow: Flow, above: Box, titles: dict[str, str], numbers: Thresholds, y: int) -> None:
    """The phases side by side, and what follows imaging below them."""
    boxes = _phase_boxes(titles, numbers, y + ROW_GAP)
    low = max(box.bottom for box in boxes) + ROW_GAP
    start = above.x + above.width // 2
    for box in boxes:
        middle = box.x + box.width // 2
        flow.wires.append(Wire(((start, above.bottom), (start, y), (middle, y), (middle, box.y))))
    for box in boxes[2:]:
        middle = box.x + box.width // 2
        flow.wires.append(Wire(((middle, box.bottom), (middle, low))))
    flow.boxes += [*boxes, *_boxes_below(boxes, titles, low)]
    flow.height = max(box.bottom for box in flow.boxes) + 10


def _phase_boxes(titles: dict[str, str], numbers: Thresholds, y: int) -> list[Box]:
    first, band, beyond = (
        numbers.phase_reassess_from_day,
        numbers.phase_band_from_day,
        numbers.phase_beyond_from_day,
    )
    phases = (
        (("R27", "R28", "R29", "R31"), f"Day 0 to {first - 1}: {{R27}}", "info"),
        (("R32",), f"Day {first} to {band - 1}: {{R32}}", "info"),
        (("R33a", "R33b", "R33c"), f"Day {band} to {beyond - 1}: {{R33a}}; {{R33b}}; {{R33c}}", "info"),
        (("R34a", "R34b"), f"Day {beyond} and later: {{R34a}}; {{R34b}}", "warning"),
    )
    step = PHASE_WIDTH + PHASE_GAP
    return [
        _box(rules, words.format_map(titles), QUESTION_X + at * step, y, PHASE_WIDTH, tone)
        for at, (rules, words, tone) in enumerate(phases)
    ]


def _boxes_below(phases: list[Box], titles: dict[str, str], y: int) -> list[Box]:
    """What holds at any time, and below the two phases of imaging what follows it."""
    words = (
        (("R39", "R40", "R41"), "At any time: {R39}; {R40}; {R41}", phases[0].x, PHASE_WIDTH, ""),
        (("R44", "R43"), "At any time: {R44}; {R43}", phases[1].x, PHASE_WIDTH, ""),
        (("R37", "R38a", "R38b"), "{R37}; {R38a}; {R38b}", phases[2].x, 2 * PHASE_WIDTH + PHASE_GAP, "info"),
    )
    return [_box(rules, text.format_map(titles), x, y, width, tone) for rules, text, x, width, tone in words]


def _box(rules: tuple[str, ...], words: str, x: int, y: int, width: int, tone: str = "") -> Box:
    lines = wrap(words, int((width - 2 * PAD) / CHARACTER))
    return Box(rules, tuple(lines), x, y, width, tone)


def _across(question: Box, answer: Box) -> Wire:
    edge = question.x + question.width
    turn = (edge + answer.x) // 2
    level = question.middle
    if answer.y <= level <= answer.bottom:
        return Wire(((edge, level), (answer.x, level)))
    return Wire(((edge, level), (turn, level), (turn, answer.middle), (answer.x, answer.middle)))


def _down(upper: Box, lower: Box) -> Wire:
    x = upper.x + upper.width // 2
    return Wire(((x, upper.bottom), (x, lower.y)), "otherwise")
