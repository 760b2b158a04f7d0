"""What a client cannot create is not suggested to it, and said in words instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from cds_service.pathway.draft_order import Rating
from cds_service.pathway.finding import Line, Proposal, ProposalKind, Section

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cds_service.cards.wording import Words
    from cds_service.pathway.finding import Advice

_OTHER_THAN_SERVICES = {ProposalKind.FOLLOW_UP: "Appointment", ProposalKind.IBUPROFEN: "MedicationRequest"}
_CREATES_NOTHING = frozenset(
    {
        ProposalKind.DELETE,
        ProposalKind.RAISE_PRIORITY,
        ProposalKind.RAISE_DRAFT,
        ProposalKind.WITHOUT_CONTRAST,
        ProposalKind.DOSE,
    }
)


def for_client(advice: Advice, creates: Collection[str], words: Words) -> Advice:
    """The advice with suggestions of these resource types alone; a line names what was left out."""
    parts = [part for proposal in advice.proposals for part in (proposal.parts or (proposal,))]
    left_out = [part for part in parts if not _is_created(part, creates)]
    if not left_out:
        return advice
    kept = tuple(_once_deleted(fit for p in advice.proposals if (fit := _fitting(p, creates))))
    names = tuple(dict.fromkeys(_label(part, words) for part in left_out))
    said = Line(Section.STEP, "not-drafted", {"items": names}, advice.rule)
    return structs.replace(advice, proposals=kept, lines=(*advice.lines, said))


def _is_created(proposal: Proposal, creates: Collection[str]) -> bool:
    if proposal.kind in _CREATES_NOTHING:
        return True
    return _OTHER_THAN_SERVICES.get(proposal.kind, "ServiceRequest") in creates


def _fitting(proposal: Proposal, creates: Collection[str]) -> Proposal | None:
    """What is left of a proposal; of a replacement at least the deletion."""
    if proposal.kind is not ProposalKind.REPLACE:
        return proposal if _is_created(proposal, creates) else None
    parts = tuple(part for part in proposal.parts if _is_created(part, creates))
    if parts:
        return structs.replace(proposal, parts=parts)
    return structs.replace(
        proposal, kind=ProposalKind.DELETE, parts=(), rating=proposal.rating and Rating.NO_GUIDELINES_APPLY
    )


def _once_deleted(proposals: Iterable[Proposal]) -> Iterable[Proposal]:
    """A replacement that became a deletion stands in for the bare deletion beside it."""
    is_deleted = False
    for proposal in proposals:
        if proposal.kind is not ProposalKind.DELETE or not is_deleted:
            yield proposal
        is_deleted = is_deleted or proposal.kind is ProposalKind.DELETE


def _label(proposal: Proposal, words: Words) -> str:
    slots = dict(proposal.slots) | {"priority": proposal.priority or "routine"}
    return words.fill(f"suggestion.{proposal.kind.value}.label", slots)
