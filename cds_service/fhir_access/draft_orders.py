"""``draftOrders`` and ``selections`` to the orders in hand.

Drafts are seldom valid FHIR: an object where a list belongs, empty codings, no intent, no Bundle type, ids
over 64 characters, Medication resources among the orders. None of that is an error; what cannot be read is
left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from cds_service.clinical_data import Companion, Draft, OrdersInHand
from cds_service.fhir_access import shapes
from cds_service.fhir_access.classify import OLD_TYPES
from cds_service.fhir_r4 import STRUCTS, decode
from cds_service.fhir_r4.drafts import DRAFTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What drafts refer to (the drug, and what they give as their reason), and a visit that is drafted with them.
_COMPANIONS = frozenset({"Medication", "Condition", "Observation", "Appointment"})
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)


def orders_in_hand(bundle: msgspec.Raw, selections: Iterable[str] | None) -> OrdersInHand:
    """The drafts of a Bundle, each once, and which of them are in hand.

    Args:
        bundle: ``context.draftOrders`` as received.
        selections: ``context.selections``; None where every draft is in hand (order-sign).
    """
    drafts: list[Draft] = []
    seen: set[str] = set()
    companions: list[Companion] = []
    dropped = Counter[str]()
    for raw, full_url in _entries(bundle):
        head = shapes.header(raw)
        kind = head.resource_type or ""
        if kind in DRAFTS:
            draft = _draft(raw, kind, full_url)
            if draft is None:
                dropped["unreadable-draft"] += 1
            elif not draft.resource.id or draft.ref not in seen:
                seen.add(draft.ref)
                drafts.append(draft)
        elif kind in _COMPANIONS:
            resource = decode(raw, STRUCTS[kind]).resource
            companions += [Companion(resource, full_url)] if resource is not None else []
        else:
            dropped["old-version" if kind in OLD_TYPES else "unexpected-type"] += 1
    chosen = range(len(drafts)) if selections is None else _chosen(selections, drafts, dropped)
    return OrdersInHand(tuple(drafts), frozenset(chosen), tuple(companions), dict(dropped))


def _entries(bundle: msgspec.Raw) -> Iterator[tuple[msgspec.Raw, str]]:
    """Resource and fullUrl of each entry; one entry alone may stand where a list belongs."""
    raw = shapes.members(bundle).get("entry", shapes.NOTHING)
    items = [raw] if shapes.is_object(raw) else shapes.decoded(_ITEMS, raw) or []
    for item in items:
        parts = shapes.members(item)
        resource = parts.get("resource", shapes.NOTHING)
        if shapes.is_object(resource):
            yield resource, shapes.decoded(_TEXT, parts.get("fullUrl", shapes.NOTHING)) or ""


def _draft(raw: msgspec.Raw, kind: str, full_url: str) -> Draft | None:
    resource = decode(raw, DRAFTS[kind]).resource
    return None if resource is None else Draft(resource, bytes(raw), full_url)


def _chosen(selections: Iterable[str], drafts: list[Draft], dropped: Counter[str]) -> Iterator[int]:
    """Places of the selected drafts: by ``Type/id``, else by fullUrl, else by the id alone."""
    by_ref, by_url, by_id = (defaultdict[str, list[int]](list) for _ in range(3))
    for place, draft in enumerate(drafts):
        by_ref[draft.ref].append(place)
        by_url[draft.full_url].append(place)
        by_id[draft.resource.id or ""].append(place)
    # Each once: drafts may share a fullUrl, and the same one may be selected any number of times.
    for selection in dict.fromkeys(filter(None, selections)):
        tail = selection.rpartition("/")[2]
        found = by_ref.get(selection) or by_url.get(selection) or (by_id.get(tail) if tail else None) or []
        if not found:
            dropped["unmatched-selection"] += 1
        yield from found
