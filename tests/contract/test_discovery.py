"""What a client finds at /cds-services (C-01 to C-09)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.contract.support import StandIn, client_of, patient_view

# Query template of the 2.0 token subset: a read, or a search with plain parameters and no name twice.
PLACEHOLDER = r"\{\{context\.(userId|patientId|encounterId)\}\}"
READ = re.compile(rf"[A-Z][A-Za-z]+/{PLACEHOLDER}")
PARAMETER = re.compile(rf"(?P<name>[a-z_][a-z-]*)=(?:{PLACEHOLDER}|[A-Za-z0-9.,|:/-]+)")
READ_BY_THE_RULES = {
    "patient",
    "conditions",
    "observations",
    "medicationStatements",
    "medicationRequests",
    "medicationAdministrations",
    "procedures",
    "serviceRequests",
    "diagnosticReports",
    "imagingStudies",
    "allergies",
    "encounters",
    "appointments",
    "devices",
    "questionnaireResponses",
    "flags",
    "goals",
    "carePlans",
}


@pytest.fixture
def services() -> list[dict[str, Any]]:
    body = client_of(StandIn()).get("/cds-services").get_json()
    found: list[dict[str, Any]] = body["services"]
    return found


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/"], ids=["plain", "trailing slash"])
def test_discovery_answers_without_redirect_and_may_be_cached_briefly(path: str) -> None:
    answer = client_of(StandIn()).get(path)
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "max-age=300"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_service_says_what_it_is(services: list[dict[str, Any]]) -> None:
    for service in services:
        assert all(service[name].strip() for name in ("hook", "id", "description", "title"))
        assert re.fullmatch(r"[a-z0-9-]{1,64}", service["id"])


def test_ids_are_unique(services: list[dict[str, Any]]) -> None:
    ids = [service["id"] for service in services]
    assert sorted(set(ids)) == sorted(ids)


def test_nothing_in_discovery_is_null_or_empty(services: list[dict[str, Any]]) -> None:
    def check(value: Any) -> None:
        assert value not in (None, "", [], {})
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(inner)

    check(services)


def test_templates_stay_in_the_subset_every_client_resolves(services: list[dict[str, Any]]) -> None:
    for service in services:
        for template in service["prefetch"].values():
            kind, is_search, query = template.partition("?")
            if not is_search:
                assert READ.fullmatch(template), template
                continue
            assert re.fullmatch("[A-Z][A-Za-z]+", kind)
            parameters = [PARAMETER.fullmatch(part) for part in query.split("&")]
            assert all(parameters), template
            names = [parameter["name"] for parameter in parameters if parameter]
            assert sorted(set(names)) == sorted(names), "a repeated parameter is merged into OR by clients"


def test_only_keys_the_rules_read_are_asked_for(services: list[dict[str, Any]]) -> None:
    for service in services:
        assert set(service["prefetch"]) == READ_BY_THE_RULES


def test_the_three_hooks_are_served_under_their_fixed_ids(services: list[dict[str, Any]]) -> None:
    assert {service["id"]: service["hook"] for service in services} == {
        f"neck-pain-{hook}": hook for hook in ("patient-view", "order-select", "order-sign")
    }


def test_every_advertised_service_exists(services: list[dict[str, Any]]) -> None:
    client = client_of(StandIn())
    for service in services:
        context = patient_view()["context"] | {"draftOrders": {"resourceType": "Bundle"}, "selections": []}
        request = patient_view(hook=service["hook"], context=context)
        assert client.post(f"/cds-services/{service['id']}", json=request).status_code == 200


def test_a_wrong_method_names_the_right_ones() -> None:
    answer = client_of(StandIn()).put("/cds-services")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.get_json()["resourceType"] == "OperationOutcome"
