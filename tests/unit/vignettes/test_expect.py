"""A vignette notices every kind of difference."""

from typing import Any

import pytest

from cds_service.vignettes.expect import differences
from cds_service.vignettes.model import ExpectedCard

MRI = {
    "resourceType": "ServiceRequest",
    "priority": "urgent",
    "code": {"coding": [{"system": "http://loinc.org", "code": "30667-0"}]},
}
CARD: dict[str, Any] = {
    "summary": "Red flag: fever.",
    "indicator": "critical",
    "detail": "Why this appears",
    "source": {"topic": {"code": "R23"}},
    "extension": {"org.neck-pain-cds.explanation": {"rules": ["R23", "R5"]}},
    "suggestions": [{"isRecommended": True, "actions": [{"type": "create", "resource": MRI}]}],
}


def test_an_answer_as_expected_has_no_differences() -> None:
    expected = ExpectedCard(
        rule="R23",
        indicator="critical",
        rules=("R5",),
        without_rules=("R9",),
        summary="fever",
        detail=("Why",),
        without_detail=("CRP",),
        suggests=("MRI (urgent, recommended)",),
    )
    assert differences((expected,), {"cards": [CARD]}) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"rule": "R27"}, "expected cards", id="another card"),
        pytest.param({"indicator": "info"}, "expected cards", id="another indicator"),
        pytest.param({"rules": ("R9",)}, "rule R9 not named", id="a rule is missing"),
        pytest.param({"without_rules": ("R5",)}, "rule R5 named", id="a rule too many"),
        pytest.param({"summary": "CRP"}, "summary lacks", id="another summary"),
        pytest.param({"detail": ("CRP",)}, "detail lacks", id="detail lacks a text"),
        pytest.param({"without_detail": ("Why",)}, "detail has", id="detail has a text it must not"),
        pytest.param({"suggests": ()}, "expected suggestions", id="other suggestions"),
    ],
)
def test_each_difference_is_named(change: dict[str, Any], message: str) -> None:
    expected = ExpectedCard(**({"rule": "R23", "indicator": "critical"} | change))
    found = differences((expected,), {"cards": [CARD]})
    assert len(found) == 1
    assert message in found[0]


def test_silence_where_a_card_was_expected_is_a_difference() -> None:
    expected = ExpectedCard(rule="R23", indicator="critical")
    assert "no card" in differences((expected,), {"cards": []})[0]
