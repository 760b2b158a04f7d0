"""Wordings of the guideline data, filled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from cds_service.cards.values import day, moment, number
from cds_service.errors import CardError
from cds_service.pathway.vocabulary import When
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.guideline.model import Guideline, Wording
    from cds_service.pathway.finding import Evidence, SlotValue

_SLOT = re.compile(r"\{([a-z_]+)\}")
_BRACKETED = re.compile(r"\[([^\[\]]*)\]")
SUMMARY_LIMIT = 139


class Words(Value, frozen=True):
    """The wordings of a guideline, and the day that decides how dates are written.

    ``told`` are sentences made already, by the id of the evidence they are of, which is kept with them.
    """

    guideline: Guideline
    as_of: date
    told: dict[int, tuple[Evidence, str]] = msgspec.field(default_factory=dict)

    def find(self, key: str) -> Wording:
        """The wording of a key.

        Raises:
            CardError: There is none: code and data do not fit together.
        """
        wording = self.guideline.wordings.get(key)
        if wording is None:
            raise CardError(f"no wording {key}")
        return wording

    def fill(self, key: str, slots: Mapping[str, SlotValue] | None = None) -> str:
        """The text of a key with its slots filled."""
        text = self.find(key).text
        return self.filled(text, slots or {}) if "{" in text else text

    def filled(self, text: str, slots: Mapping[str, SlotValue]) -> str:
        """A text with its slots filled.

        Raises:
            CardError: A slot has no value.
        """
        if "{" not in text:
            return text
        said = list(_parts(text))
        try:
            said[1::2] = [self.said(slots[name]) for name in said[1::2]]
        except KeyError as missing:
            raise CardError(f"no value for {missing.args[0]}") from None
        return "".join(said)

    def said(self, value: SlotValue) -> str:
        """A slot value in words; "@key" looks another wording up."""
        if isinstance(value, str):
            return self.fill(value[1:]) if value.startswith("@") else value
        if isinstance(value, tuple):
            return _joined([self.said(item) for item in value])
        if isinstance(value, date):
            return day(value, self.as_of)
        if isinstance(value, When):
            return moment(value, self.as_of)
        return number(value)

    def summary(self, wording: str, slots: Mapping[str, SlotValue]) -> str:
        """A summary of fewer than 140 characters.

        What does not fit is said shorter: of several things in brackets the first, or what is in brackets
        not at all.

        Raises:
            CardError: It does not fit even so; text is never cut.
        """
        text = self.find(f"summary.{wording}").text
        for candidate, values in _ever_shorter(text, slots):
            filled = self.filled(candidate, values)
            if len(filled) <= SUMMARY_LIMIT:
                return filled
        raise CardError(f"summary.{wording} does not fit")


@cache
def _parts(text: str) -> tuple[str, ...]:
    """A wording taken apart: its texts and, between them, the names of its slots."""
    return tuple(_SLOT.split(text))


def _ever_shorter(text: str, slots: Mapping[str, SlotValue]) -> Iterator[tuple[str, Mapping[str, SlotValue]]]:
    """A summary and its values: whole, then the first of several things, then nothing of the brackets."""
    kept = _BRACKETED.sub(lambda match: match[1] if _is_said(match[1], slots) else "", text)
    yield kept, slots
    yield kept, {name: _first_of(value) for name, value in slots.items()}
    yield _BRACKETED.sub("", text), slots


def _is_said(part: str, slots: Mapping[str, SlotValue]) -> bool:
    """Whether every slot of a bracketed part says something."""
    return all(slots.get(name) not in (None, 0, "", ()) for name in _SLOT.findall(part))


def _first_of(value: SlotValue) -> SlotValue:
    """Of several things the first, and that there are more."""
    return (value[0], "@term.more") if isinstance(value, tuple) and len(value) > 1 else value


def _joined(texts: list[str]) -> str:
    return ", ".join(texts[:-1]) + (" and " if len(texts) > 1 else "") + "".join(texts[-1:])
