from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cds_service.pathway.finding import Advice, Evidence, FlagState, Indicator
from cds_service.pathway.rules.emergencies import (
    judge_bloodstream_infection,
    judge_giant_cell_arteritis,
    judge_meningism,
    judge_vascular_emergency,
)
from cds_service.pathway.vocabulary import AgeRange, Presence, Site
from tests.builders import LIMITS, ago, assessment, case, episode, finding, measurement, statement, when

if TYPE_CHECKING:
    from cds_service.pathway.assessment import Assessment

SUDDEN = frozenset({"sudden"})
OCCIPUT = frozenset({Site.OCCIPUT})
NECK = frozenset({Site.NECK})
MAYBE = Presence.SUSPECTED


def vascular(
    *facts: object, pain_days: int | None = 3, qualities: frozenset[str] = frozenset()
) -> Advice | None:
    ours = episode(pain_days, pain={"qualities": qualities})
    return judge_vascular_emergency(assessment(facts=facts, episode=ours), LIMITS)


@pytest.mark.parametrize(
    ("facts", "qualities", "wording"),
    [
        pytest.param(
            [statement("red-flag/thunderclap-headache", 3)], frozenset(), "S5-thunderclap", id="thunderclap"
        ),
        pytest.param(
            [statement("red-flag/subarachnoid-haemorrhage", 3)], frozenset(), "S5-thunderclap", id="bleeding"
        ),
        pytest.param(
            [statement("red-flag/thunderclap-headache", None)], frozenset(), "S5-thunderclap", id="undated"
        ),
        pytest.param(
            [statement("red-flag/arterial-dissection", 3, presence=MAYBE)],
            frozenset(),
            "S5-dissection",
            id="dissection suspected",
        ),
        pytest.param(
            [statement("red-flag/dissection-associated", 3)], SUDDEN, "S5-sign", id="sudden pain with Horner"
        ),
        pytest.param(
            [statement("red-flag/dissection-associated", 3)],
            frozenset({"severe"}),
            "S5-sign",
            id="severe pain",
        ),
        pytest.param(
            [statement("red-flag/visual-symptom", 3)], SUDDEN, "S5-sign", id="sudden pain with visual loss"
        ),
        pytest.param(
            [statement("red-flag/arterial-injury-possible", 3)], SUDDEN, "S5-sign", id="injured artery"
        ),
        pytest.param(
            [statement("red-flag/dissection-associated", 33)],
            SUDDEN,
            "S5-sign",
            id="sign 30 days before the pain",
        ),
        pytest.param(
            [statement("red-flag/dissection-associated", 2, is_active=False)],
            SUDDEN,
            "S5-sign",
            id="attack that passed",
        ),
        pytest.param(
            [
                statement("red-flag/severe-pain-possible", 3, sites=NECK),
                statement("red-flag/visual-symptom", 3),
            ],
            frozenset(),
            "S5-sign",
            id="severe neck pain coded apart",
        ),
    ],
)
def test_a_vascular_emergency(facts: list[object], qualities: frozenset[str], wording: str) -> None:
    advice = vascular(*facts, qualities=qualities)
    assert advice is not None
    assert (advice.rule, advice.wording, advice.indicator) == ("S5", wording, Indicator.CRITICAL)
    assert advice.proposals == ()
    assert [line.key for line in advice.lines] == ["S5-action"]


@pytest.mark.parametrize(
    ("facts", "qualities", "pain_days"),
    [
        pytest.param(
            [statement("red-flag/dissection-associated", 3)], frozenset(), 3, id="sign, pain not sudden"
        ),
        pytest.param([], SUDDEN, 3, id="sudden pain without a sign"),
        pytest.param(
            [statement("red-flag/dissection-associated", 34)], SUDDEN, 3, id="sign from before the pain"
        ),
        pytest.param([statement("red-flag/dissection-associated", 3)], SUDDEN, 31, id="the pain is not new"),
        pytest.param([statement("red-flag/arterial-dissection", 2000)], frozenset(), 3, id="old dissection"),
        pytest.param(
            [statement("red-flag/arterial-dissection", 31)], frozenset(), None, id="onset unknown, not new"
        ),
        pytest.param(
            [statement("red-flag/thunderclap-headache", None, is_active=False)], frozenset(), 3, id="over"
        ),
        pytest.param(
            [statement("red-flag/severe-pain-possible", 3), statement("red-flag/visual-symptom", 3)],
            frozenset(),
            3,
            id="severe pain of no stated site",
        ),
    ],
)
def test_no_vascular_emergency(facts: list[object], qualities: frozenset[str], pain_days: int | None) -> None:
    assert vascular(*facts, qualities=qualities, pain_days=pain_days) is None


