"""Numbers: units, plausibility, comparators, flags, ranges; and what cannot be understood."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.pathway.facts import Measurement
from cds_service.pathway.vocabulary import AgeRange, Flagging, Sex
from tests.mapping import INTERPRETATION, LOINC, coded, context, observed

CODES = {
    "CRP": "1988-5",
    "hs-CRP": "30522-7",
    "ESR": "4537-7",
    "WBC": "6690-2",
    "temperature": "8310-5",
    "weight": "29463-7",
    "eGFR": "98979-8",
    "pain": "72514-3",
    "weeks": "18185-9",
    "delivery": "11778-8",
    "culture": "600-7",
}


def result(name: str, **members: Any) -> Any:
    return observed(code=coded(LOINC, CODES[name]), **members)


def value(name: str, number: float, unit: str | None, **more: Any) -> Measurement:
    quantity = {"value": number} | ({"unit": unit, "code": unit} if unit else {})
    (found,) = result(name, valueQuantity=quantity, **more).measurements
    assert isinstance(found, Measurement)
    return found


@pytest.mark.parametrize(
    ("name", "number", "unit", "canonical"),
    [
        pytest.param("temperature", 100.4, "[degF]", 38.0, id="Fahrenheit"),
        pytest.param("temperature", 100.3, "[degF]", 37.9, id="rounded after conversion"),
        pytest.param("temperature", 38.0, "Cel", 38.0, id="Celsius"),
        pytest.param("CRP", 4.2, "mg/dL", 42, id="CRP per decilitre"),
        pytest.param("CRP", 42, "ug/mL", 42, id="CRP per millilitre"),
        pytest.param("ESR", 20, "mm/hr", 20, id="ESR per hour, misspelt"),
        pytest.param("WBC", 11.1, "K/uL", 11.1, id="WBC in thousands"),
        pytest.param("WBC", 11100, "/uL", 11.1, id="WBC per microlitre"),
        pytest.param("WBC", 11100, "{cells}/uL", 11.1, id="WBC in cells"),
        pytest.param("weight", 176, "[lb_av]", 79.832257, id="pounds"),
        pytest.param("weight", 80000, "g", 80, id="grams"),
        pytest.param("eGFR", 45, "mL/min/{1.73_m2}", 45, id="eGFR"),
        pytest.param("pain", 7, "{score}", 7, id="score"),
        pytest.param("pain", 7, None, 7, id="score without a unit"),
        pytest.param("weeks", 30, "wk", 210, id="weeks of gestation"),
    ],
)
def test_listed_units_are_converted(name: str, number: float, unit: str | None, canonical: float) -> None:
    assert value(name, number, unit).value == pytest.approx(canonical)


@pytest.mark.parametrize(
    ("name", "quantity", "why"),
    [
        pytest.param("CRP", {"value": 14}, "unit", id="no unit"),
        pytest.param("CRP", {"value": 14, "unit": "nmol/L"}, "unit", id="unlisted unit"),
        pytest.param("CRP", {"unit": "mg/L"}, "unit", id="no number"),
        pytest.param(
            "temperature", {"value": 98.6, "unit": "Cel"}, "implausible", id="Fahrenheit called Celsius"
        ),
        pytest.param("weight", {"value": 8, "unit": "kg"}, "implausible", id="too light"),
        pytest.param("pain", {"value": 13}, "implausible", id="13 of 10"),
        pytest.param(
            "CRP", {"value": 5, "unit": "mg/L", "comparator": "ad"}, "comparator", id="unknown comparator"
        ),
    ],
)
def test_what_cannot_be_understood_is_named_and_never_guessed(
    name: str, quantity: dict[str, Any], why: str
) -> None:
    mapped = result(name, valueQuantity=quantity)
    assert mapped.measurements == []
    assert [item.why for item in mapped.not_interpretable] == [why]


def test_the_code_of_the_unit_wins_over_its_text() -> None:
    (found,) = result("CRP", valueQuantity={"value": 4.2, "unit": "mg/L", "code": "mg/dL"}).measurements
    assert found.value == 42


def test_without_a_usable_unit_the_flag_of_the_laboratory_counts() -> None:
    (found,) = result(
        "CRP", valueQuantity={"value": 14}, interpretation=[coded(INTERPRETATION, "H")]
    ).measurements
    assert (found.value, found.flagging, found.original_value) == (None, Flagging.RAISED, 14)
    mapped = result(
        "CRP", valueQuantity={"value": 9999, "unit": "mg/L"}, interpretation=[coded(INTERPRETATION, "H")]
    )
    assert mapped.measurements == []


@pytest.mark.parametrize(
    ("interpretation", "flag"),
    [
        pytest.param([coded(INTERPRETATION, "HH")], Flagging.RAISED, id="critically high"),
        pytest.param([{"coding": [{"code": "H"}]}], Flagging.RAISED, id="without a system"),
        pytest.param([{"text": "High"}], Flagging.RAISED, id="in words"),
        pytest.param([coded(INTERPRETATION, "N")], Flagging.NORMAL, id="normal"),
        pytest.param([coded(INTERPRETATION, "L")], Flagging.LOW, id="low"),
        pytest.param([coded(INTERPRETATION, "N"), coded(INTERPRETATION, "H")], Flagging.RAISED, id="both"),
        pytest.param([{"text": "see comment"}], None, id="no flag"),
        pytest.param([], None, id="none"),
    ],
)
def test_flags(interpretation: list[dict[str, Any]], flag: Flagging | None) -> None:
    assert value("CRP", 4, "mg/L", interpretation=interpretation).flagging is flag


def test_a_flag_read_once_is_the_same_for_the_next_result() -> None:
    shared = context()
    high, low = [[coded(INTERPRETATION, code)] for code in ("H", "L")]
    found = [value("CRP", 4, "mg/L", interpretation=flag, context=shared) for flag in (high, high, low)]
    assert [result.flagging for result in found] == [Flagging.RAISED, Flagging.RAISED, Flagging.LOW]


def limits(*ranges: dict[str, Any], **changes: Any) -> tuple[float | None, float | None]:
    quantity = {"value": 4, "unit": "mg/L", "code": "mg/L"}
    mapped = result("CRP", valueQuantity=quantity, referenceRange=list(ranges), context=context(**changes))
    (found,) = mapped.measurements
    return found.reference_low, found.reference_high


def up_to(high: float, **more: Any) -> dict[str, Any]:
    return {"high": {"value": high, "unit": "mg/L"}, **more}


WOMEN, MEN = {"appliesTo": [{"text": "Female"}]}, {"appliesTo": [{"coding": [{"code": "male"}]}]}
OLD = {"age": {"low": {"value": 60}}}
YOUNG = {"age": {"high": {"value": 59}}}


def test_the_range_that_applies() -> None:
    assert limits(up_to(5)) == (None, 5)
    assert limits({"low": {"value": 1}, "high": {"value": 0.5, "unit": "mg/dL"}}) == (1, 5)
    assert limits(up_to(5, type={"text": "Normal Range"})) == (None, 5)
    assert limits(up_to(5, type={"coding": [{"code": "normal"}]})) == (None, 5)
    assert limits(up_to(5, type={"text": "therapeutic"})) == (None, None)
    assert limits(up_to(5, **MEN), up_to(8, **WOMEN)) == (None, 8)
    assert limits(up_to(5, **OLD), up_to(8, **YOUNG)) == (None, 8)
    assert limits(up_to(5, **OLD), up_to(8, **YOUNG), age=AgeRange(70, 70)) == (None, 5)
    assert limits(up_to(5, **OLD), up_to(8, **YOUNG), age=None) == (None, 5)
    assert limits(up_to(6), up_to(8)) == (None, 6)
    assert limits(up_to(5, **MEN), up_to(8, **WOMEN), sex=Sex.MALE) == (None, 5)
    assert limits({"text": "see report"}) == (None, None)
    assert limits({"high": {"unit": "mg/L"}}) == (None, None)
    assert limits({"high": {"value": 5, "unit": "furlong"}}) == (None, None)


def test_a_range_read_once_is_the_same_for_the_next_result_and_not_for_another_unit() -> None:
    shared = context()
    ranges = [{"high": {"value": 0.5}}]  # in the unit of the result
    in_decilitres = [value("CRP", 1, "mg/dL", referenceRange=ranges, context=shared) for _ in range(2)]
    in_litres = value("CRP", 1, "mg/L", referenceRange=ranges, context=shared)
    assert [found.reference_high for found in (*in_decilitres, in_litres)] == [5, 5, 0.5]


def test_flags_and_ranges_of_hs_crp_are_about_another_risk() -> None:
    found = value("hs-CRP", 4, "mg/L", interpretation=[coded(INTERPRETATION, "H")], referenceRange=[up_to(3)])
    assert (found.flagging, found.reference_high) == (None, None)


def test_comparators_are_kept() -> None:
    (found,) = result("CRP", valueQuantity={"value": 5, "comparator": "<", "unit": "mg/L"}).measurements
    assert found.comparator == "<"


@pytest.mark.parametrize(
    ("text", "score"),
    [
        pytest.param("8", 8.0, id="a number"),
        pytest.param("8.5", 8.5, id="a decimal"),
        pytest.param("7/10", 7.0, id="of ten"),
        pytest.param("denies", None, id="denies"),
        pytest.param("sleeping", None, id="sleeping"),
    ],
)
def test_scores_in_words(text: str, score: float | None) -> None:
    found = [m.value for m in result("pain", valueString=text).measurements]
    assert found == ([] if score is None else [score])


def test_values_of_other_kinds() -> None:
    assert result("pain", valueInteger=6).measurements[0].value == 6
    assert result("CRP", valueString="14 mg/L").measurements == []
    assert (
        result("CRP", valueQuantity={"value": 4, "unit": "mg/L"}, dataAbsentReason={"text": "x"}).measurements
        == []
    )


def test_gestation_from_the_expected_delivery() -> None:
    (found,) = result("delivery", valueDateTime="2026-07-15").measurements
    assert found.value == 250
    assert result("delivery", valueDateTime="2026-07").measurements == []
    assert result("delivery", valueDateTime="soon").measurements == []


def test_a_blood_culture_is_on_file_whatever_its_result() -> None:
    (found,) = result("culture", valueString="no growth").measurements
    assert (found.concept, found.value) == ("obs/blood-culture", None)


def test_results_of_one_request_are_read_each_by_its_own_unit_flag_and_range() -> None:
    """What is worked out once for many results must not be lent to others."""
    where = context()
    bare, other = [{"high": {"value": 5}}], [{"high": {"value": 6}}]
    raised, normal = ([coded(INTERPRETATION, code)] for code in ("H", "N"))

    def read(name: str, number: float, unit: str, **more: Any) -> tuple[Any, ...]:
        found = value(name, number, unit, context=where, **more)
        return found.concept, found.value, found.reference_high, found.flagging

    for _ in range(2):
        assert read("CRP", 4, "mg/L", referenceRange=bare) == ("obs/crp", 4, 5, None)
        assert read("CRP", 7, "mg/L", referenceRange=bare) == ("obs/crp", 7, 5, None)
        assert read("CRP", 4, "mg/dL", referenceRange=bare) == ("obs/crp", 40, 50, None)
        assert read("CRP", 4, "mg/L", referenceRange=other) == ("obs/crp", 4, 6, None)
        assert read("CRP", 4, "mg/L", interpretation=raised) == ("obs/crp", 4, None, Flagging.RAISED)
        assert read("CRP", 4, "mg/L", interpretation=normal) == ("obs/crp", 4, None, Flagging.NORMAL)
        assert read("hs-CRP", 4, "mg/L", interpretation=raised) == ("obs/hs-crp", 4, None, None)
        assert read("ESR", 4, "mm/h", referenceRange=bare) == ("obs/esr", 4, 5, None)
