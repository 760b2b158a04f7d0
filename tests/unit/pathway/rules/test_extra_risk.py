from __future__ import annotations

import pytest

from cds_service.pathway.rules.extra_risk import extra_risk_lines
from cds_service.pathway.vocabulary import AgeRange, Presence
from tests.builders import LIMITS, case, drug, service, statement


@pytest.mark.parametrize(
    ("fact", "marker"),
    [
        pytest.param(
            statement("risk/cervical-surgery-history", 3000, is_active=False), "cervical-surgery", id="told"
        ),
        pytest.param(service("risk/cervical-surgery-history", 3000), "cervical-surgery", id="operation"),
        pytest.param(statement("risk/cervical-instability"), "instability-risk", id="rheumatoid arthritis"),
        pytest.param(statement("risk/osteoporosis"), "osteoporosis", id="osteoporosis"),
        pytest.param(statement("risk/diabetes"), "diabetes", id="diabetes"),
        pytest.param(drug("drug/systemic-corticosteroid", 90), "long-term-steroid", id="steroid for 90 days"),
        pytest.param(
            statement("drug/systemic-corticosteroid"), "long-term-steroid", id="steroid status code"
        ),
        pytest.param(statement("nsaid-caution/ckd-severe"), "dialysis", id="end-stage kidney disease"),
        pytest.param(service("nsaid-caution/ckd-severe", 365), "dialysis", id="dialysis session"),
        pytest.param(
            statement("risk/vascular-disease", 900, is_active=False), "vascular-disease", id="past stroke"
        ),
    ],
)
def test_markers_are_named(fact: object, marker: str) -> None:
    (line,) = extra_risk_lines(case(fact, age=51), LIMITS)
    assert line.slots == {"markers": (f"@term.{marker}",)}
    assert (line.key, line.rule, len(line.evidence)) == ("extra-risk", "S9", 1)


@pytest.mark.parametrize(
    ("fact", "age"),
    [
        pytest.param(statement("risk/diabetes", is_active=False), 51, id="diabetes resolved"),
        pytest.param(statement("risk/diabetes", presence=Presence.SUSPECTED), 51, id="diabetes suspected"),
        pytest.param(drug("drug/systemic-corticosteroid", 89), 51, id="steroid for 89 days"),
        pytest.param(drug("drug/systemic-corticosteroid", None), 51, id="steroid since an unknown day"),
        pytest.param(drug("drug/systemic-corticosteroid", 200, 2), 51, id="steroid stopped"),
        pytest.param(service("nsaid-caution/ckd-severe", 366), 51, id="dialysis long ago"),
        pytest.param(statement("risk/vascular-disease"), 50, id="vascular disease at 50"),
        pytest.param(statement("risk/vascular-disease"), None, id="vascular disease, age unknown"),
    ],
)
def test_what_is_no_marker_makes_no_line(fact: object, age: int | None) -> None:
    assert extra_risk_lines(case(fact, age=age), LIMITS) == ()


def test_several_markers_share_one_line() -> None:
    facts = (statement("risk/diabetes"), statement("risk/osteoporosis"))
    (line,) = extra_risk_lines(case(*facts, age_years=AgeRange(40, 60)), LIMITS)
    assert line.slots["markers"] == ("@term.osteoporosis", "@term.diabetes")
