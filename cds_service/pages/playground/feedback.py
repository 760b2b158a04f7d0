"""What an EHR reports when a suggestion is accepted or a card dismissed, and how the service answers it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from flask import current_app

from cds_service.errors import MemberInvalid
from cds_service.hooks.registry import SERVICES
from cds_service.pages.templating import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cds_service.config import Settings

_UUID = re.compile(r"[0-9a-f-]{36}")
NO_ENDPOINT = (404, 405)


def feedback_page(form: Mapping[str, str], settings: Settings) -> str:
    """The body that is sent, and the answer to it.

    Raises:
        MemberInvalid: The form was not one of ours.
    """
    service = form.get("service", "")
    if all(service != known.description.id for known in SERVICES):
        raise MemberInvalid("service")
    body = feedback_body(form)
    address = f"/cds-services/{service}/feedback"
    # The request goes through the whole application, as one from outside would.
    answer = current_app.test_client().post(
        address, data=msgspec.json.encode(body), content_type="application/json"
    )
    return render(
        "feedback.html",
        settings,
        address=address,
        body=msgspec.json.format(msgspec.json.encode(body)).decode(),
        status=answer.status,
        has_endpoint=answer.status_code not in NO_ENDPOINT,
        answer=answer.get_data(as_text=True),
    )


def feedback_body(form: Mapping[str, str]) -> dict[str, Any]:
    """One item, as CDS Hooks has it: accepted with the suggestion, or overridden with the reason."""
    card, suggestion = form.get("card", ""), form.get("suggestion", "")
    if not _UUID.fullmatch(card) or (suggestion and not _UUID.fullmatch(suggestion)):
        raise MemberInvalid("card", "suggestion")
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    item: dict[str, Any] = {"card": card, "outcomeTimestamp": now}
    if suggestion:
        item |= {"outcome": "accepted", "acceptedSuggestions": [{"id": suggestion}]}
    else:
        item["outcome"] = "overridden"
        system, _, code = form.get("reason", "").rpartition("|")
        if code:
            item["overrideReason"] = {"reason": {"code": code, "system": system}}
    return {"feedback": [item]}
