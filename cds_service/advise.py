"""The use case, one function: gather, map, decide, render."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cds_service.cards.render import RenderOptions, render
from cds_service.errors import OtherFhirVersion
from cds_service.fhir_access.gather import Call, Gathered, gather
from cds_service.fhir_mapping.case import build_case, quiet_case
from cds_service.fhir_mapping.first_look import may_name_pain
from cds_service.fhir_r4 import LateUnreadable
from cds_service.pathway.decision import decide

if TYPE_CHECKING:
    from cds_service.guideline.model import Guideline
    from cds_service.pathway.case import NeckPainCase
    from cds_service.pathway.finding import Decision
    from cds_service.telemetry import Value
    from cds_service.terminology import Terminology

# The clinical moment, with its zone: the clock of the wall, or a fixed one.
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the service knows, loaded once at its start."""

    guideline: Guideline
    terminology: Terminology

    @property
    def versions(self) -> dict[str, str]:
        """Version of each part, for readiness and the log."""
        return {"guideline_version": self.guideline.version, "terminology_version": self.terminology.version}


@dataclass(frozen=True, slots=True)
class Question:
    """One call, as the hook's module read it.

    Attributes:
        service_id: Service that was asked.
        hook_instance: ``hookInstance`` of the call.
        call: What to gather from.
        careful: Reads the call again, piece by piece; given when ``call`` was decoded in one go, and
            asked when an element turns out to be malformed.
        client: Issuer of the client's token; "" while nobody verified the caller.
    """

    service_id: str
    hook_instance: str
    call: Call
    careful: Callable[[], Call] | None = None
    client: str = ""


@dataclass(frozen=True, slots=True)
class Advised:
    """The answer and everything it came from."""

    gathered: Gathered
    case: NeckPainCase
    decision: Decision
    response: dict[str, Any]

    def log_fields(self) -> dict[str, Value]:
        """Rules, states and counts: what may be logged."""
        keys = self.gathered.data.keys
        return {
            "rules": [advice.rule for advice in self.decision.advice],
            "data_states": dict(Counter(data.state.value for data in keys.values())),
            "unreadable": sum(len(data.unreadable) for data in keys.values()),
            "dropped": dict(self.gathered.dropped),
            "wrong_patient": self.case.readability.wrong_patient,
        }


def advise(question: Question, knowledge: Knowledge, clock: Clock) -> Advised:
    """Gather the data, map it to facts, decide, and say it in cards.

    Raises:
        ClinicalDataUnavailable: Required data is not to be had.
        OtherFhirVersion: The data is of FHIR before R4.
    """
    now = clock()
    gathered, case = _read(question, knowledge, now)
    decision = decide(case, knowledge.guideline.thresholds)
    options = RenderOptions(question.service_id, question.hook_instance, issuer=question.client)
    return Advised(gathered, case, decision, render(decision, case, knowledge.guideline, options))


def _read(question: Question, knowledge: Knowledge, now: datetime) -> tuple[Gathered, NeckPainCase]:
    """What was gathered and the case it makes; a chart that names no pain is not read any further."""
    gathered = gather(question.call)
    if question.careful is None:
        return gathered, _case(gathered, knowledge, now)
    try:
        if not may_name_pain(gathered.data, knowledge.terminology):
            return gathered, quiet_case(gathered.data, now)
        return gathered, _case(gathered, knowledge, now)
    except LateUnreadable:
        gathered = gather(question.careful())
        return gathered, _case(gathered, knowledge, now)


def _case(gathered: Gathered, knowledge: Knowledge, now: datetime) -> NeckPainCase:
    if gathered.is_old_version:
        raise OtherFhirVersion
    return build_case(gathered.data, knowledge.terminology, knowledge.guideline.units, now)
