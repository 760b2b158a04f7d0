"""The most a day that a draft allows, and the dose it is changed to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.orders import IBUPROFEN, RXNORM, cards, dose, prescription, said


def given(milligrams: float, **timing: Any) -> dict[str, Any]:
    rate = {"doseQuantity": {"value": milligrams, "code": "mg"}}
    return {"doseAndRate": [rate]} | ({"timing": timing} if timing else {})


EVERY_FOUR_HOURS = {"frequency": 1, "period": 4, "periodUnit": "h"}
THRICE = ["08:00:00", "14:00:00", "20:00:00"]
DAY = {"period": 1, "periodUnit": "d"}
RANGE = {
    "timing": {"repeat": EVERY_FOUR_HOURS},
    "doseAndRate": [
        {"doseRange": {"low": {"value": 400, "code": "mg"}, "high": {"value": 800, "code": "mg"}}}
    ],
}
TWICE_STATED = {
    "timing": {"repeat": EVERY_FOUR_HOURS},
    "doseAndRate": [{"doseQuantity": {"value": mg, "code": "mg"}} for mg in (400, 800)],
}


@pytest.mark.parametrize(
    ("dosage", "over"),
    [
        pytest.param([dose(800, 6)], False, id="exactly the maximum"),
        pytest.param([dose(801, 6)], True, id="over it"),
        pytest.param([given(600, code={"text": "Q4H"})], True, id="by abbreviation"),
        pytest.param([given(800, code={"coding": [{"code": "QID"}]})], False, id="four times a day"),
        pytest.param([given(800, code={"text": "when it hurts"})], False, id="no schedule"),
        pytest.param([given(800, event=["2026-06-15"])], False, id="an event"),
        pytest.param([RANGE], True, id="the most of a range"),
        pytest.param([given(4000)], False, id="no timing"),
        pytest.param([{"timing": {"repeat": EVERY_FOUR_HOURS}, "doseAndRate": [{}]}], False, id="no dose"),
        pytest.param([dose(800, 8), dose(800, 8)], False, id="several steps"),
        pytest.param([dose(400, 8), dose(1000, 4)], True, id="a step over it"),
        pytest.param([given(4000), dose(1000, 4)], True, id="a step without a schedule, one over it"),
        pytest.param([dose(800, 8) | {"sequence": n} for n in (1, 2)], False, id="one step after the other"),
        pytest.param([dose(800, 8) | {"sequence": 1}] * 2, True, id="two at the same time"),
        pytest.param([given(1200, repeat={"timeOfDay": THRICE})], True, id="at three times of the day"),
        pytest.param([given(1000, repeat={"timeOfDay": THRICE})], False, id="at three times, less"),
        pytest.param([given(1200, repeat=DAY | {"when": ["CM", "CD", "CV"]})], True, id="at every meal"),
        pytest.param([given(1200, repeat=DAY | {"frequency": 1, "when": ["CM"]})], False, id="at one meal"),
        pytest.param(
            [given(1200, repeat={"boundsDuration": {"value": 5, "code": "d"}}, code={"text": "TID"})],
            True,
            id="for five days, by abbreviation",
        ),
        pytest.param([TWICE_STATED], True, id="as ordered and as calculated"),
    ],
)
def test_the_most_a_day_is_the_dose_at_the_shortest_interval(dosage: list[Any], over: bool) -> None:
    assert said(prescription(dosageInstruction=dosage)) == (["R54 critical"] if over else [])


def test_the_tablets_of_the_sandbox_are_counted() -> None:
    draft = prescription(
        {"text": "Ibuprofen 400 MG Oral Tablet", "coding": [{"system": RXNORM, "code": "197805"}]},
        dosageInstruction=[
            {
                "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 3, "code": "{pill}"}}],
            }
        ],
    )
    (card,) = cards(draft)
    assert "3600 mg a day" in card["summary"]


PIECES = {"value": 3, "code": "{tbl}"}
PER_TABLET = {"numerator": {"value": 0.4, "code": "g"}, "denominator": {"value": 1, "unit": "tablet"}}


@pytest.mark.parametrize(
    ("strengths", "over"),
    [
        pytest.param([PER_TABLET], True, id="grams a tablet"),
        pytest.param([PER_TABLET | {"denominator": {"value": 2}}], False, id="grams in two"),
        pytest.param([PER_TABLET | {"denominator": {"value": 1, "code": "mL"}}], False, id="by volume"),
        pytest.param([PER_TABLET | {"denominator": {"value": 0}}], False, id="in nothing"),
        pytest.param([PER_TABLET | {"numerator": {"value": 8, "code": "%"}}], False, id="per cent"),
        pytest.param([PER_TABLET | {"numerator": {"code": "mg"}}], False, id="no amount"),
        pytest.param([PER_TABLET, PER_TABLET], False, id="of two ingredients"),
        pytest.param([None], False, id="none"),
    ],
)
def test_the_strength_of_the_only_ingredient_counts(strengths: list[Any], over: bool) -> None:
    held = [{"itemCodeableConcept": IBUPROFEN} | ({"strength": s} if s else {}) for s in strengths]
    draft = prescription(
        ...,
        medicationReference={"reference": "#m"},
        contained=[{"resourceType": "Medication", "id": "m", "ingredient": held}],
        dosageInstruction=[
            {"timing": {"repeat": {"frequency": 3, **DAY}}, "doseAndRate": [{"doseQuantity": PIECES}]}
        ],
    )
    assert said(draft) == (["R54 critical"] if over else [])


def test_the_dose_is_changed_and_nothing_else() -> None:
    draft = prescription(dosageInstruction=[dose(1000, 4)], note=[], category={"text": "community"})
    (card,) = cards(draft)
    (suggestion,) = card["suggestions"]
    (action,) = suggestion["actions"]
    changed = action["resource"]
    assert {k: v for k, v in changed.items() if k != "dosageInstruction"} == {
        k: v for k, v in draft.items() if k != "dosageInstruction"
    }
    assert changed["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] == 400
