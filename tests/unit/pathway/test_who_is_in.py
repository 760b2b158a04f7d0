"""Who is in the pathway."""

from __future__ import annotations

import pytest

from cds_service.pathway.case import NeckPainCase, Readability
from cds_service.pathway.decision import decide
from cds_service.pathway.eligibility import judge_eligibility
from cds_service.pathway.episode import assess_episode
from cds_service.pathway.vocabulary import AgeRange, User
from tests.builders import LIMITS, case, service, statement
from tests.pathways import pain


def why(made: NeckPainCase) -> tuple[str, str]:
    found = judge_eligibility(made, assess_episode(made, LIMITS), LIMITS)
    return found.rule, found.why


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(case(pain()), ("R1", "in-pathway"), id="an adult in pain"),
        pytest.param(case(pain(), user=User.PATIENT), ("R2", "lay-user"), id="the patient is looking"),
        pytest.param(case(pain(), is_deceased=True), ("R2", "deceased"), id="dead"),
        pytest.param(case(), ("R2", "no-pain"), id="no pain"),
        pytest.param(case(pain(366)), ("R2", "stale"), id="stale"),
        pytest.param(
            case(readability=Readability(incomplete=frozenset({"conditions"}))),
            ("R2", "conditions-unreadable"),
            id="problem list not read",
        ),
        pytest.param(case(pain(), age_years=None), ("R3b", "age-unknown"), id="age unknown"),
        pytest.param(case(pain(), age_years=AgeRange(17, 18)), ("R3b", "age-unknown"), id="perhaps 18"),
        pytest.param(case(pain(), age_years=AgeRange(17, 17)), ("R3", "child"), id="seventeen"),
        pytest.param(case(pain(), age_years=AgeRange(18, 18)), ("R1", "in-pathway"), id="eighteen"),
        pytest.param(
            case(pain(), statement("procedure/palliative-hospice")),
            ("R2", "comfort-care"),
            id="comfort care stated",
        ),
        pytest.param(
            case(pain(), services=(service("procedure/palliative-hospice"),)),
            ("R2", "comfort-care"),
            id="hospice",
        ),
    ],
)
def test_who_is_in_the_pathway(made: NeckPainCase, expected: tuple[str, str]) -> None:
    assert why(made) == expected
    decision = decide(made, LIMITS)
    assert bool(decision.findings) is (expected[0] == "R1")
    assert decision.verdicts[0].rule == "R1"
