"""Age, sex and death, as exact as they are recorded."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.fhir_mapping.patient import age_years, is_deceased, sex
from cds_service.pathway.vocabulary import AgeRange, Precision, Sex, When
from tests.cases import built, pain
from tests.mapping import context, resource


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        pytest.param("1976-06-15", AgeRange(50, 50), id="birthday today"),
        pytest.param("1976-06-16", AgeRange(49, 49), id="birthday tomorrow"),
        pytest.param("1976", AgeRange(49, 50), id="a year"),
        pytest.param("2008-06", AgeRange(17, 18), id="a month that straddles the birthday"),
        pytest.param("2030-01-01", None, id="in the future"),
        pytest.param("unknown", None, id="words"),
        pytest.param(None, None, id="not recorded"),
    ],
)
def test_age_from_a_birth_date_as_exact_as_recorded(birth: str | None, age: AgeRange | None) -> None:
    patient = resource("Patient", id="p1", birthDate=birth, gender="female")
    assert built(patient=[patient], conditions=[pain()]).age_years == age


@pytest.mark.parametrize(
    ("recorded", "is_dead"),
    [
        pytest.param({"deceasedDateTime": "2026-01-01"}, True, id="dated before the call"),
        pytest.param({"deceasedDateTime": "2026-06-15"}, True, id="on the day of the call"),
        pytest.param({"deceasedDateTime": "2026"}, True, id="some day of this year"),
        pytest.param({"deceasedDateTime": "unknown"}, True, id="on a day nobody knows"),
        pytest.param({"deceasedDateTime": "2027-02-01"}, False, id="dated after the call"),
        pytest.param({"deceasedBoolean": True}, True, id="without a date"),
        pytest.param({"deceasedBoolean": False}, False, id="alive"),
        pytest.param({}, False, id="nothing recorded"),
    ],
)
def test_a_death_counts_from_its_day(recorded: dict[str, Any], is_dead: bool) -> None:
    assert is_deceased(resource("Patient", **recorded), context()) is is_dead


def test_sex_and_age() -> None:
    assert sex(resource("Patient", gender="male")) is Sex.MALE
    assert sex(resource("Patient", gender="unknown")) is None
    assert age_years(None, date(2026, 6, 15)) is None
    assert age_years(When(date(1976, 1, 1), Precision.DAY), date(2026, 6, 15)) == AgeRange(50, 50)
