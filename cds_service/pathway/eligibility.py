"""Who is in the pathway, and why a chart stays quiet (section 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds_service.pathway.qualifying import active_pains
from cds_service.pathway.vocabulary import Presence, User
from cds_service.value import Value

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Episode
    from cds_service.pathway.case import NeckPainCase

_COMFORT_CARE = "procedure/palliative-hospice"
COMFORT_CARE = "comfort-care"
_IN_FORCE = frozenset({"done", "ordered", "planned"})


class Eligibility(Value, frozen=True):
    """R1 when the pathway applies; else the rule that keeps it quiet, and why (key of a trace wording)."""

    rule: str
    why: str

    @property
    def is_in(self) -> bool:
        """Whether the pathway is evaluated."""
        return self.rule == "R1"


def judge_eligibility(case: NeckPainCase, episode: Episode | None, thresholds: Thresholds) -> Eligibility:
    """R1 to R3b, comfort care, and users and patients the pathway is silent for."""
    if case.user is User.PATIENT:
        return Eligibility("R2", "lay-user")
    if case.is_deceased:
        return Eligibility("R2", "deceased")
    if episode is None:
        return Eligibility("R2", _why_no_pain(case))
    age = case.age_years
    if age is None or age.at_least < thresholds.adult_age_years <= age.at_most:
        return Eligibility("R3b", "age-unknown")
    if age.at_most < thresholds.adult_age_years:
        return Eligibility("R3", "child")
    if has_comfort_care(case):
        return Eligibility("R2", COMFORT_CARE)
    return Eligibility("R1", "in-pathway")


def _why_no_pain(case: NeckPainCase) -> str:
    if active_pains(case):
        return "stale"
    return "conditions-unreadable" if "conditions" in case.readability.incomplete else "no-pain"


def has_comfort_care(case: NeckPainCase) -> bool:
    """Hospice or comfort care documented and not ended."""
    stated = any(
        _COMFORT_CARE in s.concepts and s.is_active and s.presence is Presence.PRESENT
        for s in case.statements
    )
    return stated or any(_COMFORT_CARE in s.concepts and s.status in _IN_FORCE for s in case.services)
