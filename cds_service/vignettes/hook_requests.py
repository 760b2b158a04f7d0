"""JSON whose dates are counted from the day it is used, so that a demo or a vignette never ages.

``{{today}}``, ``{{today-6}}``, ``{{today+10}}`` (days) and ``{{years-50}}`` (a birth date that makes the
patient 50) stand inside its strings.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_DAY = re.compile(r"\{\{today([+-]\d+)?\}\}")
_BIRTH = re.compile(r"\{\{years-(\d+)\}\}")


def render_request(path: Path, as_of: date) -> str:
    """The request of a file as JSON text, dated from ``as_of``."""
    return dated(path.read_text(encoding="utf-8"), as_of)


def dated(text: str, as_of: date) -> str:
    """JSON text with its days counted from ``as_of``."""
    text = _DAY.sub(lambda match: (as_of + timedelta(days=int(match[1] or 0))).isoformat(), text)
    return _BIRTH.sub(lambda match: _birth_date(int(match[1]), as_of).isoformat(), text)


def _birth_date(age_years: int, as_of: date) -> date:
    """A birth date about four months before the day the patient turned that age."""
    day = as_of - timedelta(days=120)
    return date(day.year - age_years, day.month, min(day.day, 28))
