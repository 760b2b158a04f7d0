"""What a reference points at, and whose resource one is."""

from __future__ import annotations

import pytest

from cds_service.fhir_mapping.references import contained, is_of_other_patient, target
from cds_service.fhir_r4.elements import Reference
from tests.mapping import resource


@pytest.mark.parametrize(
    ("subject", "is_other"),
    [
        pytest.param({"reference": "Patient/p1"}, False, id="relative"),
        pytest.param(
            {"reference": "https://ehr.example.org/fhir/Patient/p1/_history/3"},
            False,
            id="absolute, versioned",
        ),
        pytest.param({"reference": "p1"}, False, id="bare id"),
        pytest.param({"reference": "urn:uuid:p1"}, False, id="urn of this patient"),
        pytest.param({"reference": "urn:uuid:p2"}, True, id="urn of another"),
        pytest.param({"reference": "Patient/p2"}, True, id="another"),
        pytest.param({"reference": "#p"}, False, id="contained"),
        pytest.param({"display": "Ada"}, False, id="words only"),
        pytest.param(None, False, id="not said"),
    ],
)
def test_whose_resource_it_is(subject: dict[str, str] | None, is_other: bool) -> None:
    assert is_of_other_patient(resource("Condition", subject=subject), "p1") is is_other


@pytest.mark.parametrize(
    ("actors", "is_other"),
    [
        pytest.param(["Patient/p1", "Practitioner/d"], False, id="this patient's"),
        pytest.param(["https://ehr.example.org/fhir/Patient/p1"], False, id="absolute"),
        pytest.param(["Patient/p2", "Practitioner/d"], True, id="another's"),
        pytest.param(["Patient/p2", "Patient/p1"], False, id="of both"),
        pytest.param(["Practitioner/d"], False, id="no patient named"),
        pytest.param([None], False, id="nobody named"),
        pytest.param([], False, id="nobody"),
    ],
)
def test_whose_appointment_it_is(actors: list[str | None], is_other: bool) -> None:
    participants = [{"actor": {"reference": actor}} if actor else {"status": "accepted"} for actor in actors]
    assert is_of_other_patient(resource("Appointment", participant=participants), "p1") is is_other


def test_references() -> None:
    assert target(None) is None
    assert target(Reference("")) is None
    assert (
        list(contained(resource("Condition", contained=[{"resourceType": "Condition", "clinicalStatus": 5}])))
        == []
    )
