"""Codes and what they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.errors import TerminologyError
from cds_service.terminology import load as loading
from cds_service.terminology import load_terminology
from cds_service.terminology.systems import ICD10CM, SNOMED, normal_code, normal_codes
from tests.mapping import ICD

TERMINOLOGY = load_terminology()

SCT = "http://snomed.info/sct"


@pytest.mark.parametrize(
    ("system", "code", "concept"),
    [
        pytest.param(ICD, "M54.2", "presenting/neck-pain", id="with the dot"),
        pytest.param(ICD, "m542", "presenting/neck-pain", id="without the dot, lower case"),
        pytest.param("urn:oid:2.16.840.1.113883.6.90", "M54.2", "presenting/neck-pain", id="by OID"),
        pytest.param(ICD, "C50.911", "red-flag/malignancy-current", id="a descendant"),
        pytest.param(ICD, "S12.600A", "red-flag/cervical-fracture", id="with a seventh character"),
        pytest.param(SCT, "228388006", "red-flag/iv-drug-use", id="SNOMED CT"),
        pytest.param(SCT, "62106007", "red-flag/trauma", id="a concussion"),
        pytest.param(SCT, "229064008", "therapy/physical-therapy", id="movement therapy"),
        pytest.param(
            "http://www.ama-assn.org/go/cpt", "72141", "imaging/mri-cervical-wo", id="CPT, kept apart"
        ),
    ],
)
def test_a_code_names_its_concepts(system: str, code: str, concept: str) -> None:
    assert concept in TERMINOLOGY.codings(system, code)


@pytest.mark.parametrize(
    ("system", "code"),
    [
        pytest.param("http://hl7.org/fhir/sid/icd-10", "M54.2", id="WHO ICD-10 is another classification"),
        pytest.param(None, "M54.2", id="no system"),
        pytest.param(ICD, None, id="no code"),
        pytest.param(ICD, "M99.99", id="none of ours"),
        pytest.param("https://vendor.example", "1", id="unknown system"),
    ],
)
def test_what_is_no_code_of_ours_names_nothing(system: str | None, code: str | None) -> None:
    assert TERMINOLOGY.codings(system, code) == frozenset()


def test_a_site_names_its_own_url_for_a_code_system() -> None:
    site = load_terminology(
        system_aliases={"http://hospital.example/icd": ICD, "http://x.example": "http://y.example"}
    )
    assert site.codings("http://hospital.example/icd", "M542")
    assert site.codings("http://x.example", "M542") == frozenset()


def test_helpers_for_drugs_and_places() -> None:
    assert TERMINOLOGY.ingredient("Prednisone 20 MG Oral Tablet") == "prednisone"
    assert TERMINOLOGY.ingredient("water") == ""
    assert TERMINOLOGY.strength_mg("Prednisone 20 MG Oral Tablet") == 20
    assert TERMINOLOGY.strength_mg("Ketorolac 5 MG/ML") is None
    assert TERMINOLOGY.strength_mg("Hydrocodone 5 MG / Acetaminophen 325 MG") is None
    assert not TERMINOLOGY.drug_form_is_systemic("Prednisolone Ophthalmic Suspension")
    assert not TERMINOLOGY.drug_form_is_systemic("Prednisolone Acetate 1% Ophth. Susp.")
    assert not TERMINOLOGY.drug_form_is_systemic("Dermatological - Glucocorticoid")
    assert TERMINOLOGY.drug_form_is_systemic("Prednisone Oral Tablet")
    assert TERMINOLOGY.sites("back of the head and left hand") >= {"occiput", "arm"}
    assert TERMINOLOGY.sites("neck of femur") == frozenset()
    assert TERMINOLOGY.sites("neck, with pain of the femoral neck") == {"neck"}
    assert TERMINOLOGY.side("both hands") == "bilateral"
    assert TERMINOLOGY.side("left and right arm") == "bilateral"
    assert TERMINOLOGY.side("right arm") == "right"
    assert TERMINOLOGY.side("arm") is None
    assert TERMINOLOGY.version
    assert TERMINOLOGY.labels["presenting/neck-pain"]


def test_an_installation_without_value_sets_says_so(tmp_path: Path) -> None:
    with pytest.raises(TerminologyError, match="no value sets"):
        loading.shipped_files(tmp_path)


@pytest.mark.parametrize("system", [ICD10CM, SNOMED])
def test_codes_are_compared_the_same_alone_and_together(system: str) -> None:
    written = ["M54.2", " m54.2 ", "M54\n2", "", "123.4"]
    assert normal_codes(system, written) == [normal_code(system, code) for code in written]
