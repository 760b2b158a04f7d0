"""Lines that go with any proposed MRI: why this test (R37), and what the record says about its safety."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.assessment import MriState
from cds_service.pathway.finding import Line, Section

if TYPE_CHECKING:
    from cds_service.pathway.assessment import MriSafety

_SAFETY_KEYS = {MriState.CONDITIONAL: "mri-conditional", MriState.NOTE: "mri-note"}


def modality_lines(mri: MriSafety) -> tuple[Line, ...]:
    """R37, and a device check or remark where one is due."""
    line = Line(Section.STEP, "modality", rule="R37")
    key = _SAFETY_KEYS.get(mri.state)
    if key is None:
        return (line,)
    reasons = tuple(f"@{reason}" for reason in mri.reasons)
    return (line, Line(Section.BEYOND_ARTICLE, key, {"reasons": reasons}, "S8", mri.evidence))
