from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from cds_service.clinical_data import DataState
from cds_service.errors import ClinicalDataUnavailable
from cds_service.fhir_access.gather import Call, gather
from cds_service.fhir_access.templates import NEEDS

PATIENT = {"resourceType": "Patient", "id": "p-1"}


def call(prefetch: dict[str, Any], required: frozenset[str] = frozenset({"patient"})) -> Call:
    raw = {key: msgspec.Raw(json.dumps(value).encode()) for key, value in prefetch.items()}
    return Call("p-1", "e-1", "Practitioner/d-1", raw, required)


def test_every_key_of_the_service_is_there_sent_or_not() -> None:
    data = gather(call({"patient": PATIENT})).data
    assert set(data.keys) == {need.key for need in NEEDS}
    assert data.keys["patient"].state is DataState.OK
    assert data.keys["observations"].state is DataState.NOT_TRIED
    assert (data.patient_id, data.encounter_id, data.user_ref) == ("p-1", "e-1", "Practitioner/d-1")


@pytest.mark.parametrize(
    "prefetch",
    [{}, {"patient": None}, {"patient": {**PATIENT, "id": "p-2"}}, {"patient": "p-1"}, {"patient": {}}],
    ids=["not sent", "null", "somebody else", "an id", "an empty object"],
)
def test_without_the_required_patient_there_is_no_answer(prefetch: dict[str, Any]) -> None:
    with pytest.raises(ClinicalDataUnavailable) as raised:
        gather(call(prefetch))
    assert raised.value.names == ("patient",)


def test_a_patient_without_an_id_is_the_one_that_was_asked_for() -> None:
    assert gather(call({"patient": {"resourceType": "Patient"}})).data.keys["patient"].state is DataState.OK


def test_somebody_elses_patient_is_not_used_where_none_is_required() -> None:
    found = gather(call({"patient": {**PATIENT, "id": "p-2"}}, frozenset()))
    assert found.data.keys["patient"].state is DataState.NOT_TRIED
    assert not found.data.keys["patient"].resources
    assert found.dropped == {"wrong-patient": 1}


def test_what_was_not_used_is_added_up_over_the_keys() -> None:
    found = gather(call({"patient": PATIENT, "flags": "junk", "goals": [], "conditions": None}))
    assert found.dropped == {"junk-value": 2}
    assert not found.is_old_version
