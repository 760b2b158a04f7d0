from __future__ import annotations

from typing import Any

import pytest

from cds_service.pathway.assessment import NsaidLevel, NsaidSafety
from cds_service.pathway.case import Readability
from cds_service.pathway.facts import NotInterpretable
from cds_service.pathway.rules.nsaid_safety import judge_nsaid
from cds_service.pathway.vocabulary import AgeRange, Criticality, Flagging, Presence, Sex
from tests.builders import LIMITS, allergy, case, drug, measurement, month, service, statement, unread, when

PREGNANT, LATE = "nsaid-caution/pregnancy", "nsaid-caution/pregnancy-third-trimester"
NO = Presence.ABSENT
STOMACH = Criticality.ONLY_GASTROINTESTINAL


def judged(*facts: object, **fields: Any) -> NsaidSafety:
    return judge_nsaid(case(*facts, **fields), LIMITS)


def egfr(value: float | None, days: int | None = 5, **fields: Any) -> object:
    return measurement("obs/egfr", value, days, **fields)


def test_nothing_on_file_speaks_against_an_nsaid_and_the_gaps_are_named() -> None:
    found = judged()
    assert (found.level, found.reasons) == (NsaidLevel.NONE, ())
    assert found.not_documented == ("egfr", "allergies", "pregnancy")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        pytest.param([allergy("drug/ibuprofen")], "nsaid-allergy", id="ibuprofen allergy"),
        pytest.param([allergy("drug/aspirin")], "nsaid-allergy", id="aspirin allergy"),
        pytest.param(
            [statement("nsaid-caution/nsaid-allergy")], "nsaid-allergy", id="allergy as a condition"
        ),
        pytest.param(
            [statement("nsaid-caution/aspirin-exacerbated-asthma")], "nsaid-allergy", id="aspirin asthma"
        ),
        pytest.param([service("nsaid-caution/cabg", 14)], "recent-bypass", id="bypass 14 days ago"),
        pytest.param(
            [statement("nsaid-caution/cabg", 1, onset=when(9))], "recent-bypass", id="bypass as a condition"
        ),
        pytest.param([statement("nsaid-caution/peptic-ulcer", 900)], "ulcer-or-bleeding", id="active ulcer"),
        pytest.param(
            [statement("nsaid-caution/gi-bleeding", 900, is_active=False, abated=when(90))],
            "ulcer-or-bleeding",
            id="bleeding that ended 90 days ago",
        ),
        pytest.param(
            [statement("nsaid-caution/gi-bleeding", 90, is_active=False)],
            "ulcer-or-bleeding",
            id="bleeding, no end",
        ),
        pytest.param([egfr(29)], "kidney-failure", id="eGFR 29"),
        pytest.param([egfr(30, comparator="<")], "kidney-failure", id="eGFR below 30"),
        pytest.param([egfr(90, 20), egfr(24, 5)], "kidney-failure", id="newest eGFR 24"),
        pytest.param([statement("nsaid-caution/ckd-severe")], "kidney-failure", id="stage 4 or 5"),
        pytest.param([service("nsaid-caution/ckd-severe", 9)], "kidney-failure", id="dialysis"),
        pytest.param(
            [statement("nsaid-caution/acute-kidney-injury")], "kidney-failure", id="acute kidney injury"
        ),
        pytest.param([measurement("obs/gestational-age", 210, 0)], "pregnancy-late", id="30 weeks today"),
        pytest.param([measurement("obs/gestational-age", 180, 30)], "pregnancy-late", id="30 weeks by now"),
        pytest.param(
            [measurement("obs/gestational-age", 210, None)], "pregnancy-late", id="30 weeks on an unknown day"
        ),
        pytest.param([statement(LATE, 5)], "pregnancy-late", id="coded from 30 weeks"),
        pytest.param([statement(PREGNANT, 5, onset=when(210))], "pregnancy-late", id="pregnant for 210 days"),
    ],
)
def test_s1_rules_an_nsaid_out(facts: list[object], reason: str) -> None:
    found = judged(*facts)
    assert (found.level, found.reasons[0]) == (NsaidLevel.CRITICAL, f"term.{reason}")
    assert found.evidence


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        pytest.param([drug("drug/anticoagulant")], "anticoagulant", id="anticoagulant"),
        pytest.param([statement("drug/anticoagulant")], "anticoagulant", id="anticoagulant status code"),
        pytest.param([drug("drug/antiplatelet")], "antiplatelet", id="antiplatelet"),
        pytest.param([drug("drug/aspirin")], "antiplatelet", id="aspirin"),
        pytest.param([drug("drug/nsaid")], "other-nsaid", id="another NSAID"),
        pytest.param([drug("drug/systemic-corticosteroid")], "systemic-steroid", id="steroid"),
        pytest.param([egfr(30)], "kidney-disease", id="eGFR 30"),
        pytest.param([egfr(59)], "kidney-disease", id="eGFR 59"),
        pytest.param(
            [egfr(None, flagging=Flagging.LOW)], "kidney-disease", id="eGFR flagged low, unit unknown"
        ),
        pytest.param(
            [egfr(80, 20), egfr(None, 5, flagging=Flagging.LOW)], "kidney-disease", id="flagged low later"
        ),
        pytest.param([egfr(24, None)], "kidney-disease", id="eGFR without a date"),
        pytest.param([egfr(24, None), egfr(80, 5)], "kidney-disease", id="no date, beside a dated one"),
        pytest.param([egfr(80, 400), egfr(45, None)], "kidney-disease", id="no date, the dated one is old"),
        pytest.param(
            [egfr(None, None, flagging=Flagging.LOW)], "kidney-disease", id="flagged low without a date"
        ),
        pytest.param([statement("nsaid-caution/ckd")], "kidney-disease", id="kidney disease without eGFR"),
        pytest.param([statement("nsaid-caution/heart-failure")], "heart-failure", id="heart failure"),
        pytest.param(
            [statement("nsaid-caution/ischaemic-heart-disease", 4000, is_active=False)],
            "ischaemic-disease",
            id="old infarction",
        ),
        pytest.param([measurement("obs/systolic", 160)], "blood-pressure", id="systolic 160"),
        pytest.param([measurement("obs/diastolic", 100)], "blood-pressure", id="diastolic 100"),
        pytest.param([measurement("obs/systolic", 190, None)], "blood-pressure", id="without a date"),
        pytest.param(
            [measurement("obs/systolic", 190, None), measurement("obs/systolic", 120, 9)],
            "blood-pressure",
            id="a pressure without a date, beside a dated one",
        ),
        pytest.param(
            [statement("nsaid-caution/gi-bleeding", 900, is_active=False, abated=when(91))],
            "past-ulcer",
            id="bleeding that ended 91 days ago",
        ),
        pytest.param([statement("nsaid-caution/ulcer-history")], "past-ulcer", id="history of ulcer"),
        pytest.param([allergy("drug/nsaid", reaction=STOMACH)], "stomach-upset", id="upset stomach alone"),
        pytest.param(
            [statement("nsaid-caution/dyspepsia", 15), drug("drug/nsaid", 20, 10)],
            "stomach-upset",
            id="dyspepsia on an NSAID",
        ),
        pytest.param([statement("nsaid-caution/liver-disease")], "cirrhosis", id="cirrhosis"),
        pytest.param([measurement("obs/gestational-age", 140)], "pregnancy-20-weeks", id="20 weeks"),
        pytest.param(
            [measurement("obs/gestational-age", 209)], "pregnancy-20-weeks", id="a day before 30 weeks"
        ),
        pytest.param([measurement("obs/gestational-age", 139)], "pregnancy", id="a day before 20 weeks"),
        pytest.param([statement(PREGNANT, 5)], "pregnancy", id="pregnant, dates unknown"),
        pytest.param([statement(PREGNANT, None)], "pregnancy", id="pregnant, not dated"),
        pytest.param(
            [measurement("obs/gestational-age", 150, None)],
            "pregnancy-20-weeks",
            id="weeks of an unknown day",
        ),
        pytest.param(
            [egfr(90, None), statement("nsaid-caution/ckd")],
            "kidney-disease",
            id="eGFR good, of an unknown day",
        ),
        pytest.param([drug("drug/lithium")], "lithium-or-methotrexate", id="lithium"),
        pytest.param(
            [drug("drug/arb"), drug("drug/diuretic")], "blocker-with-diuretic", id="ARB with a diuretic"
        ),
    ],
)
def test_s2_calls_for_caution(facts: list[object], reason: str) -> None:
    found = judged(*facts)
    assert (found.level, found.reasons) == (NsaidLevel.WARNING, (f"term.{reason}",))
    assert found.evidence


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([service("nsaid-caution/cabg", 15)], id="bypass 15 days ago"),
        pytest.param([statement("nsaid-caution/cabg", 3)], id="bypass present, date of surgery unknown"),
        pytest.param([egfr(60)], id="eGFR 60"),
        pytest.param([egfr(None, flagging=Flagging.NORMAL)], id="eGFR flagged normal, unit unknown"),
        pytest.param(
            [egfr(None, flagging=Flagging.NORMAL), statement("nsaid-caution/ckd", 400)],
            id="coded kidney disease, eGFR flagged normal since",
        ),
        pytest.param(
            [egfr(None, 20, flagging=Flagging.LOW), egfr(80, 5)], id="flagged low before a normal number"
        ),
        pytest.param([egfr(60, comparator=">")], id="eGFR above 60"),
        pytest.param([egfr(24, 366)], id="eGFR older than a year"),
        pytest.param([egfr(80, None)], id="eGFR good, without a date"),
        pytest.param(
            [
                measurement("obs/gestational-age", 220, None),
                statement(PREGNANT, 5, presence=Presence.ABSENT),
            ],
            id="weeks of an unknown day, pregnancy denied since",
        ),
        pytest.param(
            [egfr(None, None, flagging=Flagging.LOW), egfr(80, 5)],
            id="a flag without a date, a dated number",
        ),
        pytest.param([egfr(None)], id="eGFR without a number"),
        pytest.param([egfr(20, 20), egfr(80, 5)], id="eGFR recovered"),
        pytest.param([egfr(80), statement("nsaid-caution/ckd")], id="kidney disease, eGFR good"),
        pytest.param([service("nsaid-caution/ckd-severe", 366)], id="dialysis long ago"),
        pytest.param(
            [measurement("obs/systolic", 170, 9), measurement("obs/systolic", 159, 2)], id="pressure fell"
        ),
        pytest.param([drug("drug/anticoagulant", 50, 9)], id="anticoagulant stopped"),
        pytest.param([drug("drug/nsaid", is_systemic=False)], id="NSAID gel"),
        pytest.param([drug("drug/arb")], id="ARB alone"),
        pytest.param([drug("drug/diuretic")], id="diuretic alone"),
        pytest.param([statement("nsaid-caution/dyspepsia", 15)], id="dyspepsia without an NSAID"),
        pytest.param(
            [statement("nsaid-caution/dyspepsia", 5), drug("drug/nsaid", 20, 10)],
            id="dyspepsia after the NSAID",
        ),
        pytest.param(
            [statement("nsaid-caution/dyspepsia", 25), drug("drug/nsaid", 20, 10)],
            id="dyspepsia before the NSAID",
        ),
        pytest.param(
            [statement("nsaid-caution/dyspepsia", None), drug("drug/nsaid", 20, 10)],
            id="dyspepsia at some time",
        ),
        pytest.param(
            [statement("nsaid-caution/dyspepsia", 15), drug("drug/nsaid", 20, is_current=False)],
            id="end unknown",
        ),
        pytest.param([statement(PREGNANT, 301)], id="pregnancy never closed"),
        pytest.param([statement(PREGNANT, 30, is_active=False)], id="pregnancy over"),
        pytest.param(
            [statement(PREGNANT, 30), statement(PREGNANT, 5, presence=NO)], id="pregnancy denied since"
        ),
        pytest.param(
            [statement(PREGNANT, 30), statement("absent/pregnancy", 5)], id="coded not pregnant since"
        ),
        pytest.param(
            [measurement("obs/gestational-age", 200, 50), statement("absent/pregnancy", 5)], id="born since"
        ),
        pytest.param([measurement("obs/gestational-age", 200, 101)], id="born by now"),
    ],
)
def test_what_does_not_speak_against_an_nsaid(facts: list[object]) -> None:
    assert judged(*facts).level is NsaidLevel.NONE