def test_sudden_pain_without_an_onset_counts_as_new() -> None:
    assert vascular(statement("red-flag/visual-symptom", 3), qualities=SUDDEN, pain_days=None) is not None


@pytest.mark.parametrize(
    ("injury_days", "pain_days", "expected"),
    [
        pytest.param(4, 3, True, id="the day before the pain"),
        pytest.param(2, 3, False, id="after the pain began"),
        pytest.param(4, None, True, id="onset of the pain unknown"),
        pytest.param(None, 3, False, id="injury without a date"),
        pytest.param(42, 3, True, id="last day an injury counts"),
        pytest.param(43, 3, False, id="an injury of long ago is not recent"),
        pytest.param(3650, None, False, id="an injury of ten years ago, onset unknown"),
    ],
)
def test_an_injury_before_the_pain_is_context(
    injury_days: int | None, pain_days: int | None, expected: bool
) -> None:
    facts = (statement("red-flag/thunderclap-headache", 3), statement("red-flag/trauma", injury_days))
    advice = vascular(*facts, pain_days=pain_days)
    assert advice is not None
    assert ("S5-injury" in [line.key for line in advice.lines]) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([statement("red-flag/meningism", 30)], True, id="neck stiffness"),
        pytest.param([statement("red-flag/meningism", None)], True, id="neck stiffness without a date"),
        pytest.param([statement("red-flag/meningism", 3, presence=MAYBE)], True, id="suspected"),
        pytest.param([statement("red-flag/altered-mental-status", 1)], True, id="altered mental state"),
        pytest.param([statement("red-flag/meningism", 31)], False, id="stiff for longer than the fever"),
        pytest.param([], False, id="fever alone"),
        pytest.param(
            [statement("red-flag/meningism", 3), statement("absent/neck-stiffness", 1)], False, id="denied"
        ),
        pytest.param(
            [statement("red-flag/meningism", 3, text="Photophobia"), statement("absent/neck-stiffness", 1)],
            True,
            id="photophobia with a supple neck",
        ),
    ],
)
def test_meningism_with_fever(facts: list[object], expected: bool) -> None:
    advice = judge_meningism(assessment(finding("R5"), facts=facts), LIMITS)
    assert (advice is not None) is expected
    if advice is not None:
        assert (advice.rule, advice.indicator) == ("S7", Indicator.CRITICAL)
        assert advice.rules == ("S7", "R5")


def test_neck_stiffness_without_fever_is_no_emergency() -> None:
    stiff = [statement("red-flag/meningism", 3)]
    assert judge_meningism(assessment(finding("R9"), facts=stiff), LIMITS) is None


def arteritis(*facts: object, findings: Any = (), age: int | None = 68, **parts: Any) -> Advice | None:
    made: Assessment = assessment(*findings, **{"case": case(*facts, age=age), **parts})
    return judge_giant_cell_arteritis(made, LIMITS)


HEADACHE = statement("presenting/occipital-headache", 90)


