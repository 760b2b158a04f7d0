"""Order hooks read what was not sent as well, but only for an order that is of interest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fetching import Service, fixture, granted, said
from tests.fhir_server import fhir_server, outcome, serving

MRI = fixture("order-select-mri")
PATH = "/cds-services/neck-pain-order-select"


def cards(service: Service, request: dict[str, Any]) -> list[dict[str, Any]]:
    answer = service.post(request, PATH)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["cards"]
    return found


def about(code: dict[str, Any]) -> dict[str, Any]:
    """The request with another study in hand."""
    request: dict[str, Any] = json.loads(json.dumps(MRI))
    for entry in request["context"]["draftOrders"]["entry"]:
        if entry["resource"]["resourceType"] == "ServiceRequest":
            entry["resource"]["code"] = code
            entry["resource"].pop("reasonCode", None)
    return request


def test_the_cards_about_an_order_are_those_of_full_prefetch() -> None:
    whole = cards(Service(), MRI)
    assert whole
    with fhir_server(serving(MRI["prefetch"])) as server:
        service = Service(server.base)
        fetched = cards(service, granted(MRI, server.base, *MRI["prefetch"]))
        assert said(fetched) == said(whole)
        assert len(server.asked) == len(set(server.kinds())) > 5


def test_for_an_order_nobody_judges_nothing_is_read() -> None:
    request = about({"text": "Basic metabolic panel"})
    with fhir_server(serving(MRI["prefetch"])) as server:
        assert cards(Service(server.base), granted(request, server.base, *MRI["prefetch"])) == []
        assert server.asked == []


@pytest.mark.parametrize("status", [401, 500])
def test_without_any_data_an_order_hook_answers_all_the_same(status: int) -> None:
    with fhir_server(lambda _: outcome(status=status)) as server:
        found = cards(Service(server.base), granted(MRI, server.base, *MRI["prefetch"]))
    assert "no red flag recorded" not in json.dumps(found).lower()


def test_with_full_prefetch_nothing_is_read() -> None:
    with fhir_server(serving(MRI["prefetch"])) as server:
        cards(Service(server.base), granted(MRI, server.base))
        assert [kind for kind in server.kinds() if kind in ("Patient", "Condition")] == []
