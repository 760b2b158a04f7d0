from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from cds_service.inspection.input_check import check_resources


def checked(value: Any) -> list[str]:
    return list(check_resources({"key": msgspec.Raw(json.dumps(value).encode())}))


def bundle(*resources: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}


VALID = {"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01"}


@pytest.mark.parametrize("value", [VALID, bundle(VALID), None, [], "text", bundle(), bundle("text")], ids=str)
def test_nothing_is_said_about_what_is_valid_or_no_resource(value: Any) -> None:
    assert checked(value) == []


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (
            {"resourceType": "Patient", "id": "p", "birthDate": "soon"},
            "key: Patient/p is not valid: birthDate: ",
        ),
        (
            {"resourceType": "Observation", "id": "o", "status": "final"},
            "key: Observation/o is not valid: code: ",
        ),
        ({"resourceType": "MedicationOrder", "id": "m"}, "a resource type FHIR R4 does not know"),
        ({"id": "x"}, "key: None/x is not valid: it has a resource type FHIR R4 does not know"),
    ],
    ids=["a date", "a missing element", "an old type", "no type"],
)
def test_what_is_not_valid_is_named(resource: dict[str, Any], said: str) -> None:
    lines = checked(bundle(VALID, resource))
    assert lines
    assert said in lines[0]
