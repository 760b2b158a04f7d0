"""Every vignette, through the HTTP endpoint, on days that have surprised software before."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds_service.protocol.self_check import check_response
from cds_service.vignettes.expect import differences
from cds_service.vignettes.model import Case, Vignette, load_vignettes
from cds_service.vignettes.request import build_request
from tests.service import client, prefetch_keys

VIGNETTES = load_vignettes(Path("fixtures/vignettes"))
CASES = [pytest.param(v, c, id=f"{v.id} {c.name}") for v in VIGNETTES for c in v.cases]
DAYS = [date(2026, 11, 24), date(2024, 2, 29), date(2027, 1, 1)]


@pytest.mark.parametrize("as_of", DAYS, ids=str)
@pytest.mark.parametrize(("vignette", "case"), CASES)
def test_vignette(vignette: Vignette, case: Case, as_of: date) -> None:
    request = build_request(vignette, case, as_of, prefetch_keys())
    path = f"/cds-services/neck-pain-{case.hook}"
    answer = client(as_of).post(path, data=json.dumps(request), content_type="application/json")
    body: dict[str, Any] = json.loads(answer.get_data())
    assert answer.status_code == 200, body
    context = request["context"]
    drafts = [entry["resource"] for entry in context.get("draftOrders", {}).get("entry", [])]
    assert check_response(body, case.hook, drafts, context.get("selections", ())) == []
    assert differences(case.cards, body) == [], vignette.why
