"""Three-valued judgement of a rule, and how judgements combine (Kleene)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """What a rule concluded about a case."""

    MET = "met"
    NOT_MET = "not met"
    UNDETERMINED = "undetermined"


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """MET when every one is; NOT_MET when any is; else UNDETERMINED."""
    found = set(verdicts)
    if Verdict.NOT_MET in found:
        return Verdict.NOT_MET
    return Verdict.UNDETERMINED if Verdict.UNDETERMINED in found else Verdict.MET


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """MET when any one is; NOT_MET when none is; else UNDETERMINED."""
    found = set(verdicts)
    if Verdict.MET in found:
        return Verdict.MET
    return Verdict.UNDETERMINED if Verdict.UNDETERMINED in found else Verdict.NOT_MET
