"""Muscle strength: by muscle, in words, on a scale, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.pathway.vocabulary import Side
from tests.mapping import observed


def test_strength_by_muscle_in_components() -> None:
    mapped = observed(
        code={"text": "Muscle strength"},
        component=[{"code": {"text": "Muscle strength right triceps"}, "valueString": "4+/5"}],
    )
    (grade,) = mapped.measurements
    assert (grade.value, grade.qualifier, grade.muscle, grade.side) == (4, "4+", "triceps", Side.RIGHT)


@pytest.mark.parametrize("value", ["normal", "Full", "intact"])
def test_a_sound_strength_in_words_is_nothing_that_could_not_be_understood(value: str) -> None:
    assert observed(code={"text": "Muscle strength"}, valueString=value).not_interpretable == []


@pytest.mark.parametrize(
    ("code", "value"),
    [("Strength", {"valueString": "weak"}), ("MMT", {"valueCodeableConcept": {"text": "Reduced"}})],
)
def test_a_strength_in_words_is_named(code: str, value: dict[str, Any]) -> None:
    (found,) = observed(code={"text": code}, **value).not_interpretable
    assert (found.concept, found.why) == ("obs/muscle-strength", "words")


@pytest.mark.parametrize(
    ("code", "part"),
    [
        pytest.param(
            "Strength", {"code": {"text": "Deltoid"}, "valueString": "3/5"}, id="a muscle of a panel"
        ),
        pytest.param("Power", {"code": {"text": "Right deltoid"}, "valueInteger": 3}, id="with a number"),
        pytest.param("Strength", {"code": {"text": "C5"}, "valueString": "3/5"}, id="a root"),
        pytest.param("Power upper limb", {"code": {"text": "Right"}, "valueString": "3/5"}, id="a side"),
        pytest.param(
            "Neurological exam", {"code": {"text": "Power"}, "valueString": "3/5"}, id="out of five"
        ),
    ],
)
def test_bare_strength_is_a_muscles_by_its_panel_or_its_scale(code: str, part: dict[str, Any]) -> None:
    (found,) = observed(code={"text": code}, component=[part]).measurements
    assert (found.concept, found.value) == ("obs/muscle-strength", 3)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        pytest.param("Strength of cough", {"valueInteger": 3}, id="of a cough"),
        pytest.param("Pulse strength", {"valueString": "3/4"}, id="of a pulse"),
        pytest.param("Strength of faith", {"valueString": "3/5"}, id="of a faith"),
        pytest.param("Power", {"valueInteger": 3}, id="on no scale"),
    ],
)
def test_bare_strength_of_anything_else_is_no_muscles(code: str, value: dict[str, Any]) -> None:
    assert observed(code={"text": code}, **value).measurements == []


def test_a_finding_as_the_value_of_bare_strength_is_read() -> None:
    (found,) = observed(code={"text": "Strength"}, valueCodeableConcept={"text": "Arm weakness"}).statements
    assert any(concept.startswith("red-flag/") for concept in found.concepts)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        pytest.param("Strength", {"valueInteger": 2}, id="on no scale"),
        pytest.param("Strength", {"valueString": "2"}, id="on no scale, in words"),
        pytest.param("Strength of faith", {"valueString": "2/5"}, id="of something, out of five"),
        pytest.param("MMT deltoid", {"valueString": "good"}, id="good is four of five"),
    ],
)
def test_what_may_be_a_muscles_strength_is_named(code: str, value: dict[str, Any]) -> None:
    mapped = observed(code={"text": code}, **value)
    assert mapped.measurements == []
    assert [u.concept for u in mapped.not_interpretable] == ["obs/muscle-strength"]


@pytest.mark.parametrize("code", ["Power left side", "Strength exam", "Strength, proximal", "Strength (0-5)"])
def test_words_that_name_no_muscle_and_nothing_else_are_about_muscles(code: str) -> None:
    (found,) = observed(code={"text": code}, valueString="2/5").measurements
    assert (found.concept, found.value) == ("obs/muscle-strength", 2)


def test_a_weakness_as_the_value_of_a_muscles_strength_is_read() -> None:
    (found,) = observed(
        code={"text": "Muscle strength"}, valueCodeableConcept={"text": "Arm weakness"}
    ).statements
    assert "red-flag/motor-weakness" in found.concepts or any("weakness" in c for c in found.concepts)
