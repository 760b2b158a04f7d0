"""Cards: words filled, patient text disarmed, resources valid, nothing empty."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec import structs
from msgspec.structs import replace

from cds_service.cards import RenderOptions, preload, render
from cds_service.cards.evidence_text import flag_phrase, sentence
from cds_service.cards.gaps import gaps_of
from cds_service.cards.markdown import MAX_LENGTH, escaped
from cds_service.cards.options import ClientProfile, card_uuid
from cds_service.cards.proposals.appointment import appointment
from cds_service.cards.proposals.changes import changed_draft, with_priority
from cds_service.cards.proposals.drafting import Drafting
from cds_service.cards.proposals.validation import checked
from cds_service.cards.rating import with_rating
from cds_service.cards.values import day, moment, number
from cds_service.cards.wording import Words
from cds_service.errors import CardError
from cds_service.guideline.load import load_guideline
from cds_service.pathway.decision import decide
from cds_service.pathway.draft_order import Rating
from cds_service.pathway.facts import CourseStatement
from cds_service.pathway.finding import (
    Advice,
    Decision,
    Evidence,
    Indicator,
    Line,
    Proposal,
    ProposalKind,
    Section,
    SlotValue,
)
from cds_service.pathway.vocabulary import Course, Flagging, Precision, Side, Source, When
from cds_service.protocol.self_check import check_response
from tests.builders import (
    TODAY,
    ago,
    case,
    drug,
    measurement,
    month,
    not_interpretable,
    pain,
    service,
    statement,
    unread,
    when,
)

GUIDELINE = load_guideline()
WORDS = Words(GUIDELINE, TODAY)
OPTIONS = RenderOptions("neck-pain-patient-view", "7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10")


def rendered(*facts: Any, options: RenderOptions = OPTIONS, **fields: Any) -> list[dict[str, Any]]:
    made = case(pain(9), *facts, **fields)
    body = render(decide(made, GUIDELINE.thresholds), made, GUIDELINE, options)
    assert check_response(body, "patient-view") == []
    cards: list[dict[str, Any]] = body["cards"]
    return cards


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


def test_the_prescription_is_dosed_as_the_article_says() -> None:
    (card,) = rendered()
    drafts = {
        s["actions"][0]["resource"]["resourceType"]: s["actions"][0]["resource"] for s in card["suggestions"]
    }
    dosage = drafts["MedicationRequest"]["dosageInstruction"][0]
    assert dosage["text"] == (
        "400 mg by mouth every 4 to 6 hours as needed for pain, with meals or milk; "
        "no more than 3200 mg in 24 hours"
    )
    assert dosage["timing"]["repeat"] == {"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}
    assert dosage["maxDosePerPeriod"]["numerator"]["value"] == 3200
    assert drafts["Appointment"]["participant"][0]["status"] == "needs-action"
    assert drafts["ServiceRequest"]["requester"] == {"reference": "Practitioner/1"}
    assert drafts["ServiceRequest"]["reasonReference"] == [{"reference": "Condition/pain-9"}]


def test_a_raised_priority_echoes_the_order_as_received() -> None:
    received = {
        "resourceType": "ServiceRequest",
        "id": "mri",
        "priority": "routine",
        "vendor": [],
        "status": "active",
    }
    order = service(
        "imaging/mri-cervical-wo", 3, "ordered", priority="routine", resource=json.dumps(received).encode()
    )
    (card,) = rendered(statement("red-flag/hyperreflexia", 1), services=(order,))
    action = card["suggestions"][0]["actions"][0]
    assert (action["type"], action["resource"]) == ("update", received | {"priority": "stat"})


@pytest.mark.parametrize("extension", [{"url": "http://example.org/vendor"}, "vendor", None])
def test_a_rating_has_no_place_where_the_extensions_are_no_list(extension: Any) -> None:
    received = {"resourceType": "ServiceRequest", "id": "mri", "extension": extension}
    assert with_rating(received, Rating.APPROPRIATE) == received


def test_an_update_without_the_order_and_a_visit_without_its_window_are_our_mistakes() -> None:
    drafting = Drafting(case(), GUIDELINE.thresholds, WORDS, OPTIONS)
    with pytest.raises(CardError, match="as recorded"):
        with_priority(Proposal(ProposalKind.RAISE_PRIORITY, priority="stat"))
    with pytest.raises(CardError, match="as received"):
        changed_draft(Proposal(ProposalKind.RAISE_DRAFT, priority="stat"), drafting)
    with pytest.raises(CardError, match="window"):
        appointment(Proposal(ProposalKind.FOLLOW_UP), drafting)


def test_a_resource_that_is_not_valid_is_never_passed_on_and_its_content_never_said() -> None:
    preload()
    with pytest.raises(CardError, match="ServiceRequest not valid at") as caught:
        checked(
            {
                "resourceType": "ServiceRequest",
                "status": "draft",
                "intent": "order",
                "subject": "Patient/SECRET",
            }
        )
    assert "SECRET" not in str(caught.value)


ORDER: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": "Patient/1"},
    "authoredOn": "2026-06-15",
    "note": [{"text": "Red flag: fever (9 Jun)."}],
}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"intent": 7}, id="a constant of another type"),
        pytest.param({"authoredOn": "15 June"}, id="no date"),
        pytest.param({"authoredOn": "2026-02-31"}, id="a day that is none"),
        pytest.param({"note": [{"text": 5}]}, id="a note that is no text"),
        pytest.param({"subject": {"reference": 7}}, id="a reference that is no text"),
        pytest.param({"invented": "x"}, id="an unknown member"),
    ],
)
def test_a_shape_known_to_be_valid_makes_nothing_else_valid(changed: dict[str, Any]) -> None:
    assert checked(ORDER) is ORDER
    another = ORDER | {"subject": {"reference": "Patient/2"}, "authoredOn": "2026-06-16"}
    assert checked(another) is another
    with pytest.raises(CardError):
        checked(another | changed)


def test_more_shapes_than_are_remembered_are_still_validated() -> None:
    for n in range(1001):
        assert checked(ORDER | {"code": {"text": f"order {n}"}})
    with pytest.raises(CardError):
        checked(ORDER | {"code": {"text": 1001}})


def test_what_is_unusual_is_validated_each_time() -> None:
    odd = ORDER | {"subject": {"reference": "urn:uuid:0f5b1b5e-0f0e-4c55-9a3e-4a1d9c1b2e10"}}
    assert checked(odd) is odd


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


def test_text_of_the_record_is_one_disarmed_line() -> None:
    assert escaped("a\n\n# b | c") == "a # b \\| c"
    assert escaped("<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert escaped("see www.example.org") == "see www&#46;example.org"
    assert len(escaped("x" * 500)) == MAX_LENGTH


MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})


@given(st.text(max_size=80))
def test_whatever_the_record_says_is_shown_as_plain_text(text: str) -> None:
    tokens = MARKDOWN.parse(f"- recorded {escaped(text)} (Condition/1)")
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {"text", "text_special"}
    assert not any(token.type == "html_block" for token in tokens)


HOSTILE = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) `code` **bold** | ~~gone~~ @all http://evil.example"


def test_hostile_text_never_reaches_a_summary_and_is_disarmed_in_the_detail() -> None:
    fever = statement("red-flag/fever", 2, text=HOSTILE)
    (card,) = rendered(fever)
    assert "evil" not in card["summary"]
    assert "<img" not in card["detail"]
    html = MARKDOWN.render(card["detail"])
    assert "<img" not in html
    assert "href" not in html


def test_dates_of_an_order_that_is_undated_are_said() -> None:
    order = service("imaging/mri-cervical-wo", None, "ordered", priority="urgent", resource=b'{"id":"1"}')
    (card,) = rendered(statement("red-flag/fever", 2), services=(order,))
    assert card["source"]["topic"]["code"] == "R25a"
    assert when(1) is not None
