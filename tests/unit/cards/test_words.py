"""Wordings filled with results, findings and dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec import structs

from cds_service.cards.evidence_text import flag_phrase, sentence
from cds_service.cards.values import day, moment, number
from cds_service.errors import CardError
from cds_service.pathway.facts import CourseStatement
from cds_service.pathway.finding import (
    Evidence,
    SlotValue,
)
from cds_service.pathway.vocabulary import Course, Flagging, Precision, Side, Source, When
from tests.builders import (
    TODAY,
    ago,
    drug,
    measurement,
    month,
    service,
    statement,
    when,
)
from tests.unit.cards.rendering import WORDS, rendered


def test_code_and_data_that_do_not_fit_together_are_our_mistakes() -> None:
    with pytest.raises(CardError, match=r"no wording line\.nothing"):
        WORDS.fill("line.nothing")
    with pytest.raises(CardError, match="no value for day"):
        WORDS.filled("day {day}", {})
    with pytest.raises(CardError, match="does not fit"):
        WORDS.summary("R25a", {"date": "x" * 100, "priority": "y"})


def test_brackets_are_dropped_when_they_say_nothing_or_do_not_fit() -> None:
    slots: dict[str, SlotValue] = {"flag": "fever (9 Jun)", "more": 2}
    assert "+2 more" in WORDS.summary("R23", slots)
    assert "more" not in WORDS.summary("R23", {"flag": "fever (9 Jun)", "more": 0})
    assert "more" not in WORDS.summary("R23", {"flag": "f" * 72, "more": 2})


def test_of_several_reasons_that_do_not_fit_the_first_is_said() -> None:
    reasons = ("severe kidney disease", *("another reason" for _ in range(8)))
    assert "it: severe kidney disease and more." in WORDS.summary("R54-danger", {"reasons": reasons})
    assert WORDS.summary("R54-danger", {"reasons": ("r" * 140,)}).endswith(
        "speaks against it. Beyond the article."
    )


def test_slot_values_in_words() -> None:
    assert WORDS.said(("@term.modality-mri", "CT", "X")) == "MRI, CT and X"
    assert WORDS.said(date(2025, 12, 24)) == "24 Dec 2025"
    assert (number(38.0), number(37.95), day(TODAY, TODAY)) == ("38", "37.95", "15 Jun")
    assert moment(When(date(2011, 12, 31), Precision.YEAR, date(2011, 1, 1)), TODAY) == "2011"
    assert moment(month(30, 45), TODAY) == "May 2026"


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        pytest.param(measurement("obs/crp", 42, 6, unit="mg/L"), "CRP 42 mg/L, 9 Jun", id="as recorded"),
        pytest.param(
            measurement(
                "obs/crp", 42, 6, unit="mg/L", original_value=4.2, original_unit="mg/dL", reference_high=5.0
            ),
            "CRP 4.2 mg/dL (42 mg/L), ref <5, 9 Jun",
            id="converted, with its range",
        ),
        pytest.param(
            measurement("obs/wbc", 12, 6, unit="10*9/L", original_value=12, original_unit="K/uL"),
            "WBC 12 x10^9/L, 9 Jun",
            id="another name for the same unit",
        ),
        pytest.param(
            measurement("obs/crp", None, 6, original_value=14.0, flagging=Flagging.RAISED),
            "CRP 14, flagged raised, 9 Jun",
            id="flag only",
        ),
        pytest.param(measurement("obs/crp", None, None), "CRP, undated", id="nothing but its name"),
        pytest.param(
            measurement(
                "obs/muscle-strength", 4, 0, unit="/5", qualifier="4+", muscle="triceps", side=Side.RIGHT
            ),
            "muscle strength 4+/5 right triceps, 15 Jun",
            id="strength as graded",
        ),
        pytest.param(
            measurement("obs/crp", 5, 0, unit="mg/L", comparator="<"), "CRP <5 mg/L, 15 Jun", id="comparator"
        ),
    ],
)
def test_results_in_words(fact: Any, expected: str) -> None:
    assert sentence(Evidence("R9", fact, fact.taken.on if fact.taken else None), WORDS).startswith(expected)


def test_findings_in_words() -> None:
    night = statement("red-flag/night-sweats", 3, text="Night sweats", onset_text="since Easter")
    assert sentence(Evidence("R7", night, ago(3)), WORDS).startswith(
        'night sweats: "Night sweats, onset since Easter"'
    )
    assert sentence(Evidence("R7", statement("red-flag/night-sweats", 3), ago(3)), WORDS).startswith(
        "night sweats, 12 Jun"
    )
    nameless = Evidence("R1", statement("presenting/neck-pain", 3, ref="Condition/x"), ago(3))
    assert sentence(nameless, WORDS).startswith("Condition, 12 Jun")
    twice = structs.replace(night, source=Source("Condition/a", "Night sweats", ("Condition/b",)))
    assert "(Condition/a +1)" in sentence(Evidence("R7", twice, ago(3), ("preliminary",)), WORDS)
    with pytest.raises(CardError, match=r"note\.unknown-remark"):
        sentence(Evidence("R7", twice, ago(3), ("unknown-remark",)), WORDS)
    course = CourseStatement(Course.STABLE, Source("Observation/c", "Trend: stable"), When(ago(2)))
    assert "13 Jun" in sentence(Evidence("R32", course, ago(2)), WORDS)
    assert flag_phrase(Evidence("R12", drug("drug/immunosuppressant", 3), None), WORDS) == "immunosuppression"
    other_day = Evidence("R7", night, ago(9))
    assert "6 Jun" in sentence(other_day, WORDS)
    assert (
        flag_phrase(Evidence("R9", measurement("obs/crp", None, 3), ago(3)), WORDS) == "raised CRP (12 Jun)"
    )


def test_dates_of_an_order_that_is_undated_are_said() -> None:
    order = service("imaging/mri-cervical-wo", None, "ordered", priority="urgent", resource=b'{"id":"1"}')
    (card,) = rendered(statement("red-flag/fever", 2), services=(order,))
    assert card["source"]["topic"]["code"] == "R25a"
    assert when(1) is not None
