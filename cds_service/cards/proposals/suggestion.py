"""Proposals as suggestions of CDS Hooks, in the form the client can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cds_service.cards.options import card_uuid
from cds_service.cards.proposals.appointment import appointment
from cds_service.cards.proposals.changes import changed_draft, with_priority
from cds_service.cards.proposals.medication_request import medication_request
from cds_service.cards.proposals.service_request import service_request
from cds_service.cards.proposals.validation import checked
from cds_service.pathway.draft_order import Rating
from cds_service.pathway.finding import Proposal, ProposalKind

if TYPE_CHECKING:
    from cds_service.cards.proposals.drafting import Drafting
    from cds_service.pathway.finding import Advice

AT_MOST_ONE = "at-most-one"
_REMOVING = frozenset({ProposalKind.DELETE, ProposalKind.REPLACE})
_ON_DRAFTS = frozenset({ProposalKind.RAISE_DRAFT, ProposalKind.WITHOUT_CONTRAST, ProposalKind.DOSE})


def suggestions(advice: Advice, drafting: Drafting) -> dict[str, Any]:
    """``suggestions`` and ``selectionBehavior`` of a card; neither when there is nothing to suggest."""
    profile = drafting.options.profile
    proposals = [p for p in advice.proposals if profile.updates_recorded_orders or not _is_on_record(p)]
    numbered = [(str(position), proposal) for position, proposal in enumerate(proposals)]
    if profile.one_action_per_suggestion:
        numbered = _taken_apart(numbered)
    if not numbered:
        return {}
    behaviour = _behaviour(advice, profile.selection_behaviors)
    made = [_suggestion(proposal, advice, position, drafting) for position, proposal in numbered]
    if behaviour == AT_MOST_ONE:
        _recommend_one(made)
    return {"suggestions": made, "selectionBehavior": behaviour}


def _is_on_record(proposal: Proposal) -> bool:
    return proposal.kind is ProposalKind.RAISE_PRIORITY


def _behaviour(advice: Advice, known: tuple[str, ...]) -> str:
    """The rule's own, where the client knows it."""
    wanted = advice.selection.value
    return wanted if wanted in known else known[0]


def _recommend_one(made: list[dict[str, Any]]) -> None:
    """Of suggestions that exclude each other the first recommended one stays so."""
    for suggestion in [s for s in made if "isRecommended" in s][1:]:
        del suggestion["isRecommended"]


def _taken_apart(numbered: list[tuple[str, Proposal]]) -> list[tuple[str, Proposal]]:
    """One action each; what several suggestions hold is suggested once."""
    apart: dict[ProposalKind, tuple[str, Proposal]] = {}
    for position, proposal in numbered:
        for number, single in enumerate(_singles(proposal)):
            apart.setdefault(single.kind, (f"{position}.{number}", single))
    return list(apart.values())


def _singles(proposal: Proposal) -> list[Proposal]:
    if proposal.kind is not ProposalKind.REPLACE:
        return [proposal]
    is_recommended = proposal.is_recommended
    delete = Proposal(
        ProposalKind.DELETE,
        is_recommended=is_recommended,
        draft=proposal.draft,
        slots=proposal.slots,
        rating=Rating.NO_GUIDELINES_APPLY,
    )
    return [delete, *(_recommended(part, is_recommended=is_recommended) for part in proposal.parts)]


def _recommended(proposal: Proposal, *, is_recommended: bool) -> Proposal:
    return Proposal(
        proposal.kind,
        is_recommended=is_recommended,
        priority=proposal.priority,
        reasons=proposal.reasons,
        note_keys=proposal.note_keys,
        slots=proposal.slots,
        period=proposal.period,
    )


def _suggestion(proposal: Proposal, advice: Advice, position: str, drafting: Drafting) -> dict[str, Any]:
    """Label, id and actions of a proposal."""
    order = advice.order.name if advice.order else ""
    made: dict[str, Any] = {
        "label": drafting.words.fill(f"suggestion.{proposal.kind.value}.label", _slots(proposal)),
        "uuid": card_uuid(drafting.options, advice.rule, order, position),
        "actions": _actions(proposal, drafting),
    }
    return made | ({"isRecommended": True} if proposal.is_recommended else {})


def _slots(proposal: Proposal) -> dict[str, Any]:
    return dict(proposal.slots) | {"priority": proposal.priority or "routine"}


def _actions(proposal: Proposal, drafting: Drafting) -> list[dict[str, Any]]:
    """Deletes first, then creates: the order a client applies them in."""
    if _is_in_place(proposal, drafting):
        creates = [part for part in proposal.parts if part is not proposal.successor]
        return [_update_in_place(proposal, drafting), *(_action(part, drafting) for part in creates)]
    if proposal.kind is not ProposalKind.REPLACE:
        return [_action(proposal, drafting)]
    return [_action(single, drafting) for single in _singles(proposal)]


def _is_in_place(proposal: Proposal, drafting: Drafting) -> bool:
    """The client's orders of services can be changed, and neither deleted nor replaced."""
    is_of_service = proposal.draft is not None and proposal.draft.kind == "ServiceRequest"
    return is_of_service and proposal.kind in _REMOVING and drafting.options.profile.changes_orders_in_place


def _update_in_place(proposal: Proposal, drafting: Drafting) -> dict[str, Any]:
    """The order in hand turned into what takes its place, or emptied."""
    kind = proposal.successor.kind if proposal.successor else ProposalKind.DELETE
    description = drafting.words.fill(f"suggestion.{kind.value}.description", _slots(proposal))
    return {"type": "update", "description": description, "resource": changed_draft(proposal, drafting)}


def _action(proposal: Proposal, drafting: Drafting) -> dict[str, Any]:
    description = drafting.words.fill(f"suggestion.{proposal.kind.value}.description", _slots(proposal))
    if proposal.kind is ProposalKind.DELETE and proposal.draft is not None:
        return {"type": "delete", "description": description, "resourceId": proposal.draft.source.ref}
    # Echoed as received, their own peculiarities included: not ours to correct.
    if proposal.kind is ProposalKind.RAISE_PRIORITY:
        return {"type": "update", "description": description, "resource": with_priority(proposal)}
    if proposal.kind in _ON_DRAFTS:
        return {"type": "update", "description": description, "resource": changed_draft(proposal, drafting)}
    return {"type": "create", "description": description, "resource": checked(_resource(proposal, drafting))}


def _resource(proposal: Proposal, drafting: Drafting) -> dict[str, Any]:
    if proposal.kind is ProposalKind.IBUPROFEN:
        return medication_request(proposal, drafting)
    if proposal.kind is ProposalKind.FOLLOW_UP:
        return appointment(proposal, drafting)
    return service_request(proposal, drafting)