@pytest.mark.parametrize(
    ("facts", "findings", "wording"),
    [
        pytest.param([HEADACHE], [finding("R8")], "S6", id="raised ESR"),
        pytest.param([HEADACHE], [finding("R9")], "S6", id="raised CRP"),
        pytest.param([HEADACHE, statement("red-flag/gca-symptom", 5)], [], "S6", id="jaw claudication"),
        pytest.param(
            [HEADACHE, statement("red-flag/giant-cell-arteritis", 5)], [], "S6", id="arteritis recorded"
        ),
        pytest.param(
            [HEADACHE, statement("red-flag/visual-symptom", 90)], [], "S6-visual", id="visual symptom"
        ),
        pytest.param(
            [HEADACHE, statement("red-flag/visual-symptom", None)], [], "S6-visual", id="undated visual"
        ),
        pytest.param(
            [HEADACHE, statement(("red-flag/gca-symptom", "red-flag/visual-symptom"), 5)],
            [],
            "S6-visual",
            id="both",
        ),
        pytest.param(
            [statement("context/headache-not-qualifying", 5)], [finding("R8")], "S6", id="new headache"
        ),
    ],
)
def test_giant_cell_arteritis(facts: list[object], findings: list[Any], wording: str) -> None:
    advice = arteritis(*facts, findings=findings)
    assert advice is not None
    indicator = Indicator.CRITICAL if wording == "S6-visual" else Indicator.WARNING
    assert (advice.rule, advice.wording, advice.indicator) == ("S6", wording, indicator)


@pytest.mark.parametrize(
    ("facts", "findings", "age"),
    [
        pytest.param([HEADACHE], [finding("R8")], 49, id="too young"),
        pytest.param([HEADACHE], [finding("R8")], None, id="age unknown"),
        pytest.param([], [finding("R8")], 68, id="neck pain alone"),
        pytest.param([statement("presenting/occipital-headache", 91)], [finding("R8")], 68, id="not new"),
        pytest.param([HEADACHE], [finding("R10")], 68, id="white cells do not count"),
        pytest.param([HEADACHE, statement("red-flag/visual-symptom", 91)], [], 68, id="old visual symptom"),
        pytest.param(
            [HEADACHE, statement(("red-flag/gca-symptom", "red-flag/visual-symptom"), 91)],
            [],
            68,
            id="old, both sets",
        ),
        pytest.param(
            [HEADACHE], [finding("R8", FlagState.POSSIBLE)], 68, id="ESR only suspected to be raised"
        ),
    ],
)
def test_no_giant_cell_arteritis(facts: list[object], findings: list[Any], age: int | None) -> None:
    assert arteritis(*facts, findings=findings, age=age) is None


def test_a_marker_raised_too_early_for_r8_still_counts() -> None:
    early = finding(
        "R8", FlagState.POSSIBLE, evidence=(Evidence("R8", measurement("obs/esr", 75, 28), ago(28)),)
    )
    assert arteritis(HEADACHE, findings=[early]) is not None


def test_occipital_site_of_the_pain_is_enough() -> None:
    ours = episode(21, pain={"sites": OCCIPUT})
    assert arteritis(findings=[finding("R8")], episode=ours) is not None


def test_of_a_vague_age_the_older_one_counts() -> None:
    made = assessment(finding("R8"), case=case(HEADACHE, age_years=AgeRange(45, 50)))
    assert judge_giant_cell_arteritis(made, LIMITS) is not None


@pytest.mark.parametrize(
    ("infection", "pain_days", "expected"),
    [
        pytest.param(statement("red-flag/bloodstream-infection", 90), 9, True, id="90 days ago"),
        pytest.param(statement("red-flag/bloodstream-infection", 91), 9, False, id="91 days ago"),
        pytest.param(
            statement("red-flag/bloodstream-infection", 200, is_active=False, abated=when(80)),
            9,
            True,
            id="treated",
        ),
        pytest.param(statement("red-flag/bloodstream-infection", None), 9, True, id="active, undated"),
        pytest.param(
            statement("red-flag/bloodstream-infection", None, is_active=False), 9, False, id="over, undated"
        ),
        pytest.param(statement("red-flag/bloodstream-infection", 9), 91, False, id="the pain is not new"),
        pytest.param(statement("red-flag/bloodstream-infection", 9), None, True, id="onset unknown"),
        pytest.param(statement("red-flag/discitis", 9), 9, False, id="another infection"),
    ],
)
def test_bloodstream_infection_with_new_pain(
    infection: object, pain_days: int | None, expected: bool
) -> None:
    made = assessment(facts=[infection], episode=episode(pain_days))
    advice = judge_bloodstream_infection(made, LIMITS)
    assert (advice is not None) is expected
    if advice is not None:
        assert (advice.rule, advice.indicator) == ("S9", Indicator.WARNING)
