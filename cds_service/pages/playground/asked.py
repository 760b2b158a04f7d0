"""What somebody asked the playground: a case, and what to change about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from cds_service.value import Value
from cds_service.vignettes.dates import day
from cds_service.vignettes.phrasebook import VignetteError

if TYPE_CHECKING:
    from datetime import date

Fields = Callable[[str], list[str]]
Entry = dict[str, Any]

# What can be said of a prefetch key, as vignettes call it.
STATES = {
    "not sent": "not sent",
    "failed": "answered with an error",
    "null": "null",
    "paged": "cut off (more pages)",
    "empty": "empty",
}
# Where value and day of a new fact go, by its kind: (member of the value, member of the day).
_MEMBERS: dict[str, tuple[str, str]] = {
    "allergy": ("reaction", "recorded"),
    "condition": ("status", "since"),
    "course": ("", "when"),
    "device": ("label", ""),
    "drug": ("daily", "from"),
    "finding": ("result", "when"),
    "imaging": ("conclusion", "done"),
    "lab": ("value", "when"),
    "order": ("priority", "written"),
    "procedure": ("status", "done"),
    "score": ("score", "when"),
    "strength": ("grade", "when"),
}


class NotUnderstood(ValueError):
    """A field of the form makes no sense; says which, and what is expected."""


class Asked(Value, frozen=True):
    """What was asked, checked as far as that needs no request.

    Attributes:
        case: Id of a case; "" where a request was pasted.
        body: What was pasted.
        clock: Day the call is made on, in the words of the form; "" is today.
        onset: Onset of the pain, in words; "" as it is, "none" without one.
        data: Prefetch key to what is wrong with it.
        add: Facts to add, as entries of a vignette.
        remove: Resources to leave out.
        order: Order to pick, "" for none.
        sign: The order is signed and not only selected.
        is_checked: Whether the resources are to be checked against FHIR R4.
    """

    case: str = ""
    body: str = ""
    clock: str = ""
    onset: str = ""
    data: tuple[tuple[str, str], ...] = ()
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    order: str = ""
    sign: bool = False
    is_checked: bool = False

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The facts to add."""
        return tuple(_entry(text) for text in self.add)

    def added(self) -> list[tuple[str, str]]:
        """Each fact to add, as it is sent and in words."""
        return list(zip(self.add, map(_said, self.entries), strict=True))

    @property
    def has_changes(self) -> bool:
        """Whether anything differs from the case as it is today."""
        return bool(self.clock) or self.changes_request

    @property
    def changes_request(self) -> bool:
        """Whether the request itself is another."""
        return bool(self.onset or self.data or self.add or self.remove or self.order)

    def address(self) -> str:
        """Address of this page for a synthetic case; of what was pasted nothing ever goes into one."""
        pairs = [("case", self.case), ("clock", self.clock), ("onset", self.onset), ("order", self.order)]
        pairs += [("data", f"{key}:{state}") for key, state in self.data]
        pairs += [("add", text) for text in self.add] + [("remove", ref) for ref in self.remove]
        pairs += [("sign", "1")] if self.sign else []
        return "/playground?" + urlencode([(name, value) for name, value in pairs if value])


def read_asked(fields: Fields, *, is_pasted: bool) -> Asked:
    """The fields of the form.

    Raises:
        NotUnderstood: Says which field and what is expected.
    """
    data = [pair.partition(":")[::2] for pair in fields("data")]
    data += [
        (key, state) for key, state in zip(fields("data_key"), fields("data_state"), strict=False) if key
    ]
    asked = Asked(
        case="" if is_pasted else _one(fields, "case"),
        body=_one(fields, "body") if is_pasted else "",
        clock=_one(fields, "clock"),
        onset=_one(fields, "onset"),
        data=tuple({key: state for key, state in data if state in STATES}.items()),
        add=tuple(dict.fromkeys([*fields("add"), *_new(fields)])),
        remove=tuple(dict.fromkeys(filter(None, fields("remove")))),
        order=_one(fields, "order"),
        sign=bool(fields("sign")),
        is_checked=bool(fields("check")),
    )
    asked.added()  # what is no entry is found here, and not by the page
    return asked


def _one(fields: Fields, name: str) -> str:
    return next((value.strip() for value in fields(name)), "")


def _new(fields: Fields) -> list[str]:
    """The one new fact of the form, as an entry."""
    kind, _, name = _one(fields, "new").partition(":")
    if not kind:
        return []
    value, when = _one(fields, "new_value"), _one(fields, "new_when") or "today"
    if kind == "physical therapy":
        return [_text({kind: [when]})]
    if kind == "visit":
        return [_text({kind: when})]
    if kind not in _MEMBERS:
        raise NotUnderstood(f"There is no fact of the kind {kind}.")
    value_member, day_member = _MEMBERS[kind]
    entry: Entry = {kind: name}
    if value_member and value:
        entry[value_member] = value
    elif kind in ("lab", "score", "strength"):
        raise NotUnderstood(f"A {kind} needs a value.")
    if day_member:
        entry[day_member] = when
    return [_text(entry)]


def _text(entry: Entry) -> str:
    return msgspec.json.encode(entry).decode()


def _said(entry: Entry) -> str:
    return ", ".join(f"{name}: {value}" for name, value in entry.items())


def _entry(text: str) -> Entry:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        raise NotUnderstood("A fact to add is a JSON object, such as one made with this form.") from None


def clinical_day(words: str, today: date) -> date:
    """The day the call is made on.

    Raises:
        NotUnderstood: It is not a day.
    """
    try:
        return day(words or "today", today)
    except (VignetteError, OverflowError):
        raise NotUnderstood("The clock needs a day: 2026-06-15, today, 8 days ago, in 10 days.") from None
