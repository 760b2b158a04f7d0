"""Codes, words, sites; what a site adds, and what stops the start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.errors import TerminologyError
from cds_service.terminology import TextDomain, load_terminology
from cds_service.terminology import load as loading
from cds_service.terminology.systems import ICD10CM, SNOMED, normal_code, normal_codes

TERMINOLOGY = load_terminology()
ICD, SCT = "http://hl7.org/fhir/sid/icd-10-cm", "http://snomed.info/sct"
SET = "https://neck-pain-cds.example/fhir/ValueSet/presenting--neck-pain"


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


@pytest.mark.parametrize(
    ("text", "domain", "concept"),
    [
        pytest.param("Cervicalgia", TextDomain.CLINICAL, "presenting/neck-pain", id="one word"),
        pytest.param(
            "Acute  NECK-pain, left", TextDomain.CLINICAL, "presenting/neck-pain", id="spaces, case, hyphen"
        ),
        pytest.param(
            "history of breast cancer",
            TextDomain.CLINICAL,
            "red-flag/malignancy-history",
            id="history counts",
        ),
        pytest.param(
            "MRI cervical spine without contrast",
            TextDomain.PROCEDURE,
            "imaging/mri-cervical-wo",
            id="without",
        ),
        pytest.param("Naproxen sodium 550 MG", TextDomain.DRUG, "drug/nsaid", id="an ingredient"),
        pytest.param("Percocet", TextDomain.DRUG, "drug/opioid", id="a brand"),
        pytest.param("CRP", TextDomain.MEASUREMENT, "obs/crp", id="a result's name"),
        pytest.param("yes", TextDomain.VALUE, "value/positive", id="a value"),
        pytest.param(
            "Displaced fracture of seventh cervical vertebra, initial encounter for closed fracture",
            TextDomain.CLINICAL,
            "red-flag/cervical-fracture",
            id="an injury's title with its encounter",
        ),
        pytest.param(
            "Fracture of second cervical vertebra, subsequent encounter for routine healing",
            TextDomain.CLINICAL,
            "red-flag/cervical-fracture",
            id="an injury's title with a later encounter",
        ),
        pytest.param(
            "Unspecified injury of head, initial encounter",
            TextDomain.CLINICAL,
            "red-flag/trauma",
            id="injury of the head",
        ),
        pytest.param("Concussion injury of brain", TextDomain.CLINICAL, "red-flag/trauma", id="concussion"),
        pytest.param(
            "Cocaine abuse, uncomplicated",
            TextDomain.CLINICAL,
            "red-flag/iv-drug-use-possible",
            id="a drug use disorder",
        ),
        pytest.param(
            "Other psychoactive substance abuse, uncomplicated",
            TextDomain.CLINICAL,
            "red-flag/iv-drug-use-possible",
            id="a drug use disorder, substance not named",
        ),
        pytest.param(
            "Encounter for palliative care",
            TextDomain.CLINICAL,
            "procedure/palliative-hospice",
            id="a visit for palliative care",
        ),
        pytest.param(
            "Personal history of antineoplastic chemotherapy",
            TextDomain.CLINICAL,
            "red-flag/malignancy-history",
            id="history of cancer treatment",
        ),
        pytest.param(
            "Automatic implantable cardiac defibrillator in situ",
            TextDomain.CLINICAL,
            "imaging/mri-contraindication-icd",
            id="a defibrillator as a diagnosis",
        ),
        pytest.param(
            "Insertion of biventricular implantable cardioverter defibrillator",
            TextDomain.PROCEDURE,
            "imaging/mri-contraindication-icd",
            id="a defibrillator as a procedure",
        ),
        pytest.param(
            "Bypass Coronary Artery, One Artery, Open Approach",
            TextDomain.PROCEDURE,
            "nsaid-caution/cabg",
            id="a bypass in the words of a procedure catalogue",
        ),
        pytest.param(
            "Long-term (current) use of anticoagulants",
            TextDomain.CLINICAL,
            "drug/anticoagulant",
            id="a drug as a diagnosis",
        ),
        pytest.param(
            "Coronary atherosclerosis of native coronary artery",
            TextDomain.CLINICAL,
            "nsaid-caution/ischaemic-heart-disease",
            id="coronary disease in older words",
        ),
        pytest.param("Lasix 40mg", TextDomain.DRUG, "drug/diuretic", id="a brand name"),
        *(
            pytest.param(text, TextDomain.CLINICAL, concept, id=text)
            for text, concept in (
                ("HIV", "red-flag/hiv"),
                ("AIDS", "red-flag/hiv"),
                ("HIV-1 infection", "red-flag/hiv"),
                ("HIV test positive", "red-flag/hiv"),
                ("HIV antibody: reactive", "red-flag/hiv"),
                ("Weakness of right arm", "red-flag/motor-weakness"),
                ("Weakness of right arm and right leg", "red-flag/motor-weakness"),
                ("Weakness in left leg", "red-flag/motor-weakness"),
                ("Weakness in both legs", "red-flag/motor-weakness"),
                ("Weakness in both arms", "red-flag/bilateral-symptoms"),
                ("Loss of bladder control", "red-flag/bladder-bowel"),
                ("Loss of bowel control", "red-flag/bladder-bowel"),
                ("Absent tendon reflex", "red-flag/reflex-loss"),
                ("Kidney transplant, donor was her sister", "red-flag/transplant"),
                ("Wife reports fever", "red-flag/fever"),
                ("Numbness, triceps reflex absent", "red-flag/sensory-deficit"),
                ("Discitis cannot be excluded", "red-flag/discitis"),
                ("Discitis, to be excluded", "red-flag/discitis"),
                ("Post-surgical neck pain", "presenting/neck-pain"),
                ("Pain in left neck", "presenting/neck-pain"),
            )
        ),
        pytest.param(
            "Insertion of permanent pacemaker",
            TextDomain.PROCEDURE,
            "imaging/mri-contraindication-pacemaker",
            id="a pacemaker as a procedure",
        ),
        pytest.param(
            "AICD in place",
            TextDomain.CLINICAL,
            "imaging/mri-contraindication-icd",
            id="a defibrillator by its abbreviation",
        ),
        *(
            pytest.param(text, TextDomain.ALLERGY, "nsaid-caution/nsaid-allergy", id=f"allergy entry: {text}")
            for text in (
                "NSAIDs - do not give",
                "NSAIDs: avoid",
                "ASA",
                "Salicylates",
                "COX-2 inhibitors",
                "Aspirin: not tolerated",
                "Should not be given ibuprofen",
                "Must not receive NSAIDs",
                "Told not to take aspirin",
                "No NSAIDs",
                "No more aspirin or NSAIDs - allergic",
            )
        ),
    ],
)
def test_words_name_concepts(text: str, domain: TextDomain, concept: str) -> None:
    assert concept in TERMINOLOGY.text(text, domain)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        pytest.param("low back pain", TextDomain.CLINICAL, id="another pain"),
        pytest.param("Mass of neck", TextDomain.CLINICAL, id="a lump"),
        pytest.param("fracture of neck of femur", TextDomain.CLINICAL, id="the neck of a femur"),
        pytest.param("hay fever", TextDomain.CLINICAL, id="hay fever"),
        pytest.param("history of fever", TextDomain.CLINICAL, id="history of a symptom"),
        pytest.param(
            "Encounter for screening for malignant neoplasm of colon", TextDomain.CLINICAL, id="screening"
        ),
        pytest.param("Family history of cancer", TextDomain.CLINICAL, id="a relative"),
        pytest.param("at risk for sepsis", TextDomain.CLINICAL, id="a risk"),
        pytest.param("no fever", TextDomain.CLINICAL, id="denied"),
        pytest.param("discitis?", TextDomain.CLINICAL, id="asked"),
        pytest.param("Hearing aids", TextDomain.CLINICAL, id="not that word"),
        pytest.param("CRP in cerebrospinal fluid", TextDomain.MEASUREMENT, id="not the whole name"),
        pytest.param("yes, sometimes", TextDomain.VALUE, id="not the whole value"),
        pytest.param("Urine pregnancy test", TextDomain.CLINICAL, id="a test that was ordered"),
        pytest.param("Not sure of desire to become pregnant", TextDomain.CLINICAL, id="a wish"),
        pytest.param("Pregnancy intention in the next year", TextDomain.CLINICAL, id="an intention"),
        pytest.param(
            "Estrogen receptor Ag [Presence] in Breast cancer specimen by Immune stain",
            TextDomain.CLINICAL,
            id="a stain of a specimen",
        ),
        pytest.param("Encounter for screening for lymphoma", TextDomain.CLINICAL, id="a visit to look"),
        pytest.param("Encounter for fever", TextDomain.CLINICAL, id="a visit for something"),
        pytest.param(
            "Concussion and edema of thoracic spinal cord, initial encounter",
            TextDomain.CLINICAL,
            id="a concussion of another part",
        ),
        pytest.param("Personal history of traumatic brain injury", TextDomain.CLINICAL, id="an old injury"),
        pytest.param("Heparin Flush (10 units/ml)", TextDomain.DRUG, id="what keeps a line open"),
        *(
            pytest.param(text, TextDomain.CLINICAL, id=text)
            for text in (
                "HIV negative",
                "HIV screening",
                "HIV test",
                "Tested for HIV",
                "HIV 1 and 2 antibodies",
                "HIV-1/2 Ab: non-reactive",
                "At risk for HIV",
                "HIV exposure",
                "PrEP for HIV",
                "Husband has HIV infection",
                "HIV positive partner",
                "Walks with aids",
                "No loss of bladder control",
                "Pain in neck of femur",
                "Pain in the neck of the left femur",
                "Pain, neck of humerus",
                "Neck of femur fracture pain",
                "Injury of neck of femur",
                "Humeral neck pain",
                "Bladder neck pain",
                "Pain in neck of uterus",
                "Fever absent",
                "Fever: absent",
                "Non-febrile",
                "Sister - breast cancer",
                "Breast cancer (sister)",
                "FH: colon cancer",
                "FHx breast cancer",
                "Discitis excluded",
                "Discitis has been excluded",
            )
        ),
        pytest.param("ICD code to be checked", TextDomain.CLINICAL, id="a classification, no device"),
        *(
            pytest.param(text, TextDomain.ALLERGY, id=f"allergy entry: {text}")
            for text in (
                "No known NSAID allergy",
                "No NSAID or aspirin allergy",
                "No aspirin, ibuprofen or NSAID hypersensitivity",
                "NKDA",
                "Not allergic to aspirin",
                "Does not have an NSAID allergy",
                "No reaction to aspirin",
                "Aspirin allergy: no",
                "NSAIDs?",
                "5-ASA",
            )
        ),
    ],
)
def test_words_that_name_nothing(text: str, domain: TextDomain) -> None:
    assert TERMINOLOGY.text(text, domain) == frozenset()


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


def site_file(folder: Path, content: Any) -> Path:
    text = content if isinstance(content, str) else json.dumps(content, indent=1)
    (folder / "ours.json").write_text(text, encoding="utf-8")
    return folder


def value_set(**members: Any) -> dict[str, Any]:
    return {"resourceType": "ValueSet", "url": SET, **members}


def test_a_site_adds_codes_of_its_own(tmp_path: Path) -> None:
    local = {"system": "https://hospital.example/codes", "concept": [{"code": "NP1"}]}
    icd = {"system": "urn:oid:2.16.840.1.113883.6.90", "code": "M99.99"}
    folder = site_file(tmp_path, value_set(compose={"include": [local]}, expansion={"contains": [icd]}))
    site = load_terminology(folder)
    assert site.codings("https://hospital.example/codes", "NP1") == {"presenting/neck-pain"}
    assert "presenting/neck-pain" in site.codings(ICD, "M99.99")
    assert site.codings(ICD, "M54.2")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("{", "ours.json line 1: not JSON", id="cut off"),
        pytest.param("[" * 100000, "nested too deeply", id="nested without end"),
        pytest.param([], "not a FHIR ValueSet", id="a list"),
        pytest.param({"resourceType": "CodeSystem"}, "not a FHIR ValueSet", id="another resource"),
        pytest.param(
            {"resourceType": "ValueSet", "url": "https://x.example"}, "line 3: url", id="unknown set"
        ),
        pytest.param({"resourceType": "ValueSet"}, "is no set of ours", id="no url"),
        pytest.param(value_set(), "no codes in", id="no codes"),
        pytest.param(value_set(compose=[]), "compose has to be an object", id="compose is a list"),
        pytest.param(
            value_set(compose={"include": {}}), "include has to be a list", id="include is an object"
        ),
        pytest.param(value_set(compose={"exclude": [{}]}), "cannot take any away", id="exclude"),
        pytest.param(
            value_set(compose={"include": [{"filter": []}]}), "cannot be expanded here", id="filter"
        ),
        pytest.param(
            value_set(compose={"include": [{"concept": [{"code": "1"}]}]}), "needs a system", id="no system"
        ),
        pytest.param(
            value_set(compose={"include": [{"system": "s", "concept": [{"display": "x"}]}]}),
            "needs a code",
            id="no code",
        ),
        pytest.param(
            value_set(expansion={"contains": [{"system": "s", "code": " "}]}), "needs a code", id="blank code"
        ),
    ],
)
def test_a_broken_file_stops_the_start_and_is_named(content: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(TerminologyError) as caught:
        load_terminology(site_file(tmp_path, content))
    assert "ours.json line" in str(caught.value)
    assert message in str(caught.value)


def test_a_file_that_is_no_text_and_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "ours.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TerminologyError, match="UTF-8"):
        load_terminology(tmp_path)
    with pytest.raises(TerminologyError, match="not a directory"):
        load_terminology(tmp_path / "nowhere")


def test_an_installation_without_value_sets_says_so(tmp_path: Path) -> None:
    with pytest.raises(TerminologyError, match="no value sets"):
        loading.shipped_files(tmp_path)


@pytest.mark.parametrize("system", [ICD10CM, SNOMED])
def test_codes_are_compared_the_same_alone_and_together(system: str) -> None:
    written = ["M54.2", " m54.2 ", "M54\n2", "", "123.4"]
    assert normal_codes(system, written) == [normal_code(system, code) for code in written]
