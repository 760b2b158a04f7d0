"""Cards of red flags: what they ask for, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cds_service.pathway.assessment import Assessment, Trial
from cds_service.pathway.finding import Advice, Evidence, FlagState, Indicator, ProposalKind
from cds_service.pathway.rules.possible_flags import judge_possible_flag, judge_surgery_for_pain
from cds_service.pathway.rules.red_flag_cards import judge_red_flag_card
from cds_service.pathway.rules.red_flag_outcome import FlagStatus
from tests.builders import (
    LIMITS,
    ago,
    assessment,
    drug,
    episode,
    finding,
    measurement,
    service,
    statement,
)
from tests.unit.pathway.rules.red_flag_cards import card, judged, keys, mri_history, target

if TYPE_CHECKING:
    from cds_service.pathway.facts import Service


def kinds(advice: Advice) -> list[ProposalKind]:
    return [proposal.kind for proposal in advice.proposals]


def test_without_a_present_flag_there_is_no_card() -> None:
    assert judged(finding("R5", FlagState.POSSIBLE)) == (FlagStatus.NONE, None)
    assert not FlagStatus.NONE.suppresses


def test_a_present_flag_asks_for_mri_now() -> None:
    advice = card(finding("R9"), finding("R7", FlagState.POSSIBLE))
    assert (advice.rule, advice.wording, advice.indicator) == ("R23", "R23", Indicator.CRITICAL)
    assert advice.rules == ("R23", "R9")
    assert advice.slots == {"more": 0}
    assert keys(advice)[:2] == ["red-flag-purpose", "possible-flag"]
    proposal = advice.proposals[0]
    assert (proposal.kind, proposal.is_recommended, proposal.priority) == (ProposalKind.MRI, True, "urgent")
    assert proposal.slots == {"flags": ("@flag.R9",)}
    assert [source.ref for source in proposal.reasons] == ["Condition/pain-10", "Condition/red-flag/any-1"]


@pytest.mark.parametrize(
    ("findings", "priority", "referral"),
    [
        pytest.param([finding("R5")], "urgent", None, id="fever"),
        pytest.param([finding("R22")], "urgent", None, id="tenderness"),
        *[pytest.param([finding(f"R{n}")], "stat", "urgent", id=f"R{n}") for n in range(14, 21)],
        pytest.param([target("red-flag/epidural-abscess")], "stat", None, id="suspected epidural abscess"),
        pytest.param([target("red-flag/discitis")], "urgent", None, id="suspected discitis"),
    ],
)
def test_priority_and_referral_follow_the_flags(findings: Any, priority: str, referral: str | None) -> None:
    proposals = card(*findings).proposals
    assert proposals[0].priority == priority
    surgery = [p.priority for p in proposals if p.kind is ProposalKind.SPINE_SURGERY]
    assert surgery == ([referral] if referral else [])


def test_signs_of_cord_lead_the_evidence_then_the_newest() -> None:
    advice = card(
        finding("R5", days=1), finding("R8", days=9), finding("R19", days=20), finding("R11", days=None)
    )
    assert [e.rule for e in advice.evidence] == ["R19", "R5", "R8", "R11"]
    assert advice.slots == {"more": 3}
    assert advice.newest_on == ago(1)


def test_a_finding_without_evidence_still_makes_a_card() -> None:
    assert card(finding("R9", evidence=())).evidence == ()


@pytest.mark.parametrize(
    ("findings", "present", "missing"),
    [
        pytest.param([finding("R9")], {"contrast-infection"}, {"contrast-malignancy"}, id="infection"),
        pytest.param([finding("R11")], {"contrast-malignancy"}, {"contrast-infection"}, id="malignancy"),
        pytest.param([finding("R17")], set(), {"contrast-infection", "contrast-malignancy"}, id="cord sign"),
        pytest.param(
            [target("red-flag/discitis")], {"contrast-infection"}, {"contrast-malignancy"}, id="discitis"
        ),
        pytest.param(
            [target("red-flag/spinal-metastasis")],
            {"contrast-malignancy"},
            {"contrast-infection"},
            id="metastasis",
        ),
        pytest.param(
            [target("red-flag/spinal-metastasis", "red-flag/malignancy-current")],
            {"contrast-malignancy"},
            {"contrast-infection"},
            id="metastasis, by a code that names the malignancy too",
        ),
        pytest.param(
            [target("red-flag/epidural-abscess", "red-flag/cord-compression")],
            {"contrast-infection"},
            {"contrast-malignancy"},
            id="abscess that presses on the cord is no tumour",
        ),
    ],
)
def test_other_guidance_on_contrast(findings: Any, present: set[str], missing: set[str]) -> None:
    found = set(keys(card(*findings)))
    assert found >= {*present, "screening-prompt", "modality"}
    assert not found & missing


@pytest.mark.parametrize(
    ("facts", "tests"),
    [
        pytest.param([], ("@term.esr", "@term.crp", "@term.blood-cultures"), id="nothing on file"),
        pytest.param(
            [measurement("obs/esr", 5, 30)], ("@term.crp", "@term.blood-cultures"), id="ESR on file"
        ),
        pytest.param(
            [measurement("obs/hs-crp", 5, 3), service("obs/blood-culture", 3)],
            ("@term.esr",),
            id="two of three",
        ),
        pytest.param(
            [statement("obs/blood-culture", 3)], ("@term.esr", "@term.crp"), id="cultures as a statement"
        ),
    ],
)
def test_the_work_up_names_what_is_not_on_file(facts: Any, tests: tuple[str, ...]) -> None:
    lines = {line.key: line for line in card(finding("R12"), facts=facts).lines}
    assert lines["infection-work-up"].slots == {"tests": tests}


def test_no_work_up_line_when_all_is_on_file_or_infection_is_not_the_question() -> None:
    facts = [measurement("obs/esr", 5), measurement("obs/crp", 5), service("obs/blood-culture")]
    assert "infection-work-up" not in keys(card(finding("R5"), facts=facts))
    assert "infection-work-up" not in keys(card(finding("R11")))


@pytest.mark.parametrize(
    ("findings", "day", "facts", "expected"),
    [
        pytest.param(
            [finding("R15")], 42, [drug("drug/anticoagulant")], True, id="anticoagulated, acute, deficit"
        ),
        pytest.param([finding("R15")], None, [drug("drug/anticoagulant")], True, id="onset unknown"),
        pytest.param([finding("R15")], 43, [drug("drug/anticoagulant")], False, id="no longer acute"),
        pytest.param([finding("R5")], 5, [drug("drug/anticoagulant")], False, id="no deficit"),
        pytest.param(
            [finding("R15")], 5, [drug("drug/anticoagulant", 50, 20)], False, id="anticoagulant stopped"
        ),
    ],
)
def test_epidural_haematoma_is_thought_of(findings: Any, day: int | None, facts: Any, expected: bool) -> None:
    advice = card(*findings, episode=episode(day), facts=facts)
    assert ("epidural-haematoma" in keys(advice)) is expected


@pytest.mark.parametrize(
    ("findings", "therapy_days", "expected"),
    [
        pytest.param(
            [finding("R14")], 12, ["surgery-deficit", "surgery-counselling"], id="deficit, care tried"
        ),
        pytest.param(
            [finding("R15")], 0, ["surgery-deficit-early", "surgery-counselling"], id="deficit, no care"
        ),
        pytest.param(
            [finding("R14"), finding("R17")], 12, ["surgery-deficit"], id="no counselling in myelopathy"
        ),
        pytest.param([finding("R17")], 12, [], id="myelopathic sign alone"),
        pytest.param([finding("R5")], 12, [], id="no deficit"),
    ],
)
def test_why_surgery_is_asked(findings: Any, therapy_days: int, expected: list[str]) -> None:
    advice = card(*findings, trial=Trial(days=therapy_days))
    assert [key for key in keys(advice) if key.startswith("surgery")] == expected


def test_no_counselling_with_a_coded_myelopathy() -> None:
    evidence = (Evidence("R15", statement("red-flag/myelopathy", 3), ago(3)),)
    assert "surgery-counselling" not in keys(card(finding("R15", evidence=evidence)))


@pytest.mark.parametrize(
    ("day", "therapy_days", "expected"),
    [
        pytest.param(43, 42, True, id="day 43 after 42 days of care"),
        pytest.param(42, 42, False, id="day 42"),
        pytest.param(43, 41, False, id="41 days of care"),
        pytest.param(None, 42, False, id="onset unknown"),
    ],
)
def test_surgery_for_intractable_pain(day: int | None, therapy_days: int, expected: bool) -> None:
    advice = card(finding("R21"), episode=episode(day), trial=Trial(days=therapy_days))
    assert ("surgery-pain" in keys(advice)) is expected
    surgery = [p.priority for p in advice.proposals if p.kind is ProposalKind.SPINE_SURGERY]
    assert surgery == (["routine"] if expected else [])


def possible(*findings: Any, **parts: Any) -> Advice | None:
    made: Assessment = assessment(*findings, **parts)
    return judge_possible_flag(made, judge_red_flag_card(made, LIMITS), LIMITS)


def test_a_possible_flag_is_to_be_confirmed() -> None:
    advice = possible(
        finding("R6", FlagState.POSSIBLE, days=9),
        finding("R15", FlagState.POSSIBLE, days=2),
        finding("R13", FlagState.POSSIBLE, days=None),
    )
    assert advice is not None
    assert (advice.rule, advice.indicator, advice.proposals) == ("R26", Indicator.WARNING, ())
    assert [e.rule for e in advice.evidence] == ["R15", "R6", "R13"]
    assert advice.rules == ("R26", "R15", "R6", "R13")
    assert advice.slots == {"more": 2}


def test_a_possible_flag_waits_behind_an_open_one() -> None:
    hint = finding("R6", FlagState.POSSIBLE)
    assert possible(finding("R5"), hint) is None
    assert possible(finding("R5", days=30), hint, imaging=mri_history(10)) is None
    assert possible(finding("R5", days=30), hint, imaging=mri_history(15)) is not None
    assert possible() is None


def surgical(therapy_days: int, mri_days: int, *services: Service) -> Advice | None:
    made: Assessment = assessment(
        finding("R21", days=40),
        episode=episode(60),
        trial=Trial(days=therapy_days),
        imaging=mri_history(mri_days),
        facts=services,
    )
    return judge_surgery_for_pain(made, judge_red_flag_card(made, LIMITS), LIMITS)


def test_surgery_for_pain_has_its_own_card_once_the_mri_was_read() -> None:
    advice = surgical(42, 15)
    assert advice is not None
    assert (advice.rule, advice.slots) == ("R40", {"days": 42})
    assert kinds(advice) == [ProposalKind.SPINE_SURGERY]
    assert keys(advice) == ["surgery-pain", "surgery-counselling", "flag-settled"]
    assert surgical(42, 14) is None
    assert surgical(41, 15) is None
    assert surgical(42, 15, service("referral/spine-surgery", 3, "ordered")) is None
