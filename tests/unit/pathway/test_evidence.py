"""How readings of one flag add up."""

from __future__ import annotations

from cds_service.pathway.evidence import NO_EVIDENCE, Reading, evidence_of
from tests.builders import statement


def test_nothing_adds_nothing() -> None:
    something = Reading(present=(evidence_of("R5", statement("red-flag/fever")),))
    assert something.joined(NO_EVIDENCE) is something
    assert NO_EVIDENCE.joined(something) == something
    assert something.joined(something).present == something.present * 2
