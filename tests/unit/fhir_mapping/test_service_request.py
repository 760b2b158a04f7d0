"""Which orders are open."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir_mapping import service_request
from tests.mapping import MRI, context, resource


@pytest.mark.parametrize(
    ("members", "status"),
    [
        pytest.param({"status": "active", "intent": "order"}, "ordered", id="active"),
        pytest.param({"status": "on-hold", "intent": "order"}, "ordered", id="on hold"),
        pytest.param({"status": "active"}, "ordered", id="intent not said"),
        pytest.param({"status": "draft", "intent": "order"}, "draft", id="draft"),
        pytest.param({"status": "active", "intent": "plan"}, "planned", id="plan"),
        pytest.param({"status": "revoked"}, None, id="revoked"),
        pytest.param({"status": "completed"}, None, id="completed"),
        pytest.param({"status": "active", "doNotPerform": True}, None, id="not to be done"),
        pytest.param({"status": "active", "code": {"text": "Urine culture"}}, None, id="none of ours"),
    ],
)
def test_open_orders(members: dict[str, Any], status: str | None) -> None:
    order = service_request.order(resource("ServiceRequest", **({"code": MRI} | members)), context())
    assert (order.status if order else None) == status