def test_an_allergy_to_anything_is_an_allergy_list_on_file() -> None:
    found = judged(allergy(()))
    assert found.level is NsaidLevel.NONE
    assert "allergies" not in found.not_documented


@pytest.mark.parametrize(
    ("entry", "level"),
    [
        pytest.param(
            statement(PREGNANT, 270, is_active=False, abated=when(40)),
            NsaidLevel.NONE,
            id="entry ended since",
        ),
        pytest.param(
            statement(PREGNANT, 300, is_active=False, abated=when(90)),
            NsaidLevel.WARNING,
            id="an earlier one ended before the visit",
        ),
        pytest.param(
            statement(PREGNANT, 40, presence=NO), NsaidLevel.NONE, id="entry refuted after the visit"
        ),
        pytest.param(
            statement(PREGNANT, 70, presence=NO), NsaidLevel.WARNING, id="entry refuted before the visit"
        ),
        pytest.param(
            statement(PREGNANT, None, is_active=False),
            NsaidLevel.WARNING,
            id="entry ended, nobody knows when",
        ),
    ],
)
def test_the_reason_of_a_visit_is_over_when_its_entry_is(entry: object, level: NsaidLevel) -> None:
    visit = statement(PREGNANT, 60, kind="Encounter", ref="Encounter/prenatal")
    assert judged(visit, entry).level is level


