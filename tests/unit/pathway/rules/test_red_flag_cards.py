"""The red-flag card, its variants, and when it falls silent."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.pathway.assessment import Assessment, ImagingHistory, MriSafety, MriState, Trial
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
    month,
    report,
    service,
    statement,
    when,
)

CONTRAINDICATED = MriSafety(MriState.CONTRAINDICATED, ("term.pacemaker",))
TARGET = "target-diagnosis"


def target(*concepts: str) -> Any:
    """One recorded serious cause; its code may stand in several sets."""
    evidence = (Evidence("R23", statement(concepts, 3), ago(3)),)
    return finding(TARGET, evidence=evidence, days=3)


def targets(*concepts: str) -> Any:
    """Several recorded serious causes."""
    return finding(TARGET, evidence=tuple(e for c in concepts for e in target(c).evidence), days=3)


def judged(*findings: Any, **parts: Any) -> tuple[FlagStatus, Advice | None]:
    outcome = judge_red_flag_card(assessment(*findings, **parts), LIMITS)
    return outcome.status, outcome.advice


def card(*findings: Any, **parts: Any) -> Advice:
    advice = judged(*findings, **parts)[1]
    assert advice is not None
    return advice


def keys(advice: Advice | None) -> list[str]:
    return [line.key for line in advice.lines] if advice else []


def kinds(advice: Advice) -> list[ProposalKind]:
    return [proposal.kind for proposal in advice.proposals]


def mri_history(report_days: int | None = None, order: Any = None, **fields: Any) -> ImagingHistory:
    mri = None if report_days is None else report(report_days, **fields)
    return ImagingHistory(open_mri_order=order, newest_mri=mri)


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


@pytest.mark.parametrize(
    ("findings", "wording", "recommended"),
    [
        pytest.param([finding("R9"), finding("R22")], "R24-infection", False, id="infection alone"),
        pytest.param([target("red-flag/discitis")], "R24-infection", False, id="recorded discitis alone"),
        pytest.param([target("red-flag/spinal-metastasis")], "R24", True, id="recorded metastasis"),
        pytest.param(
            [targets("red-flag/discitis", "red-flag/spinal-metastasis")],
            "R24",
            True,
            id="discitis and metastasis: not infection alone",
        ),
        pytest.param([finding("R9"), finding("R17")], "R24", True, id="infection and cord sign"),
        pytest.param([finding("R11")], "R24", True, id="malignancy"),
    ],
)
def test_without_mri_ct_myelography_takes_its_place(findings: Any, wording: str, recommended: bool) -> None:
    advice = card(
        *findings, mri=CONTRAINDICATED, imaging=mri_history(order=service("imaging/mri-any", 1, "ordered"))
    )
    proposal = advice.proposals[0]
    assert (advice.rule, advice.wording) == ("R23", wording)
    assert advice.rules[:2] == ("R23", "R24")
    assert (proposal.kind, proposal.is_recommended) == (ProposalKind.CT_MYELOGRAPHY, recommended)
    assert proposal.slots["reasons"] == ("@term.pacemaker",)
    assert ("modality-infection" in keys(advice)) is not recommended
    assert "modality" not in keys(advice)


@pytest.mark.parametrize(
    ("state", "key"), [(MriState.CONDITIONAL, "mri-conditional"), (MriState.NOTE, "mri-note")]
)
def test_mri_safety_is_remarked_on(state: MriState, key: str) -> None:
    advice = card(finding("R9"), mri=MriSafety(state, ("term.pacemaker",)))
    line = next(line for line in advice.lines if line.key == key)
    assert (line.slots, line.rule) == ({"reasons": ("@term.pacemaker",)}, "S8")


@pytest.mark.parametrize(
    ("rule", "priority", "wording", "indicator"),
    [
        pytest.param("R9", "urgent", "R25a", Indicator.INFO, id="urgent is enough"),
        pytest.param("R9", "stat", "R25a", Indicator.INFO, id="more than enough"),
        pytest.param("R9", "routine", "R25a-raise", Indicator.WARNING, id="routine is too low"),
        pytest.param("R9", None, "R25a-raise", Indicator.WARNING, id="no priority is routine"),
        pytest.param("R9", "soon", "R25a-raise", Indicator.WARNING, id="an unknown priority is routine"),
        pytest.param("R17", "asap", "R25a-raise", Indicator.CRITICAL, id="asap is below stat"),
        pytest.param("R17", "stat", "R25a", Indicator.INFO, id="stat for a cord sign"),
    ],
)
def test_an_open_order_is_named_and_raised(
    rule: str, priority: str, wording: str, indicator: Indicator
) -> None:
    order = service("imaging/mri-any", 2, "ordered", priority=priority)
    status, advice = judged(finding(rule), imaging=mri_history(order=order))
    assert status is FlagStatus.OPEN
    assert advice is not None
    assert (advice.rule, advice.wording, advice.indicator) == ("R25a", wording, indicator)
    assert advice.slots["date"] == ago(2)
    is_raised = wording == "R25a-raise"
    assert [p.order for p in advice.proposals] == ([order] if is_raised else [])
    assert advice.override == ("imaging" if is_raised else None)


def test_an_order_without_date_or_priority_says_so() -> None:
    order = service("imaging/mri-any", None, "ordered")
    advice = card(finding("R17"), imaging=mri_history(order=order))
    assert advice.slots == {
        "more": 0,
        "date": "@term.date-unknown",
        "priority": "@term.priority-not-stated",
        "needed": "@term.priority-stat",
    }


@pytest.mark.parametrize(
    ("flag_days", "mri", "status"),
    [
        pytest.param(5, report(5), FlagStatus.SATISFIED_SHOWN, id="MRI on the day of the flag"),
        pytest.param(5, report(6), FlagStatus.OPEN, id="MRI a day before the flag"),
        pytest.param(30, report(14), FlagStatus.SATISFIED_SHOWN, id="reported 14 days ago"),
        pytest.param(30, report(15), FlagStatus.SATISFIED_OVER, id="reported 15 days ago"),
        pytest.param(
            30, report(20, reported=when(10)), FlagStatus.SATISFIED_SHOWN, id="reported later than done"
        ),
        pytest.param(
            30, report(20, performed=None), FlagStatus.SATISFIED_OVER, id="date of the study not recorded"
        ),
        pytest.param(
            30, report(20, reported=None), FlagStatus.SATISFIED_OVER, id="date of the report not recorded"
        ),
        pytest.param(5, report(None), FlagStatus.OPEN, id="undated MRI"),
        pytest.param(None, report(1), FlagStatus.OPEN, id="undated flag"),
        pytest.param(5, report(2, performed=month(2, 20)), FlagStatus.OPEN, id="MRI some time that month"),
    ],
)
def test_an_mri_after_the_newest_flag_settles_it(flag_days: int | None, mri: Any, status: FlagStatus) -> None:
    found, advice = judged(finding("R17", days=flag_days), imaging=ImagingHistory(newest_mri=mri))
    assert found is status
    assert (advice is None) is (status is FlagStatus.SATISFIED_OVER)
    assert status.suppresses is (status is not FlagStatus.SATISFIED_OVER)
    if status is FlagStatus.SATISFIED_SHOWN:
        assert advice is not None
        assert (advice.rule, advice.indicator, advice.proposals) == ("R25b", Indicator.INFO, ())
        assert advice.slots["flags"] == ("@flag.R17",)


def test_every_flag_has_to_be_older_than_the_mri() -> None:
    history = mri_history(5)
    assert judged(finding("R17", days=9), finding("R5", days=1), imaging=history)[0] is FlagStatus.OPEN
    assert "mri-older" in keys(card(finding("R5", days=1), imaging=history))


def test_a_settled_flag_is_named_in_what_follows() -> None:
    outcome = judge_red_flag_card(assessment(finding("R17", days=30), imaging=mri_history(20)), LIMITS)
    assert [(line.key, line.slots["date"]) for line in outcome.lines] == [("flag-settled", ago(20))]


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


def surgical(therapy_days: int, mri_days: int) -> Advice | None:
    made: Assessment = assessment(
        finding("R21", days=40),
        episode=episode(60),
        trial=Trial(days=therapy_days),
        imaging=mri_history(mri_days),
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
