"""What order-select and order-sign have in common: drafts in the context, nothing required of prefetch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from cds_service.errors import MemberInvalid, MemberMissing
from cds_service.fhir_access.draft_orders import orders_in_hand
from cds_service.fhir_access.gather import Call
from cds_service.fhir_access.grant import read_grant
from cds_service.hooks.patient_view import read_context

if TYPE_CHECKING:
    from cds_service.protocol.request import HookRequest

DRAFTS, SELECTIONS = "draftOrders", "selections"
USAGE = (
    "FHIR R4. No prefetch key is required; advice says what could not be read. Orders are read as they are: "
    "incomplete and not quite valid drafts are normal, and what cannot be judged gets no advice."
)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_SELECTIONS = msgspec.json.Decoder(list[str] | str)
_ABSENT = (b"", b"null")


def read_order_call(request: HookRequest, *, has_selections: bool) -> Call:
    """What gathering needs of an order hook's request.

    Args:
        request: The envelope.
        has_selections: The hook says which drafts are in hand (order-select); else all are (order-sign).

    Raises:
        MemberMissing, MemberInvalid: Names the members.
    """
    context = read_context(request)
    members = _MEMBERS.decode(request.context)
    needed = (DRAFTS, SELECTIONS) if has_selections else (DRAFTS,)
    missing = [name for name in needed if bytes(members.get(name, msgspec.Raw(b""))) in _ABSENT]
    if missing:
        raise MemberMissing(*(f"context.{name}" for name in missing))
    bundle = members[DRAFTS]
    if bytes(bundle)[:1] != b"{":
        raise MemberInvalid(f"context.{DRAFTS} (expected a Bundle)")
    selections = _selections(members[SELECTIONS]) if has_selections else None
    return Call(
        patient_id=context.patient_id or "",
        encounter_id=context.encounter_id,
        user_ref=context.user_id or "",
        prefetch=request.prefetch or {},
        required=frozenset(),
        grant=read_grant(request),
        orders=orders_in_hand(bundle, selections),
    )


def _selections(raw: msgspec.Raw) -> list[str]:
    try:
        found = _SELECTIONS.decode(raw)
    except msgspec.ValidationError:
        raise MemberInvalid(f"context.{SELECTIONS} (expected a list of Type/id)") from None
    return [found] if isinstance(found, str) else found
