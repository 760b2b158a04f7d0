from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cds_service.pathway.vocabulary import Presence
from tests.builders import ago, drug, month, service, statement, unread, when
from tests.unit.pathway.rules.red_flags.flags import (
    ABSENT,
    NOTHING,
    POSSIBLE,
    PRESENT,
    UNREADABLE,
    flag,
    notes,
    state,
)

if TYPE_CHECKING:
    from cds_service.pathway.finding import FlagState

CANCER, CANCER_PAST, TUMOUR_MAYBE = (
    "red-flag/malignancy-current",
    "red-flag/malignancy-history",
    "red-flag/malignancy-possible",
)
INJECTING, DRUG_USE = "red-flag/iv-drug-use", "red-flag/iv-drug-use-possible"
SUPPRESSANT, B_CELL, STEROID = (
    "drug/immunosuppressant",
    "drug/b-cell-depletion",
    "drug/systemic-corticosteroid",
)
NO, MAYBE = Presence.ABSENT, Presence.SUSPECTED


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement(CANCER, 5000, is_active=False)], PRESENT, id="in remission for years"),
        pytest.param([statement(CANCER_PAST, None)], PRESENT, id="personal history without a date"),
        pytest.param([statement("red-flag/cancer-pain", 9)], PRESENT, id="pain from cancer"),
        pytest.param([statement("red-flag/cancer-treatment", 900)], PRESENT, id="history of treatment"),
        pytest.param([service("red-flag/cancer-treatment", 900)], PRESENT, id="treatment done"),
        pytest.param(
            [service("red-flag/cancer-treatment", 1, status="ordered")], NOTHING, id="treatment ordered"
        ),
        pytest.param([statement(TUMOUR_MAYBE, 900)], POSSIBLE, id="basal cell or in situ"),
        pytest.param([statement(CANCER, 5, presence=MAYBE)], POSSIBLE, id="suspected"),
        pytest.param([statement(CANCER, 5, presence=NO)], ABSENT, id="refuted"),
        pytest.param([statement(CANCER, 9), statement(CANCER, 5, presence=NO)], PRESENT, id="history stays"),
        pytest.param(
            [
                statement(CANCER, 9, presence=MAYBE, text="Breast"),
                statement(CANCER, 5, presence=NO, text="breast"),
            ],
            ABSENT,
            id="the suspected tumour refuted",
        ),
        pytest.param(
            [
                statement(CANCER, 9, presence=MAYBE, text="Breast"),
                statement(CANCER, 5, presence=NO, text="Colon"),
            ],
            POSSIBLE,
            id="another tumour refuted",
        ),
        pytest.param(
            [statement(CANCER, None, presence=MAYBE), statement(CANCER, 5, presence=NO)],
            POSSIBLE,
            id="an undated suspicion stays",
        ),
        pytest.param([statement("context/family-history-cancer", 5)], NOTHING, id="family history"),
        pytest.param([drug(SUPPRESSANT, reasons=frozenset({CANCER}))], PRESENT, id="drug given for cancer"),
        pytest.param([drug(SUPPRESSANT)], NOTHING, id="drug given for something else"),
        pytest.param(
            [drug(SUPPRESSANT, 99, 9, reasons=frozenset({CANCER}))], NOTHING, id="drug for cancer, ended"
        ),
    ],
)
def test_malignancy(facts: list[object], expected: FlagState) -> None:
    assert state("R11", *facts) is expected


