"""Synthetic patient-view requests of any size, as rich as an EHR's own resources.

Of the entries 52 % are laboratory results, 20 % vital signs (a third of them blood-pressure panels), 10 %
conditions, 13 % medication statements and 5 % procedures. All people and values are made up.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

SERVER = "https://ehr.example.org/fhir"
PATIENT = "Patient/bench-1"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"

Resource = dict[str, Any]

CRP = ("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma", "mg/L", 0.0, 4.0, 1)
# code, display, unit, low, high, decimals; none of them raised by chance. Four of the twenty matter to the
# pathway, which is about the share they have in a chart.
LABS = (
    CRP,
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 12.0, 15.0, 1),
    ("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count", "%", 36.0, 46.0, 0),
    ("787-2", "Mean corpuscular volume [Entitic volume] by Automated count", "fL", 80.0, 96.0, 0),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 4.5, 9.5, 1),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 150.0, 400.0, 0),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.6, 1.1, 2),
    ("33914-3", "Glomerular filtration rate/1.73 sq M.predicted", "mL/min/{1.73_m2}", 75.0, 110.0, 0),
    ("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma", "mg/dL", 7.0, 20.0, 0),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 136.0, 145.0, 0),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 3.5, 5.0, 1),
    ("2075-0", "Chloride [Moles/volume] in Serum or Plasma", "mmol/L", 98.0, 106.0, 0),
    ("2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma", "mmol/L", 22.0, 29.0, 0),
    ("17861-6", "Calcium [Mass/volume] in Serum or Plasma", "mg/dL", 8.6, 10.2, 1),
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 70.0, 99.0, 0),
    ("4537-7", "Erythrocyte sedimentation rate by Westergren method", "mm/h", 0.0, 14.0, 0),
    (
        "1742-6",
        "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma",
        "U/L",
        7.0,
        40.0,
        0,
    ),
    ("6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 40.0, 120.0, 0),
    ("1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", "mg/dL", 0.2, 1.1, 1),
    ("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "g/dL", 3.6, 5.0, 1),
)
VITALS = (
    ("29463-7", "Body weight", "kg", 79.0, 81.0, 1),
    ("8310-5", "Body temperature", "Cel", 36.2, 37.1, 1),
    ("8867-4", "Heart rate", "/min", 60.0, 90.0, 0),
)
DISEASES = (
    ("I10", "38341003", "Essential hypertension"),
    ("E78.5", "55822004", "Hyperlipidemia"),
    ("J45.909", "195967001", "Asthma"),
    ("L20.9", "24079001", "Atopic dermatitis"),
)
DRUGS = (
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("617312", "atorvastatin 20 MG Oral Tablet"),
    ("310798", "hydrochlorothiazide 25 MG Oral Tablet"),
    ("745679", "albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"),
)
PROCEDURES = (("73761001", "Colonoscopy"), ("44608003", "Blood glucose measurement"))


def request_body(entries: int, *, with_neck_pain: bool, as_of: date, with_order: bool = False) -> bytes:
    """A request with so many entries in its searchsets.

    Args:
        entries: Number of searchset entries.
        with_neck_pain: The chart has new neck pain and a raised CRP, so that cards with suggestions follow.
        as_of: Day the newest entries are dated with.
        with_order: order-select with an MRI draft in place of patient-view.
    """
    random = Random(entries)  # noqa: S311 - the same body every time
    labs, vitals, conditions, drugs, procedures = (round(entries * p) for p in (0.52, 0.20, 0.10, 0.13, 0.05))
    observations = [_lab(i, random, as_of) for i in range(labs)]
    observations += [
        _panel(i, random, as_of) if i % 3 == 0 else _vital(i, random, as_of) for i in range(vitals)
    ]
    diseases = [_condition(i, random, as_of) for i in range(conditions)]
    if with_neck_pain:
        diseases[0] = _neck_pain(random, as_of)
        observations[0] = _raised_crp(random, as_of)
    sets = {
        "conditions": diseases,
        "observations": observations,
        "medicationStatements": [_drug(i, random, as_of) for i in range(drugs)],
        "procedures": [_procedure(i, random, as_of) for i in range(procedures)],
        "serviceRequests": [],
        "allergies": [],
    }
    request = _request(sets)
    if with_order:
        request["hook"] = "order-select"
        request["context"] |= {"selections": ["ServiceRequest/draft-1"], "draftOrders": _drafts()}
    return json.dumps(request, separators=(",", ":")).encode()


def _drafts() -> dict[str, Any]:
    """An MRI of the cervical spine, as an EHR drafts it."""
    draft = {
        "resourceType": "ServiceRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "priority": "routine",
        "code": {
            "coding": [{"system": LOINC, "code": "30667-0", "display": "MR Cervical spine WO contrast"}]
        },
        "subject": {"reference": PATIENT},
    }
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]}


def _request(sets: dict[str, list[Resource]]) -> dict[str, Any]:
    patient = {
        "resourceType": "Patient",
        "id": "bench-1",
        "meta": {"versionId": "3", "lastUpdated": "2026-01-01T08:00:00Z"},
        "identifier": [{"system": f"{SERVER}/mrn", "value": "SYN-1"}],
        "name": [{"family": "Synthetic", "given": ["Bench"]}],
        "gender": "female",
        "birthDate": "1976-05-04",
    }
    return {
        "hook": "patient-view",
        "hookInstance": "0f5b1b5e-0f0e-4c55-9a3e-4a1d9c1b2e10",
        "context": {"userId": "Practitioner/bench", "patientId": "bench-1", "encounterId": "enc-1"},
        "prefetch": {"patient": patient} | {key: _searchset(found) for key, found in sets.items()},
    }


def _searchset(resources: list[Resource]) -> dict[str, Any]:
    entries = [
        {"fullUrl": f"{SERVER}/{r['resourceType']}/{r['id']}", "resource": r, "search": {"mode": "match"}}
        for r in resources
    ]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return bundle | ({"entry": entries} if entries else {})


def _base(kind: str, random: Random) -> Resource:
    """What every resource has, meta and identifiers included."""
    return {
        "resourceType": kind,
        "id": str(UUID(int=random.getrandbits(128))),
        "meta": {
            "versionId": "1",
            "lastUpdated": "2026-01-01T08:00:00.000Z",
            "profile": [f"http://hl7.org/fhir/us/core/StructureDefinition/us-core-{kind.lower()}"],
        },
        "identifier": [{"system": f"{SERVER}/id", "value": str(UUID(int=random.getrandbits(128)))}],
    }


def _day(i: int, as_of: date) -> str:
    return (as_of - timedelta(days=7 + 3 * i % 700)).isoformat()


def _observation(code: str, display: str, category: str, random: Random, day: str) -> Resource:
    category_system = "http://terminology.hl7.org/CodeSystem/observation-category"
    return _base("Observation", random) | {
        "status": "final",
        "category": [
            {"coding": [{"system": category_system, "code": category, "display": category.title()}]}
        ],
        "code": {
            "coding": [
                {"system": LOINC, "code": code, "display": display},
                {"system": f"{SERVER}/lab-codes", "code": f"L-{code}", "display": display.upper()},
            ],
            "text": display,
        },
        "subject": {"reference": PATIENT, "display": "Bench Synthetic"},
        "encounter": {"reference": "Encounter/enc-0"},
        "effectiveDateTime": f"{day}T09:30:00Z",
        "issued": f"{day}T12:00:00.000Z",
        "performer": [{"reference": "Organization/lab-1", "display": "Example Laboratory"}],
        "basedOn": [{"reference": "ServiceRequest/order-1", "display": "Order of the example practice"}],
    }


def _quantity(value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _lab(i: int, random: Random, as_of: date) -> Resource:
    code, display, unit, low, high, decimals = LABS[i % len(LABS)]
    interpretation = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    return _observation(code, display, "laboratory", random, _day(i, as_of)) | {
        "valueQuantity": _quantity(round(random.uniform(low, high), decimals), unit),
        "interpretation": [{"coding": [{"system": interpretation, "code": "N", "display": "Normal"}]}],
        "referenceRange": [
            {
                "low": _quantity(low, unit),
                "high": _quantity(high * 1.2, unit),
                "text": f"{low} to {high * 1.2} {unit}",
            }
        ],
    }


def _vital(i: int, random: Random, as_of: date) -> Resource:
    code, display, unit, low, high, decimals = VITALS[i % len(VITALS)]
    value = _quantity(round(random.uniform(low, high), decimals), unit)
    return _observation(code, display, "vital-signs", random, _day(i, as_of)) | {"valueQuantity": value}


def _panel(i: int, random: Random, as_of: date) -> Resource:
    parts = (("8480-6", "Systolic blood pressure", 122), ("8462-4", "Diastolic blood pressure", 78))
    return _observation("85354-9", "Blood pressure panel", "vital-signs", random, _day(i, as_of)) | {
        "component": [
            {
                "code": {"coding": [{"system": LOINC, "code": code, "display": display}], "text": display},
                "valueQuantity": _quantity(value, "mm[Hg]"),
            }
            for code, display, value in parts
        ]
    }


def _raised_crp(random: Random, as_of: date) -> Resource:
    code, display, unit, *_ = CRP
    day = (as_of - timedelta(days=2)).isoformat()
    return _observation(code, display, "laboratory", random, day) | {"valueQuantity": _quantity(42.0, unit)}


def _problem(icd10: str, snomed: str, display: str, random: Random, day: str) -> Resource:
    terms = "http://terminology.hl7.org/CodeSystem"
    return _base("Condition", random) | {
        "clinicalStatus": {"coding": [{"system": f"{terms}/condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{terms}/condition-ver-status", "code": "confirmed"}]},
        "category": [{"coding": [{"system": f"{terms}/condition-category", "code": "problem-list-item"}]}],
        "code": {
            "coding": [
                {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": icd10, "display": display},
                {"system": "http://snomed.info/sct", "code": snomed, "display": display},
            ],
            "text": display,
        },
        "subject": {"reference": PATIENT},
        "encounter": {"reference": "Encounter/enc-0"},
        "onsetDateTime": day,
        "recordedDate": day,
    }


def _condition(i: int, random: Random, as_of: date) -> Resource:
    return _problem(*DISEASES[i % len(DISEASES)], random, _day(i, as_of))


def _neck_pain(random: Random, as_of: date) -> Resource:
    return _problem("M54.2", "81680005", "Neck pain", random, (as_of - timedelta(days=10)).isoformat())


def _drug(i: int, random: Random, as_of: date) -> Resource:
    code, display = DRUGS[i % len(DRUGS)]
    rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm"
    dosage = {
        "text": "1 daily",
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
    }
    return _base("MedicationStatement", random) | {
        "status": "active",
        "medicationCodeableConcept": {
            "coding": [{"system": rxnorm, "code": code, "display": display}],
            "text": display,
        },
        "subject": {"reference": PATIENT},
        "effectivePeriod": {"start": _day(i, as_of)},
        "dateAsserted": _day(i, as_of),
        "dosage": [dosage],
    }


def _procedure(i: int, random: Random, as_of: date) -> Resource:
    code, display = PROCEDURES[i % len(PROCEDURES)]
    return _base("Procedure", random) | {
        "status": "completed",
        "code": {
            "coding": [{"system": "http://snomed.info/sct", "code": code, "display": display}],
            "text": display,
        },
        "subject": {"reference": PATIENT},
        "performedDateTime": _day(i, as_of),
    }
