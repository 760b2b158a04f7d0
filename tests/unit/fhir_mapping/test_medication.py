"""Which drug an entry is about, and whether it acts in the whole body."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir_mapping.medication import medications_by_ref
from tests.mapping import resource
from tests.unit.fhir_mapping.drug_uses import IBUPROFEN, taken

NSAID = {"drug/nsaid", "drug/ibuprofen"}


def test_the_drug_behind_a_reference() -> None:
    medication = resource(
        "Medication", id="m1", ingredient=[{"itemCodeableConcept": IBUPROFEN}, {}], form={"text": "tablet"}
    )
    known = medications_by_ref([medication, object(), resource("Medication", id=None)])
    found = taken(known, medicationCodeableConcept=None, medicationReference={"reference": "Medication/m1"})
    assert found is not None
    assert found.concepts >= NSAID
    assert (
        taken(known, medicationCodeableConcept=None, medicationReference={"reference": "Medication/x"})
        is None
    )
    both = taken(known, medicationReference={"reference": "Medication/m1"})
    assert both is not None
    assert (both.concepts, both.source.text) == (found.concepts, "Ibuprofen")
    named = {"reference": "#m"}
    inside = [
        {"resourceType": "Medication", "id": "m", "code": {"text": "Ketorolac"}},
        {"resourceType": "Patient"},
    ]
    contained = taken(medicationCodeableConcept=None, medicationReference=named, contained=inside)
    assert contained is not None
    assert contained.ingredient == "ketorolac"
    assert taken(medicationCodeableConcept=None, medicationReference=named, contained=[]) is None


def test_a_reference_that_leads_nowhere_is_read_by_its_own_words() -> None:
    elsewhere = {"reference": "Medication/x", "display": "apixaban 5 MG Oral Tablet"}
    found = taken(medicationCodeableConcept=None, medicationReference=elsewhere)
    assert found is not None
    assert (set(found.concepts), found.ingredient) == ({"drug/anticoagulant"}, "apixaban")


@pytest.mark.parametrize(
    ("medication", "expected"),
    [
        pytest.param(
            {"code": {"coding": [{"system": "urn:local", "code": "Ketorolac"}]}}, "Ketorolac", id="code"
        ),
        pytest.param(
            {
                "code": {"coding": [{"system": "urn:local:product", "code": "00001"}]},
                "identifier": [{"value": "KETO15"}, {"value": "Ketorolac 15mg"}, {}],
            },
            "Ketorolac 15mg",
            id="identifier beside a product number",
        ),
        pytest.param({"identifier": [{"value": "ketorolac"}]}, "ketorolac", id="identifier alone"),
        pytest.param(
            {"identifier": [{"value": "00409379501"}, {"value": "Ketorolac"}]},
            "Ketorolac",
            id="a key longer than the name",
        ),
        pytest.param(
            {"code": {"text": "Water"}, "identifier": [{"value": "ketorolac"}]}, None, id="words come first"
        ),
        pytest.param({"code": {"coding": [{"system": "urn:local"}]}}, None, id="nothing at all"),
    ],
)
def test_a_name_kept_where_no_name_belongs(medication: dict[str, Any], expected: str | None) -> None:
    known = medications_by_ref([resource("Medication", id="m1", **medication)])
    found = taken(known, medicationCodeableConcept=None, medicationReference={"reference": "Medication/m1"})
    assert (found.source.text if found else None) == expected
    if found:
        assert found.ingredient == "ketorolac"


def test_a_name_as_the_code_of_a_prescription() -> None:
    found = taken(medicationCodeableConcept={"coding": [{"system": "urn:local", "code": "Ibuprofen"}]})
    assert found is not None
    assert found.concepts >= NSAID


@pytest.mark.parametrize(
    ("members", "is_systemic"),
    [
        pytest.param(
            {"medicationCodeableConcept": {"text": "ketorolac 5 MG/ML Ophthalmic Solution"}},
            False,
            id="eye drops",
        ),
        pytest.param({"medicationCodeableConcept": {"text": "diclofenac gel"}}, False, id="gel"),
        pytest.param({"dosage": [{"route": {"text": "Topical route"}}]}, False, id="topical route"),
        pytest.param({"dosage": [{"route": {"text": "Oral"}}]}, True, id="by mouth"),
        pytest.param(
            {"medicationCodeableConcept": {"text": "indomethacin 50 mg rectal suppository"}},
            True,
            id="an NSAID as a suppository",
        ),
        pytest.param({"dosage": [{"route": {"text": "Per rectum"}}]}, True, id="an NSAID, route rectal"),
        pytest.param(
            {"medicationCodeableConcept": {"text": "hydrocortisone suppositories"}},
            False,
            id="a steroid as a suppository",
        ),
        pytest.param(
            {"medicationCodeableConcept": {"text": "budesonide rectal foam, hydrocortisone enema"}},
            False,
            id="a steroid for the bowel",
        ),
        pytest.param(
            {
                "medicationCodeableConcept": {"text": "prednisolone 20 mg"},
                "dosage": [{"route": {"text": "Rectal route"}}],
            },
            False,
            id="a steroid, route rectal",
        ),
    ],
)
def test_forms_that_act_where_they_are_applied(members: dict[str, Any], is_systemic: bool) -> None:
    found = taken(**members)
    assert found is not None
    assert found.is_systemic is is_systemic
