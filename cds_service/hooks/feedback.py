"""The feedback service: what a client reports about our cards, in the form it is kept.

Of what a client wrote itself nothing is kept: ids only when they are UUIDs, reasons only when we know their
code, of a comment only that there was one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cds_service.records.entries import Feedback
from cds_service.telemetry import uuid_or_none

if TYPE_CHECKING:
    from collections.abc import Collection

    from cds_service.caller import Caller
    from cds_service.protocol.feedback import FeedbackItem

OTHER_REASON = "other"
# Suggested by the CDS Hooks 3.0 ballot; a client may offer them beside ours.
# http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes
STANDARD_REASONS = frozenset(
    {
        *("cds-not-applicable", "cds-suboptimal-context", "recipient-disagrees-evidence"),
        *("recipient-concerns-outcomes", "does-not-align-preferences", "not-convenient-feasible"),
        *("action-completed", "patient-contraindication", "patient-refuses", "too-costly-uncovered"),
        *("service-not-available", "recipient-does-not-understand"),
    }
)


def as_kept(item: FeedbackItem, service_id: str, caller: Caller, reasons: Collection[str]) -> Feedback:
    """An item as it is kept.

    Args:
        item: As read.
        service_id: Service it was sent to.
        caller: Who sent it.
        reasons: Codes of our own override reasons.
    """
    parts = (caller.issuer, item.card, item.outcome, item.happened_at.isoformat(), *sorted(item.suggestions))
    known = [found for found in map(uuid_or_none, item.suggestions) if found]
    return Feedback(
        key=hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest(),
        client=caller.name,
        service=service_id,
        card=uuid_or_none(item.card),
        outcome=item.outcome,
        reason=_reason(item.reason_code, reasons),
        has_comment=item.has_comment,
        # A clock that is ahead would let its report win over every later one.
        happened_at=min(item.happened_at, datetime.now(UTC)),
        suggestions=tuple(known),
    )


def _reason(code: str | None, reasons: Collection[str]) -> str | None:
    if code is None:
        return None
    return code if code in reasons or code in STANDARD_REASONS else OTHER_REASON
