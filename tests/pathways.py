"""Charts with neck pain, and what the pathway makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cds_service.pathway.decision import decide
from cds_service.pathway.facts import CourseStatement
from cds_service.pathway.vocabulary import Course, Source, When
from tests.builders import LIMITS, NECK_PAIN, ago, case, drug, service, statement, when

if TYPE_CHECKING:
    from cds_service.pathway.finding import Decision, ProposalKind

PT = "therapy/physical-therapy"


def pain(days: int | None = 10, **fields: Any) -> Any:
    """Neck pain that began so many days ago."""
    made = {"onset": when(days), "ref": "Condition/pain", **fields}
    return statement(made.pop("concepts", NECK_PAIN), None, **made)


def course(value: Course, days: int) -> CourseStatement:
    return CourseStatement(value, Source("Observation/course"), When(ago(days)))


def treated(days: int) -> dict[str, Any]:
    """An NSAID and physical therapy for so many days."""
    sessions = tuple(service(PT, on) for on in range(0, days + 1, 14))
    return {"drugs": (drug("drug/nsaid", days),), "services": (*sessions, service(PT, days))}


def decided(*facts: Any, **fields: Any) -> Decision:
    return decide(case(*facts, **fields), LIMITS)


def rules(decision: Decision) -> list[str]:
    return [advice.rule for advice in decision.advice]


def kinds(decision: Decision) -> set[ProposalKind]:
    return {proposal.kind for advice in decision.advice for proposal in advice.proposals}
