"""What codes stand for is kept between requests, in bounds, and changes no answer."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import structs

from cds_service.fhir_mapping.mapped import Mapped
from cds_service.fhir_mapping.observation import map_observation
from cds_service.fhir_mapping.remembered import (
    LONGEST_BYTES,
    MOST,
    Remembered,
    Shared,
    UnknownCode,
    codes_for_request,
)
from cds_service.fhir_r4.elements import CodeableConcept, Coding
from cds_service.fhir_r4.late import LateUnreadable
from cds_service.terminology import load_terminology
from tests.mapping import LOINC, coded, context, observed, resource

CODING = Coding(LOINC, "1988-5", "CRP")
CODE = CodeableConcept((CODING,), "CRP")
CRP = coded(LOINC, "1988-5", text="CRP")


SAID = b'{"coding":[{"system":"http://loinc.org","code":"1988-5","display":"CRP"}],"text":"CRP"}'
FOREIGN = b'{"coding":[{"system":"http://loinc.org","code":"99999-9"}]}'
BYTES = b'{"coding":[{"system":"http://loinc.org","code":"%d"}]}'


def long(length: int) -> bytes:
    return b'{"text":"%b"}' % (b"x" * (length - len(b'{"text":""}')))


def memory(shared: Shared[int], unmapped: set[UnknownCode] | None = None) -> Remembered[int]:
    return Remembered(shared, context().terminology, set() if unmapped is None else unmapped)


def milligrams(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "mg/L", "code": "mg/L"}


def test_a_full_memory_is_emptied() -> None:
    shared: Shared[int] = {}
    for number in range(MOST + 1):
        memory(shared).keep(BYTES % number, CODE, number)
    assert list(shared) == [BYTES % MOST]


def test_very_long_words_are_kept_for_their_request_alone() -> None:
    shared: Shared[int] = {}
    for length in (LONGEST_BYTES, LONGEST_BYTES + 1):
        own = memory(shared)
        assert own.keep(long(length), CODE, length) == length
        assert own == {long(length): length}
    assert list(shared) == [long(LONGEST_BYTES)]


def test_a_later_request_recalls_what_an_earlier_one_looked_up() -> None:
    shared: Shared[int] = {}
    memory(shared).keep(SAID, CODE, 1)
    later = memory(shared)
    assert later.recall(FOREIGN) is None
    assert later.recall(SAID) == 1
    assert later == {SAID: 1}


@pytest.mark.parametrize(
    ("concept", "is_kept"),
    [
        (CodeableConcept((CODING,), "CRP"), True),
        (CodeableConcept((CODING,)), True),
        (CodeableConcept((CODING,), "CRP, since the fall of Mrs. Example"), False),
        (CodeableConcept((CODING, Coding(None, None, "typed by hand"))), False),
        (CodeableConcept(None, "CRP"), False),
    ],
)
def test_what_may_have_been_typed_for_a_patient_is_forgotten(concept: CodeableConcept, is_kept: bool) -> None:
    shared: Shared[int] = {}
    memory(shared).keep(SAID, concept, 1)
    assert bool(shared) is is_kept


@pytest.mark.parametrize(
    "said",
    [
        SAID[:-1] + b',"extension":[{"url":"urn:x","valueString":"a note on Mrs. Example"}]}',
        SAID.replace(b'"display"', b'"extension":[],"display"'),
        b"[]",
    ],
    ids=["an extension of the concept", "an extension of a coding", "no concept"],
)
def test_bytes_that_hold_more_than_codings_are_forgotten(said: bytes) -> None:
    shared: Shared[int] = {}
    memory(shared).keep(said, CODE, 1)
    assert not shared


def test_only_the_code_of_a_result_is_kept() -> None:
    fresh = context()
    found = [observed(context=fresh, code=CRP, valueQuantity=milligrams(value)) for value in (14.0, 3.0)]
    assert [m.value for one in found for m in one.measurements] == [14.0, 3.0]
    (kept,) = fresh.codes.observed
    assert b"1988-5" in kept
    assert b"14" not in kept


def test_a_code_that_cannot_be_read_is_not_kept() -> None:
    fresh = context()
    sound = resource("Observation", status="final", code=CRP)
    broken = structs.replace(sound, code_as_sent=msgspec.Raw(b'{"coding": "1988-5"}'))
    for _ in range(2):
        with pytest.raises(LateUnreadable):
            map_observation(broken, fresh, Mapped())
    assert not fresh.codes.observed


def test_codes_that_are_none_of_ours_are_told_to_every_request() -> None:
    shared: Shared[int] = {}
    foreign = CodeableConcept((Coding(LOINC, "99999-9", "Something else"),))
    memory(shared).keep(FOREIGN, foreign, 1)
    memory(shared).keep(SAID, CODE, 2)
    for _ in range(2):
        unmapped: set[UnknownCode] = set()
        own = memory(shared, unmapped)
        assert (own.recall(FOREIGN), own.recall(SAID)) == (1, 2)
        assert unmapped == {(LOINC, "99999-9")}


def test_each_terminology_has_a_memory_of_its_own() -> None:
    one, other = load_terminology(), load_terminology()
    codes_for_request(one, set()).concepts.keep(SAID, CODE, frozenset({"obs/crp"}))
    assert codes_for_request(one, set()).concepts.recall(SAID) == frozenset({"obs/crp"})
    assert codes_for_request(other, set()).concepts.recall(SAID) is None
