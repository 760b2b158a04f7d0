"""Flags on the chart."""

from __future__ import annotations

from typing import Any

from cds_service.fhir_mapping import flag
from tests.mapping import context, resource


def test_flags_on_the_chart() -> None:
    def warned(**members: Any) -> Any:
        usual = {"status": "active", "code": {"text": "MRI contraindicated"}}
        return flag.statement(resource("Flag", **(usual | members)), context())

    assert warned().is_active
    assert not warned(status="inactive").is_active
    assert not warned(period={"end": "2026-06-01"}).is_active
    assert warned(status="entered-in-error") is None
    assert warned(code={"text": "Likes tea"}) is None
