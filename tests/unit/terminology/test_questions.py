"""Whose an answer is, by the words of its question or heading."""

from __future__ import annotations

import pytest

from cds_service.terminology.questions import Bearing, Bearings, as_asked, bearings

OWN, IN_DOUBT, NOT_OWN = Bearing.OWN, Bearing.IN_DOUBT, Bearing.NOT_OWN


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "Review of systems",
            "Partner present at visit",
            "Exam, mother present",
            "Family present at bedside exam",
        ),
        *(
            "Is your partner present today",
            "Mother reports",
            "Symptom reported by mother",
            "History given by mother",
        ),
        *("Symptoms per mother", "Father states symptoms", "Informant: parent", "Family member reports"),
        *("Form completed by mother", "Questionnaire completed with family", "Patient's mother tongue"),
        *("Father's name", "Caring for mother", "Family Health Center", "Family nurse practitioner"),
        *("Child and Family Services", "Conditions your family doctor diagnosed", "Social and family status"),
        "Family medicine intake",
    ],
)
def test_who_tells_and_who_cares_for_the_patient_takes_no_answer_away(heading: str) -> None:
    assert bearings(heading) == Bearings(OWN, OWN, OWN)


@pytest.mark.parametrize(
    "heading",
    [
        *("Family history", "Family medical history", "FHx", "FH", "Mother", "Mother's conditions", "Mom"),
        *("History of cancer in your family", "Do you have a family history of cancer"),
        *(
            "Did your mother or father have cancer",
            "Has a blood relative had cancer",
            "Any family members with",
        ),
        *("Household contact symptom", "Sick contacts", "Has anyone around you had fever"),
    ],
)
def test_what_relatives_and_people_around_have_is_not_the_patients(heading: str) -> None:
    assert bearings(heading) == Bearings(NOT_OWN, NOT_OWN, NOT_OWN)


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "Maternal history",
            "PMHx/FHx",
            "Family history / Review of systems",
            "Source of history: daughter",
        ),
        *(
            "Do you have night sweats that wake your partner",
            "Parent/guardian report",
            "Health/family history",
        ),
        *("Past medical, family and social history", "Personal and family history", "Single parent"),
        *(
            "Have you or a family member ever had",
            "Household and substance use",
            "Genetic rheumatology panel",
        ),
        *("Who is completing this form (self, mother, father)", "Maternal exam", "Emergency contact: spouse"),
    ],
)
def test_where_patient_and_relatives_stand_together_it_is_in_doubt(heading: str) -> None:
    assert bearings(heading) == Bearings(IN_DOUBT, IN_DOUBT, IN_DOUBT)


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "Denies",
            "Patient denies",
            "Pertinent negatives",
            "Review of systems - negative for",
            "No",
            "Absent symptoms",
        ),
        *("Patient does not have the following", "Which of these do you not have", "Diagnosis ruled out"),
        "Have you been screened for",
    ],
)
def test_an_affirmation_under_a_denial_is_none(heading: str) -> None:
    assert bearings(heading) == Bearings(OWN, NOT_OWN, NOT_OWN)


@pytest.mark.parametrize(
    "question",
    [
        *(
            "Exam (r/o myelopathy)",
            "Worried about any of these",
            "Exposure",
            "Risk of infection",
            "At risk behaviours",
        ),
        *("Education given", "Screening for cancer", "Fear of"),
    ],
)
def test_what_is_feared_or_looked_for_may_be_had_as_well(question: str) -> None:
    assert bearings(question) == Bearings(OWN, OWN, IN_DOUBT)


@pytest.mark.parametrize(
    "question",
    [
        *("Red flag screening", "Gait screening", "Risk of falls assessment", "Encounter for neck pain"),
        *(
            "Counseling visit note",
            "Reaction after vaccination",
            "Any symptoms that do not go away",
            "Reason you can not walk",
        ),
        *("Other symptom not listed above", "Symptoms not otherwise specified", "Visit No. 3 symptoms"),
        *("Tandem gait without support", "Never smoker, symptoms", "No. of symptoms"),
    ],
)
def test_words_of_looking_and_denying_elsewhere_in_a_question_turn_nothing_away(question: str) -> None:
    assert bearings(question) == Bearings(OWN, OWN, OWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Do you have a fever?", "Do you have a fever"),
        ("Do you have fever (yes/no)?", "Do you have fever"),
        ("Yes or no: fever", ": fever"),
        ("Fever (no/yes)", "Fever"),
        ("Night sweats", "Night sweats"),
    ],
)
def test_the_mark_and_the_choices_are_no_part_of_a_question(text: str, expected: str) -> None:
    assert as_asked(text) == expected


@pytest.mark.parametrize(
    "heading",
    [
        "Patient denies pain but reports",
        "Denies / Endorses",
        "Negative for trauma, positive for",
        "Conditions previously excluded",
    ],
)
def test_a_denial_with_anything_beside_it_is_a_doubt(heading: str) -> None:
    assert bearings(heading) == Bearings(OWN, IN_DOUBT, IN_DOUBT)


@pytest.mark.parametrize(
    "heading",
    [
        "No appetite",
        "Not able to urinate",
        "Without warning, do you ever",
        "Absence of feeling",
        "No known allergies",
    ],
)
def test_a_heading_that_begins_with_a_no_is_no_denial_of_what_follows(heading: str) -> None:
    assert bearings(heading).of_parts is OWN


def test_a_text_too_long_for_a_question_is_never_surely_somebody_elses() -> None:
    assert bearings("Family history of " + "cancer and " * 100).subject is IN_DOUBT
    assert bearings("Denies " + "any " * 500).of_parts is IN_DOUBT
    assert bearings("Symptom " * 500).of_answer is OWN