def test_the_reason_of_todays_visit_is_not_over() -> None:
    visit = statement(PREGNANT, 0, kind="Encounter", ref="Encounter/now", is_current_encounter=True)
    ended = statement(PREGNANT, 270, is_active=False, abated=when(0))
    assert judged(visit, ended).level is NsaidLevel.WARNING


def test_a_denial_that_may_be_older_does_not_end_a_pregnancy() -> None:
    denial = statement("absent/pregnancy", 5, recorded=month(5, 40))
    assert judged(statement(PREGNANT, 30), denial).level is NsaidLevel.WARNING


@pytest.mark.parametrize(("age", "level"), [(74, NsaidLevel.NONE), (75, NsaidLevel.WARNING)])
def test_age(age: int, level: NsaidLevel) -> None:
    assert judged(age=age).level is level
    assert judged(age_years=AgeRange(60, age)).level is level


def test_unknown_age_is_no_reason() -> None:
    assert judged(age=None).level is NsaidLevel.NONE


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("allergies", "term.unread-allergies"),
        ("medicationStatements", "term.unread-medications"),
        ("medicationRequests", "term.unread-medications"),
    ],
)
def test_without_allergies_or_medications_nothing_is_cleared(key: str, reason: str) -> None:
    found = judged(readability=unread(key))
    assert (found.level, found.reasons) == (NsaidLevel.UNREADABLE, (reason,))
    worse = judged(egfr(20), readability=unread(key))
    assert (worse.level, worse.reasons) == (NsaidLevel.CRITICAL, ("term.kidney-failure",))
    assert worse.unchecked[0] == reason


