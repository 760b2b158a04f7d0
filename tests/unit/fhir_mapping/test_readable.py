"""What could not be read or understood is named and never passes for absent."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.clinical_data import DataState, KeyData, Unreadable
from tests.cases import ME, built, pain
from tests.mapping import LOINC, RXNORM, SCT, coded, resource


def test_a_contained_result_with_an_unknown_modifier_is_named_and_not_read() -> None:
    inside = {
        "resourceType": "Observation",
        "id": "crp",
        "status": "final",
        "code": coded(LOINC, "1988-5"),
        "valueQuantity": {"value": 80, "unit": "mg/L"},
        "modifierExtension": [{"url": "https://ehr.example.org/negated", "valueBoolean": True}],
    }
    report = resource(
        "DiagnosticReport", id="lab", status="final", contained=[inside], result=[{"reference": "#crp"}]
    )
    case = built(conditions=[pain()], diagnosticReports=[report])
    assert case.measurements == ()
    assert [item.why for item in case.readability.not_interpretable] == ["modifier"]


def test_an_unknown_modifier_keeps_a_resource_from_being_used() -> None:
    turned = pain(id="turned", modifierExtension=[{"url": "https://x.example", "valueBoolean": True}])
    case = built(conditions=[pain(), turned])
    assert [item.why for item in case.readability.not_interpretable] == ["modifier"]
    assert len(case.statements) == 1


def test_what_could_not_be_decoded_is_named_with_what_it_would_have_fed() -> None:
    crp = resource("Observation", id="crp", code=coded(LOINC, "1988-5"), status="final")
    unreadable = (
        Unreadable("Observation/crp", ("valueQuantity",)),
        Unreadable("Observation/?", ()),
        Unreadable("Observation/m", ("meta",)),
    )
    data = KeyData(DataState.OK, (crp,), unreadable=unreadable)
    case = built(conditions=[pain()], keys={"observations": data, "flags": KeyData(DataState.FAILED)})
    assert [(i.ref, i.concept) for i in case.readability.not_interpretable] == [
        ("Observation/?", ""),
        ("Observation/crp", "obs/crp"),
    ]
    assert case.readability.incomplete == {"flags"}


NOWHERE: dict[str, Any] = {"medicationReference": {"reference": "Medication/x"}}
ORDER = {"status": "active", "intent": "order", "subject": ME}


@pytest.mark.parametrize(
    ("kind", "members", "is_named"),
    [
        pytest.param("MedicationRequest", ORDER | NOWHERE, True, id="a reference that leads nowhere"),
        pytest.param("MedicationStatement", {"status": "active"} | NOWHERE, True, id="of a statement"),
        pytest.param("MedicationRequest", ORDER, True, id="no drug at all"),
        pytest.param(
            "MedicationRequest",
            ORDER | {"medicationCodeableConcept": {"coding": [{"system": "urn:local", "code": "77"}]}},
            True,
            id="a code nobody knows, without a name",
        ),
        pytest.param(
            "MedicationRequest",
            ORDER | {"medicationCodeableConcept": {"text": "levothyroxine"}},
            False,
            id="another drug",
        ),
        pytest.param(
            "MedicationRequest",
            ORDER | {"medicationCodeableConcept": coded(RXNORM, "5640")},
            False,
            id="a code of ours without a name",
        ),
        pytest.param("MedicationRequest", ORDER | NOWHERE | {"intent": "plan"}, False, id="planned only"),
        pytest.param("MedicationStatement", {"status": "completed"} | NOWHERE, False, id="no longer in use"),
    ],
)
def test_a_drug_in_use_of_which_nothing_says_what_it_is_is_named(
    kind: str, members: dict[str, Any], is_named: bool
) -> None:
    key = {"MedicationRequest": "medicationRequests", "MedicationStatement": "medicationStatements"}[kind]
    order = KeyData(DataState.OK, (resource(kind, **members),))
    case = built(conditions=[pain()], keys={key: order})
    named = [(item.ref, item.why) for item in case.readability.not_interpretable]
    assert named == ([(f"{kind}/r1", "drug")] if is_named else [])


@pytest.mark.parametrize(
    ("members", "is_named"),
    [
        pytest.param({}, True, id="nothing"),
        pytest.param({"code": {}}, True, id="an empty code"),
        pytest.param({"code": coded("urn:local", "ALG-77")}, True, id="a code of somebody's own"),
        pytest.param({"code": coded(SCT, "91936005")}, True, id="a bare code that is none of ours"),
        pytest.param({"code": coded("urn:local", "ALG-77", "Penicillin")}, False, id="with words"),
        pytest.param({"code": coded("urn:local", "PENICILLIN")}, False, id="a code that is a word"),
        pytest.param({"code": coded(RXNORM, "5640")}, False, id="a code of ours"),
        pytest.param({"reaction": [{"substance": {"text": "Latex"}}, {}]}, False, id="by the substance"),
        pytest.param({"clinicalStatus": {"text": "inactive"}}, False, id="over"),
        pytest.param({"verificationStatus": {"text": "refuted"}}, False, id="refuted"),
    ],
)
def test_an_allergy_of_which_nothing_says_what_it_is_to_is_named(
    members: dict[str, Any], is_named: bool
) -> None:
    entry = KeyData(DataState.OK, (resource("AllergyIntolerance", **members),))
    case = built(conditions=[pain()], keys={"allergies": entry})
    named = [(item.ref, item.why) for item in case.readability.not_interpretable]
    assert named == ([("AllergyIntolerance/r1", "allergy")] if is_named else [])