@pytest.mark.parametrize(
    ("cancer_days", "pain_days", "compared_with"),
    [
        pytest.param(5000, 12, 12, id="older than the pain: the pain's onset"),
        pytest.param(5, 12, 5, id="newer than the pain: its own start"),
        pytest.param(5000, None, 0, id="onset unknown: today"),
    ],
)
def test_an_mri_is_compared_with_the_pain_or_the_newer_history(
    cancer_days: int, pain_days: int | None, compared_with: int
) -> None:
    found = flag("R11", statement(CANCER, 3, onset=when(cancer_days)), pain_days=pain_days)
    assert found.flag_on == ago(compared_with)
    assert found.evidence[0].on == ago(cancer_days)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement(INJECTING, 4000, is_active=False)], PRESENT, id="long past"),
        pytest.param([statement(INJECTING, 5, presence=MAYBE)], POSSIBLE, id="suspected"),
        pytest.param(
            [statement(DRUG_USE, 4000, is_active=False)], POSSIBLE, id="drug use, route not recorded"
        ),
        pytest.param([statement("absent/injection-drug-use", 5)], ABSENT, id="never injected"),
        pytest.param(
            [statement(DRUG_USE, 9), statement("absent/injection-drug-use", 5)], ABSENT, id="route denied"
        ),
        pytest.param(
            [statement(DRUG_USE, 5), statement("absent/injection-drug-use", 9)], POSSIBLE, id="denied before"
        ),
        pytest.param(
            [statement(INJECTING, 9), statement("absent/injection-drug-use", 5)], PRESENT, id="contradiction"
        ),
        pytest.param(
            [statement(DRUG_USE, 9), statement("absent/injection-drug-use", 5, presence=MAYBE)],
            POSSIBLE,
            id="a doubtful denial",
        ),
        pytest.param(
            [statement(DRUG_USE, 9), statement("absent/injection-drug-use", 5, recorded=month(1, 20))],
            POSSIBLE,
            id="a denial that may be older",
        ),
        pytest.param(
            [statement(DRUG_USE, 9), statement("absent/injection-drug-use", None)], POSSIBLE, id="undated"
        ),
    ],
)
def test_injection_drug_use(facts: list[object], expected: FlagState) -> None:
    assert state("R13", *facts) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement("red-flag/hiv", 4000)], PRESENT, id="HIV"),
        pytest.param([statement("red-flag/immunosuppression", 400)], PRESENT, id="immunodeficiency"),
        pytest.param(
            [statement("red-flag/immunosuppression", 4, is_active=False)], NOTHING, id="no longer active"
        ),
        pytest.param([statement("red-flag/hiv", 4, presence=MAYBE)], POSSIBLE, id="HIV suspected"),
        pytest.param([statement("red-flag/hiv", 4, presence=NO)], ABSENT, id="HIV refuted"),
        pytest.param(
            [statement("red-flag/immunosuppression-possible", 4)], POSSIBLE, id="asplenia and the like"
        ),
        pytest.param([statement(STEROID, 4)], POSSIBLE, id="long-term steroid status code"),
        pytest.param([statement(SUPPRESSANT, 4)], PRESENT, id="immunosuppressant status code"),
        pytest.param([service("red-flag/transplant", 3000)], PRESENT, id="transplant operation"),
        pytest.param([drug(SUPPRESSANT, 400)], PRESENT, id="drug in use"),
        pytest.param([drug("drug/methotrexate", 400)], PRESENT, id="methotrexate in use"),
        pytest.param([drug(SUPPRESSANT, 400, 90)], PRESENT, id="drug ended 90 days ago"),
        pytest.param([drug(SUPPRESSANT, 400, 91)], NOTHING, id="drug ended 91 days ago"),
        pytest.param([drug((SUPPRESSANT, B_CELL), 400, 180)], PRESENT, id="B-cell depletion 180 days ago"),
        pytest.param([drug((SUPPRESSANT, B_CELL), 400, 181)], NOTHING, id="B-cell depletion 181 days ago"),
        pytest.param([drug(SUPPRESSANT, 30, is_current=False)], PRESENT, id="given once"),
        pytest.param([drug(SUPPRESSANT, None, is_current=False)], POSSIBLE, id="used at an unknown time"),
        pytest.param([drug(SUPPRESSANT, is_systemic=False)], NOTHING, id="on the skin"),
        pytest.param([drug("drug/dmard-not-immunosuppressive")], NOTHING, id="hydroxychloroquine"),
    ],
)
def test_immunosuppression(facts: list[object], expected: FlagState) -> None:
    assert state("R12", *facts) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            [drug(STEROID, 14, ingredient="prednisone", daily_dose_mg=20)], PRESENT, id="20 mg, 14 days"
        ),
        pytest.param(
            [drug(STEROID, 13, ingredient="prednisone", daily_dose_mg=20)], POSSIBLE, id="13 days so far"
        ),
        pytest.param(
            [drug(STEROID, 40, ingredient="prednisone", daily_dose_mg=19.9)], POSSIBLE, id="below 20 mg"
        ),
        pytest.param(
            [drug(STEROID, 40, ingredient="dexamethasone", daily_dose_mg=3)], PRESENT, id="dexamethasone 3 mg"
        ),
        pytest.param(
            [drug(STEROID, 40, ingredient="hydrocortisone", daily_dose_mg=40)], POSSIBLE, id="hydrocortisone"
        ),
        pytest.param([drug(STEROID, 40, ingredient="prednisone")], POSSIBLE, id="dose unknown"),
        pytest.param([drug(STEROID, 40, daily_dose_mg=80)], POSSIBLE, id="ingredient unknown"),
        pytest.param(
            [drug(STEROID, 33, 20, ingredient="prednisone", daily_dose_mg=20)],
            PRESENT,
            id="a course of 14 days",
        ),
        pytest.param(
            [drug(STEROID, 32, 20, ingredient="prednisone", daily_dose_mg=20)], POSSIBLE, id="a course of 13"
        ),
        pytest.param(
            [drug(STEROID, 120, 91, ingredient="prednisone", daily_dose_mg=40)],
            NOTHING,
            id="over for 91 days",
        ),
        pytest.param(
            [drug(STEROID, 120, 90, ingredient="prednisone", daily_dose_mg=40)],
            PRESENT,
            id="over for 90 days",
        ),
        pytest.param(
            [drug(STEROID, None, ingredient="prednisone", daily_dose_mg=40)], POSSIBLE, id="start unknown"
        ),
        pytest.param(
            [drug(STEROID, 9, is_current=False, ingredient="prednisone", daily_dose_mg=40)],
            POSSIBLE,
            id="one dose",
        ),
        pytest.param([drug(STEROID, None, is_current=False)], POSSIBLE, id="used at an unknown time"),
        pytest.param([drug(STEROID, 40, is_systemic=False, daily_dose_mg=40)], NOTHING, id="inhaled"),
    ],
)
def test_systemic_steroids(facts: list[object], expected: FlagState) -> None:
    assert state("R12", *facts) is expected


