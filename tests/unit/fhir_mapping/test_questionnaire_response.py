"""Findings that questionnaires carry."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir_mapping import questionnaire_response
from cds_service.pathway.vocabulary import Presence
from tests.mapping import context, resource


@pytest.mark.parametrize(
    ("answer", "is_named"),
    [
        pytest.param({"valueString": "now and then"}, True, id="words"),
        pytest.param({"valueCoding": {"system": "urn:local", "code": "7"}}, True, id="a code we do not know"),
        pytest.param({"valueInteger": 3}, True, id="a number"),
        pytest.param({"valueString": "not asked"}, False, id="not asked"),
        pytest.param({"valueCoding": {"display": "Unknown"}}, False, id="unknown"),
        pytest.param({"valueBoolean": False}, False, id="a clear no"),
        pytest.param({}, False, id="no answer"),
    ],
)
def test_an_answer_about_a_red_flag_that_is_not_understood_is_named(
    answer: dict[str, Any], is_named: bool
) -> None:
    def unclear(text: str, status: str = "completed") -> list[str]:
        item = [{"text": text, "answer": [answer]}]
        entry = resource("QuestionnaireResponse", status=status, authored="2026-06-10", item=item)
        return [found.concept for found in questionnaire_response.unclear(entry, context())]

    assert unclear("Night sweats?") == (["red-flag/night-sweats"] if is_named else [])
    assert unclear("Favourite colour?") == []
    assert unclear("Night sweats?", status="in-progress") == []


def test_questionnaires_carry_findings() -> None:
    def answered(*items: dict[str, Any], status: str = "completed") -> list[Any]:
        entry = resource("QuestionnaireResponse", status=status, authored="2026-06-10", item=list(items))
        return list(questionnaire_response.statements(entry, context()))

    question = "Do you have night sweats?"
    (yes,) = answered({"linkId": "1", "text": question, "answer": [{"valueBoolean": True}]})
    assert (yes.presence, yes.concepts) == (Presence.PRESENT, {"red-flag/night-sweats"})
    (no,) = answered(
        {"text": "Group", "item": [{"text": question, "answer": [{"valueCoding": {"display": "No"}}]}]}
    )
    assert no.presence is Presence.ABSENT
    (words,) = answered({"text": question, "answer": [{"valueString": "yes"}]})
    assert words.presence is Presence.PRESENT
    (value,) = answered({"text": "Symptoms", "answer": [{"valueCoding": {"display": "Night sweats"}}]})
    assert value.concepts == {"red-flag/night-sweats"}
    inner = {"text": question, "answer": [{"valueBoolean": True}]}
    (within,) = answered({"text": "Any complaints?", "answer": [{"valueBoolean": True, "item": [inner]}]})
    assert (within.presence, within.concepts) == (Presence.PRESENT, {"red-flag/night-sweats"})
    assert answered({"text": question, "answer": [{"valueInteger": 3}]}) == []
    assert answered({"text": question}) == []
    assert answered({"answer": [{"valueBoolean": True}]}) == []
    assert answered({"text": question, "answer": [{"valueBoolean": True}]}, status="in-progress") == []


@pytest.mark.parametrize(
    ("heading", "stated", "in_doubt"),
    [
        pytest.param("Review of systems", ["red-flag/night-sweats"], [], id="the patient's"),
        pytest.param("Form completed by mother", ["red-flag/night-sweats"], [], id="told by another"),
        pytest.param("Personal and family history", [], ["red-flag/night-sweats"], id="of whom nobody knows"),
        pytest.param("Family history", [], [], id="a relative's"),
        pytest.param("Patient denies", [], [], id="denied"),
    ],
)
def test_a_heading_says_whose_the_answers_below_it_are(
    heading: str, stated: list[str], in_doubt: list[str]
) -> None:
    sweats = {"linkId": "2", "text": "Night sweats (yes/no)?", "answer": [{"valueBoolean": True}]}
    no = {"linkId": "3", "text": "Night sweats?", "answer": [{"valueBoolean": False}]}

    def said(*inner: dict[str, Any]) -> tuple[list[str], list[str]]:
        item = [{"linkId": "1", "text": heading, "item": [{"linkId": "1.1", "item": list(inner)}]}]
        entry = resource("QuestionnaireResponse", status="completed", authored="2026-06-10", item=item)
        found = questionnaire_response.statements(entry, context())
        unclear = questionnaire_response.unclear(entry, context())
        return [c for s in found for c in s.concepts], [u.concept for u in unclear]

    assert said(sweats) == (stated, in_doubt)
    assert said(no) == (stated, [])


def test_a_question_about_the_patient_and_others_is_in_doubt() -> None:
    def unclear(*, answer: bool) -> list[str]:
        text = "Have you or a family member had night sweats?"
        item = [{"text": text, "answer": [{"valueBoolean": answer}]}]
        entry = resource("QuestionnaireResponse", status="completed", authored="2026-06-10", item=item)
        assert list(questionnaire_response.statements(entry, context())) == []
        return [found.concept for found in questionnaire_response.unclear(entry, context())]

    assert (unclear(answer=True), unclear(answer=False)) == (["red-flag/night-sweats"], [])


def test_a_finding_that_is_named_as_feared_is_in_doubt() -> None:
    item = [
        {
            "text": "Are you worried about any of these?",
            "answer": [{"valueCoding": {"display": "Night sweats"}}],
        }
    ]
    entry = resource("QuestionnaireResponse", status="completed", authored="2026-06-10", item=item)
    assert list(questionnaire_response.statements(entry, context())) == []
    assert [u.concept for u in questionnaire_response.unclear(entry, context())] == ["red-flag/night-sweats"]
