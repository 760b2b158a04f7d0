"""Days as people say them."""

from datetime import date

import pytest

from cds_service.vignettes.dates import day, fhir_date, noon
from cds_service.vignettes.phrasebook import VignetteError

AS_OF = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("today", date(2026, 3, 1), id="today"),
        pytest.param("yesterday", date(2026, 2, 28), id="yesterday"),
        pytest.param("tomorrow", date(2026, 3, 2), id="tomorrow"),
        pytest.param("1 day ago", date(2026, 2, 28), id="one day"),
        pytest.param("2 weeks ago", date(2026, 2, 15), id="weeks are seven days"),
        pytest.param("5 months ago", date(2025, 10, 2), id="months are thirty days"),
        pytest.param("in 10 days", date(2026, 3, 11), id="ahead"),
        pytest.param("2025-12-24", date(2025, 12, 24), id="a calendar day"),
    ],
)
def test_words_mean_a_day(words: str, expected: date) -> None:
    assert day(words, AS_OF) == expected


def test_words_nobody_knows_are_refused() -> None:
    with pytest.raises(VignetteError, match="'soon' is not a day"):
        day("soon", AS_OF)


def test_partial_dates_pass_through() -> None:
    assert fhir_date("2011", AS_OF) == "2011"
    assert fhir_date(2011, AS_OF) == "2011"
    assert fhir_date(date(2011, 2, 3), AS_OF) == "2011-02-03"
    assert fhir_date("2026-02", AS_OF) == "2026-02"
    assert noon("yesterday", AS_OF) == "2026-02-28T12:00:00Z"