def test_courses_of_a_steroid_without_a_gap_add_up() -> None:
    first = drug(STEROID, 30, 22, ref="MedicationRequest/1", ingredient="prednisone", daily_dose_mg=30)
    second = drug(STEROID, 21, 15, ref="MedicationRequest/2", ingredient="prednisone", daily_dose_mg=20)
    later = drug(STEROID, 19, 15, ref="MedicationRequest/3", ingredient="prednisone", daily_dose_mg=20)
    assert state("R12", first, second) is PRESENT
    assert state("R12", first, later) is POSSIBLE
    assert notes(flag("R12", first, second)) == {"steroid-high-dose"}


@pytest.mark.parametrize(
    "key", ["procedures", "medicationStatements", "medicationRequests", "medicationAdministrations"]
)
@pytest.mark.parametrize("rule", ["R11", "R12"])
def test_unread_drugs_and_procedures_hide_history(rule: str, key: str) -> None:
    assert state(rule, readability=unread(key)) is UNREADABLE
    assert state("R13", readability=unread(key)) is NOTHING


def test_one_thing_told_at_several_visits_is_one_piece_of_evidence() -> None:
    def told(days: int, text: str, ref: str) -> object:
        visit = {"first_mentioned": when(days), "last_mentioned": when(days)}
        return statement("red-flag/hiv", None, text=text, ref=ref, **visit)

    found = flag(
        "R12",
        told(900, "HIV disease", "Condition/c"),
        told(30, "hiv disease", "Condition/a"),
        told(400, "HIV disease", "Condition/b"),
        told(500, "HIV infection", "Condition/d"),
    )
    assert [(e.source.ref, e.source.duplicates, e.on) for e in found.evidence] == [
        ("Condition/a", ("Condition/b", "Condition/c"), ago(30)),
        ("Condition/d", (), ago(500)),
    ]
    assert found.state is PRESENT


def test_entries_with_dates_of_their_own_stay_apart() -> None:
    found = flag("R12", *(statement("red-flag/hiv", days, text="HIV disease") for days in (9, 90)))
    assert [e.on for e in found.evidence] == [ago(9), ago(90)]
