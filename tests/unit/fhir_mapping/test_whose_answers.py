"""Whose an observation's answers are, by its question and the headings above it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mapping import LOINC, SCT, coded, observed

SWEATS = coded(SCT, "42984000", "Night sweats (finding)")


@pytest.mark.parametrize(
    ("heading", "stated", "in_doubt"),
    [
        pytest.param("Red flag screening", True, False, id="looked for"),
        pytest.param("Exam, mother present", True, False, id="with another in the room"),
        pytest.param("Past medical, family and social history", False, True, id="of whom nobody knows"),
        pytest.param("Family history", False, False, id="a relative's"),
        pytest.param("Pertinent negatives", False, False, id="denied"),
    ],
)
@pytest.mark.parametrize(
    "part",
    [
        pytest.param({"code": SWEATS, "valueBoolean": True}, id="affirmed"),
        pytest.param({"code": {"text": "Symptom"}, "valueCodeableConcept": SWEATS}, id="named"),
    ],
)
def test_a_heading_says_whose_the_parts_are(
    heading: str, stated: bool, in_doubt: bool, part: dict[str, Any]
) -> None:
    mapped = observed(code={"text": heading}, component=[part])
    assert ["red-flag/night-sweats" in s.concepts for s in mapped.statements] == [True] * stated
    assert [u.concept for u in mapped.not_interpretable] == ["red-flag/night-sweats"] * in_doubt


def test_a_denial_of_what_is_in_doubt_is_no_answer_about_the_patient() -> None:
    mapped = observed(
        code={"text": "Personal and family history"}, component=[{"code": SWEATS, "valueBoolean": False}]
    )
    assert (mapped.statements, mapped.not_interpretable) == ([], [])


def test_a_question_about_the_patient_and_others_is_in_doubt() -> None:
    both = {"text": "Have you or a family member had night sweats?"}
    mapped = observed(code=both, valueBoolean=True)
    assert (mapped.statements, [u.concept for u in mapped.not_interpretable]) == (
        [],
        ["red-flag/night-sweats"],
    )
    assert observed(code=both, valueBoolean=False).not_interpretable == []


def test_a_question_mark_asks_and_does_not_doubt() -> None:
    (found,) = observed(code={"text": "Night sweats (yes/no)?"}, valueBoolean=True).statements
    assert found.concepts == {"red-flag/night-sweats"}


def test_all_one_can_have_is_named_where_it_is_open_whose_it_is() -> None:
    parts = [
        {"code": {"text": text}, "valueBoolean": True} for text in ("Osteoporosis", "Pregnancy", "Neck pain")
    ]
    mapped = observed(code={"text": "Personal and family history"}, component=parts)
    assert mapped.statements == []
    assert {(u.concept, u.why) for u in mapped.not_interpretable} == {
        ("risk/osteoporosis", "whose"),
        ("nsaid-caution/pregnancy", "whose"),
        ("presenting/neck-pain", "whose"),
    }


@pytest.mark.parametrize("heading", ["Denies", "Have you ever been tested for"])
@pytest.mark.parametrize(("value", "is_named"), [("Positive", True), ("Yes", False), ("Negative", False)])
def test_more_than_a_yes_under_a_denial_is_named(heading: str, value: str, *, is_named: bool) -> None:
    part = {"code": {"text": "HIV"}, "valueCodeableConcept": {"text": value}}
    mapped = observed(code={"text": heading}, component=[part])
    assert [s for s in mapped.statements if "red-flag/hiv" in s.concepts] == []
    assert [u.concept for u in mapped.not_interpretable] == ["red-flag/hiv"] * is_named


@pytest.mark.parametrize("code", [{"text": "Mom: cancer"}, coded(LOINC, "10157-6")])
def test_what_is_surely_somebody_elses_is_passed_over(code: dict[str, Any]) -> None:
    part = {"code": {"text": "Fever"}, "valueBoolean": True}
    mapped = observed(code=code, valueBoolean=True, component=[part])
    assert (mapped.statements, mapped.not_interpretable) == ([], [])


def test_a_yes_to_a_question_that_names_others_beside_a_finding_is_named() -> None:
    mapped = observed(code={"text": "Sick contacts with fever"}, valueBoolean=True)
    assert (mapped.statements, [u.why for u in mapped.not_interpretable]) == ([], ["whose"])


def test_an_answer_in_words_to_a_question_about_both_is_named() -> None:
    mapped = observed(code={"text": "Personal or family history of cancer"}, valueString="Yes - breast 2019")
    assert [(u.concept, u.why) for u in mapped.not_interpretable] == [
        ("red-flag/malignancy-history", "answer")
    ]


def test_the_mark_of_a_question_counts_in_a_display_no_more_than_in_a_text() -> None:
    code = coded("urn:site", "7", "Have you had night sweats (yes/no)?")
    (found,) = observed(code=code, valueBoolean=True).statements
    assert found.concepts == {"red-flag/night-sweats"}
