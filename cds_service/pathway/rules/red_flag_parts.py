"""Parts the red-flag cards share: which rules and names their evidence stands for, and the referral."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cds_service.pathway.finding import Evidence, Proposal, ProposalKind
from cds_service.pathway.rules.red_flag_lines import flag_name, is_surgery_for_pain
from cds_service.pathway.rules.red_flags.groups import CORD_RULES, ROUTINE, URGENT, present_evidence

if TYPE_CHECKING:
    from cds_service.guideline.thresholds import Thresholds
    from cds_service.pathway.assessment import Assessment
    from cds_service.pathway.vocabulary import Source


_SURGEON = "referral/spine-surgery"


def rules_of(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """Rules of evidence, each once."""
    return tuple(dict.fromkeys(item.rule for item in evidence if item.rule != "R23"))


def flag_names(assessment: Assessment) -> tuple[str, ...]:
    """Noun phrases of the present flags, as slot values."""
    return tuple(dict.fromkeys(flag_name(e) for e in present_evidence(assessment)))


def reasons_for(assessment: Assessment) -> tuple[Source, ...]:
    """The index condition, then the triggers."""
    sources = [assessment.episode.index.source, *(e.source for e in present_evidence(assessment))]
    return tuple(dict.fromkeys(sources))


def is_referred_to_surgeon(assessment: Assessment) -> bool:
    """Whether a referral to spine surgery is open, or drafted."""
    return any(_SURGEON in s.concepts and s.status in ("ordered", "draft") for s in assessment.case.services)


def surgical_referral(assessment: Assessment, thresholds: Thresholds) -> tuple[Proposal, ...]:
    """Spine surgery: urgent for flags of cord or root; for pain alone (R40) it can wait its turn."""
    is_cord = assessment.has_present(*CORD_RULES)
    is_due = is_cord or is_surgery_for_pain(assessment, thresholds)
    if not is_due or is_referred_to_surgeon(assessment):
        return ()
    return (
        Proposal(
            ProposalKind.SPINE_SURGERY,
            priority=URGENT if is_cord else ROUTINE,
            reasons=reasons_for(assessment),
            note_keys=("red-flag",),
            slots={"flags": flag_names(assessment)},
        ),
    )
