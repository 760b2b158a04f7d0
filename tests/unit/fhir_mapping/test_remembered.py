"""What codes stand for is kept between requests, in bounds, and changes no answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from msgspec import structs

from cds_service.fhir_mapping.mapped import Mapped
from cds_service.fhir_mapping.observation import map_observation
from cds_service.fhir_mapping.remembered import LONGEST_BYTES, MOST, Codes, Remembered, codes_of
from cds_service.fhir_r4.late import LateUnreadable
from cds_service.terminology import load_terminology
from tests.mapping import LOINC, coded, context, observed, resource

CRP = coded(LOINC, "1988-5", text="CRP")


def milligrams(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "mg/L", "code": "mg/L"}


def test_a_full_memory_is_emptied() -> None:
    memory = Remembered[int]()
    for number in range(MOST + 1):
        memory.keep(b"%d" % number, number)
    assert memory == {b"%d" % MOST: MOST}


def test_very_long_words_are_answered_and_not_kept() -> None:
    memory = Remembered[int]()
    assert memory.keep(b"x" * (LONGEST_BYTES + 1), 1) == 1
    assert not memory
    assert memory.keep(b"x" * LONGEST_BYTES, 2) == 2
    assert len(memory) == 1


def test_only_the_code_of_a_result_is_kept() -> None:
    fresh = replace(context(), codes=Codes())
    found = [observed(context=fresh, code=CRP, valueQuantity=milligrams(value)) for value in (14.0, 3.0)]
    assert [m.value for one in found for m in one.measurements] == [14.0, 3.0]
    (kept,) = fresh.codes.observed
    assert b"1988-5" in kept
    assert b"14" not in kept


def test_a_code_that_cannot_be_read_is_not_kept() -> None:
    fresh = replace(context(), codes=Codes())
    sound = resource("Observation", status="final", code=CRP)
    broken = structs.replace(sound, code_as_sent=msgspec.Raw(b'{"coding": "1988-5"}'))
    for _ in range(2):
        with pytest.raises(LateUnreadable):
            map_observation(broken, fresh, Mapped())
    assert not fresh.codes.observed


def test_each_terminology_has_a_memory_of_its_own() -> None:
    one, other = load_terminology(), load_terminology()
    assert codes_of(one) is codes_of(one)
    assert codes_of(one) is not codes_of(other)
