"""An MRI that is unsafe, ordered or done, where a red flag asks for one."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.pathway.assessment import ImagingHistory, MriSafety, MriState
from cds_service.pathway.finding import Indicator, ProposalKind
from cds_service.pathway.rules.red_flag_cards import judge_red_flag_card
from cds_service.pathway.rules.red_flag_outcome import FlagStatus
from tests.builders import (
    LIMITS,
    ago,
    assessment,
    finding,
    month,
    report,
    service,
    when,
)
from tests.unit.pathway.rules.red_flag_cards import TARGET, card, judged, keys, mri_history, target

CONTRAINDICATED = MriSafety(MriState.CONTRAINDICATED, ("term.pacemaker",))


def targets(*concepts: str) -> Any:
    """Several recorded serious causes."""
    return finding(TARGET, evidence=tuple(e for c in concepts for e in target(c).evidence), days=3)


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
