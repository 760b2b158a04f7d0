"""Three-valued judgement of a rule."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a rule concluded about a case."""

    MET = "met"
    NOT_MET = "not met"
    UNDETERMINED = "undetermined"