@pytest.mark.parametrize(
    ("ref", "why", "reasons"),
    [
        pytest.param("AllergyIntolerance/a", "element", ("term.unread-allergies",), id="an allergy to what?"),
        pytest.param("AllergyIntolerance/a", "modifier", ("term.unread-allergies",), id="a modifier"),
        pytest.param("MedicationRequest/r", "drug", ("term.unread-medications",), id="a drug without a name"),
        pytest.param("MedicationStatement/s", "element", ("term.unread-medications",), id="a drug unread"),
        pytest.param("MedicationRequest/r", "part", (), id="the drug is known, its dosage is not"),
        pytest.param("Observation/o", "unit", (), id="something else"),
    ],
)
def test_an_entry_that_might_be_about_anything_clears_nothing(
    ref: str, why: str, reasons: tuple[str, ...]
) -> None:
    item = NotInterpretable(ref, ref.partition("/")[0], why)
    found = judged(readability=Readability(not_interpretable=(item,)))
    assert found.reasons == reasons
    assert found.level is (NsaidLevel.UNREADABLE if reasons else NsaidLevel.NONE)


def test_the_most_serious_reason_comes_first() -> None:
    found = judged(drug("drug/anticoagulant"), egfr(20), age=80)
    assert found.reasons == ("term.kidney-failure", "term.anticoagulant", "term.nsaid-age")


ALL_MISSING = ("egfr", "allergies", "pregnancy")


@pytest.mark.parametrize(
    ("facts", "fields", "missing"),
    [
        pytest.param([egfr(80)], {}, ("allergies", "pregnancy"), id="eGFR on file"),
        pytest.param([statement("absent/allergy")], {}, ("egfr", "pregnancy"), id="no known allergy"),
        pytest.param([allergy("drug/opioid")], {}, ("egfr", "pregnancy"), id="another allergy"),
        pytest.param([], {"sex": Sex.MALE}, ("egfr", "allergies"), id="a man"),
        pytest.param([], {"sex": None}, ("egfr", "allergies", "pregnancy"), id="sex unknown"),
        pytest.param([], {"age": 56}, ("egfr", "allergies"), id="a woman of 56"),
        pytest.param([], {"age": None}, ("egfr", "allergies", "pregnancy"), id="age unknown"),
        pytest.param([statement("absent/pregnancy")], {}, ("egfr", "allergies"), id="not pregnant"),
        pytest.param([statement("risk/menopause")], {}, ("egfr", "allergies"), id="menopause"),
        pytest.param([statement("absent/pregnancy", 30)], {}, ("egfr", "allergies"), id="denied 30 days ago"),
        pytest.param([statement("absent/pregnancy", 31)], {}, ALL_MISSING, id="denied 31 days ago"),
        pytest.param([measurement("obs/gestational-age", 100, 5)], {}, ("egfr", "allergies"), id="gestation"),
        pytest.param([measurement("obs/gestational-age", 250, 900)], {}, ALL_MISSING, id="gestation of old"),
        pytest.param(
            [statement(PREGNANT, 700, is_active=False)], {}, ALL_MISSING, id="a birth two years ago"
        ),
    ],
)
def test_what_is_not_documented(
    facts: list[object], fields: dict[str, Any], missing: tuple[str, ...]
) -> None:
    assert judged(*facts, **fields).not_documented == missing
