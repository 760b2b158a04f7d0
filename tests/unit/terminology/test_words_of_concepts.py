"""Words and what they name."""

from __future__ import annotations

import pytest

from cds_service.terminology import TextDomain, load_terminology

TERMINOLOGY = load_terminology()


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
