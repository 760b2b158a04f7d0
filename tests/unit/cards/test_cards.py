"""Cards: what each carries, and what its detail says and leaves out."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs
from msgspec.structs import replace

from cds_service.cards import render
from cds_service.cards.gaps import gaps_of
from cds_service.cards.options import ClientProfile, card_uuid
from cds_service.pathway.decision import decide
from cds_service.pathway.finding import (
    Advice,
    Decision,
    Evidence,
    Indicator,
    Line,
    Section,
)
from tests.builders import (
    TODAY,
    ago,
    case,
    drug,
    measurement,
    not_interpretable,
    pain,
    statement,
    unread,
)
from tests.unit.cards.rendering import GUIDELINE, OPTIONS, WORDS, rendered


def test_no_advice_is_an_empty_list() -> None:
    assert render(Decision(), case(), GUIDELINE, OPTIONS) == {"cards": []}


def test_a_card_carries_everything_the_standard_and_the_owner_ask_for() -> None:
    (card,) = rendered(measurement("obs/crp", 42, 6, unit="mg/L", reference_high=5.0))
    assert (
        card["summary"] == "Red flag: CRP 42 mg/L (9 Jun). Pathway: MRI cervical spine without contrast now."
    )
    assert card["source"]["topic"] == {
        "system": "https://neck-pain-cds.example/CodeSystem/pathway-rule",
        "code": "R23",
        "display": "Red flag: MRI now",
    }
    assert {reason["code"] for reason in card["overrideReasons"]} >= {
        "red-flag-not-charted",
        "not-relevant-today",
    }
    explained = card["extension"]["org.neck-pain-cds.explanation"]
    assert explained["rules"][:2] == ["R23", "R9"]
    assert explained["guidelineVersion"] == GUIDELINE.version
    assert explained["evidence"][0]["date"] == "2026-06-09"
    assert "notRead" not in explained


def test_a_profile_can_switch_the_explanation_off_and_our_pages_on() -> None:
    (card,) = rendered(
        options=replace(
            OPTIONS,
            base_url="https://cds.example.org",
            profile=ClientProfile(has_explanation=False, intent="proposal"),
        )
    )
    assert "extension" not in card
    assert card["links"][1]["url"] == "https://cds.example.org/pathway#R27"
    assert card["suggestions"][0]["actions"][0]["resource"]["intent"] == "proposal"


def test_ids_are_the_same_for_a_retry_and_others_for_another_call() -> None:
    again = replace(OPTIONS, hook_instance="2c9a0d3a-51a6-4d1c-8f0b-6a1c1f6f7a21")
    assert card_uuid(OPTIONS, "R23") == card_uuid(OPTIONS, "R23")
    assert (
        len({card_uuid(OPTIONS, "R23"), card_uuid(OPTIONS, "R23", position="0"), card_uuid(again, "R23")})
        == 3
    )


def advice(*lines: Line, evidence: tuple[Evidence, ...] = ()) -> Advice:
    return Advice("R23", "R25b", Indicator.INFO, ("R23",), {"date": TODAY}, evidence, lines)


def test_long_lists_are_counted_not_shown() -> None:
    many = tuple(Evidence("R7", statement("red-flag/night-sweats", n), ago(n)) for n in range(9))
    line = Line(Section.STEP, "therapy-so-far", {"days": 9}, evidence=many)
    made = case(pain(9))
    (card,) = render(Decision((advice(line, evidence=many),)), made, GUIDELINE, OPTIONS)["cards"]
    assert "and 3 more" in card["detail"]
    assert "and 7 more" in card["detail"]


def test_gaps_say_what_is_not_documented_not_read_and_not_understood() -> None:
    odd = tuple(not_interpretable("obs/egfr", 1, f"Observation/{n}") for n in range(7))
    made = case(
        pain(9),
        measurement("obs/crp", 3, 1),
        readability=replace(unread("conditions"), not_interpretable=odd),
    )
    gaps = gaps_of(decide(made, GUIDELINE.thresholds), WORDS)
    assert gaps.not_read == ("problem list",)
    assert gaps.not_interpretable[-1] == "and 2 more"
    known = case(pain(9), measurement("obs/crp", 3, 1), drug("drug/nsaid", 5))
    words = gaps_of(decide(known, GUIDELINE.thresholds), WORDS).not_documented
    assert {"ESR", "WBC", "response to treatment"} <= set(words)
    assert "CRP" not in words
    lists = structs.replace(decide(known, GUIDELINE.thresholds), findings=())
    assert gaps_of(lists, WORDS).not_documented == ("response to treatment",)


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        pytest.param([], {"sensation/reflexes"}, id="nothing examined"),
        pytest.param([statement("red-flag/hyperreflexia", 1)], {"sensation"}, id="brisk reflexes recorded"),
        pytest.param(
            [statement("red-flag/sensory-deficit", 1)], {"hyperreflexia"}, id="sensation alone recorded"
        ),
        pytest.param(
            [statement("red-flag/hyperreflexia", 1), statement("red-flag/sensory-deficit", 1)],
            set(),
            id="both recorded",
        ),
    ],
)
def test_of_sensation_and_reflexes_only_what_is_missing_is_named(facts: Any, named: set[str]) -> None:
    words = gaps_of(decide(case(pain(9), *facts), GUIDELINE.thresholds), WORDS).not_documented
    assert {"sensation/reflexes", "sensation", "hyperreflexia"} & set(words) == named


def test_a_raised_result_that_a_normal_one_has_replaced_is_mentioned() -> None:
    results = (measurement("obs/crp", 80, 9, unit="mg/L"), measurement("obs/crp", 3, 1, unit="mg/L"))
    (card,) = rendered(*results)
    assert (
        "**Documented absent:** raised CRP (CRP 80 mg/L (6 Jun): raised earlier; a later result is normal)."
        in card["detail"]
    )
    (plain,) = rendered(results[1])
    assert "**Documented absent:** raised CRP." in plain["detail"]


def test_unread_data_without_a_flag_is_named_too() -> None:
    from cds_service.cards.detail import detail
    from cds_service.cards.gaps import Gaps

    text = detail(advice(), Gaps((), (), ("allergies",), (), ()), WORDS)
    assert "**Could not read:** allergies." in text


def test_an_emergency_says_what_to_do_and_no_list_of_gaps() -> None:
    cards = rendered(statement("red-flag/fever", 2), statement("red-flag/meningism", 2))
    assert "Not documented" not in cards[0]["detail"]
