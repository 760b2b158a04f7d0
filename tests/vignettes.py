"""A case of a vignette, through the HTTP endpoint, on a day the test names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cds_service.protocol.self_check import check_response
from cds_service.vignettes.expect import differences
from cds_service.vignettes.model import Case, Vignette, load_vignettes
from cds_service.vignettes.request import build_request
from tests.service import client, prefetch_keys

if TYPE_CHECKING:
    from datetime import date

VIGNETTES = load_vignettes(Path("fixtures/vignettes"))
CASES = [pytest.param(v, c, id=f"{v.id} {c.name}") for v in VIGNETTES for c in v.cases]


def hold(vignette: Vignette, case: Case, as_of: date) -> None:
    """Ask the service, and find in its answer the cards that the case expects and no fault of form."""
    request = build_request(vignette, case, as_of, prefetch_keys())
    path = f"/cds-services/neck-pain-{case.hook}"
    answer = client(as_of).post(path, data=json.dumps(request), content_type="application/json")
    body: dict[str, Any] = json.loads(answer.get_data())
    assert answer.status_code == 200, body
    context = request["context"]
    drafts = [entry["resource"] for entry in context.get("draftOrders", {}).get("entry", [])]
    assert check_response(body, case.hook, drafts, context.get("selections", ())) == []
    assert differences(case.cards, body) == [], vignette.why
