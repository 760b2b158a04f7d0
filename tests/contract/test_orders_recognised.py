"""What a draft orders: by code, by words, by what it refers to, by a site's own code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from cds_service.app import create_app
from cds_service.config import Settings
from cds_service.hooks.endpoints import Endpoints
from cds_service.wsgi import advisor, load_knowledge
from tests.orders import (
    CPT,
    FEVER,
    IBUPROFEN,
    LOINC,
    R46,
    RXNORM,
    SNOMED,
    SUBJECT,
    answer,
    bundle,
    cards,
    coded,
    condition,
    dose,
    prefetch,
    prescription,
    request,
    said,
    service,
)

if TYPE_CHECKING:
    from pathlib import Path

AS_SHOWN = {"coding": [{"display": "MR spine cervical wo contrast"}]}
LOCAL = coded("urn:site", "IMG123", text="MRI cervical spine")
BOTH = {"text": "MRI cervical spine w & w/o contrast"}
PRODUCT = coded(RXNORM, "999999999", "Ibuprofen 400 MG Oral Tablet")


@pytest.mark.parametrize(
    ("code", "rules"),
    [
        pytest.param(coded(LOINC, "30667-0"), ["R46 warning"], id="LOINC"),
        pytest.param(coded(CPT, "72141"), ["R46 warning"], id="CPT"),
        pytest.param(coded(SNOMED, "571891000119109"), ["R46 warning"], id="SNOMED"),
        pytest.param({"text": "MRI C-spine w/o contrast"}, ["R46 warning"], id="text"),
        pytest.param(AS_SHOWN, ["R46 warning"], id="display"),
        pytest.param(LOCAL, ["R46 warning"], id="local code"),
        pytest.param(coded(CPT, "72156"), ["R50a warning"], id="CPT with contrast"),
        pytest.param(BOTH, ["R50a warning"], id="text with contrast"),
        pytest.param(coded(CPT, "72125"), ["R52a warning"], id="CT by CPT"),
        pytest.param({"text": "CT C-spine"}, ["R52a warning"], id="CT in words"),
        pytest.param(coded(LOINC, "24934-2"), ["R53 warning"], id="CT myelography"),
        pytest.param(coded(CPT, "72040"), ["R51a info"], id="X-ray"),
        pytest.param(coded(SNOMED, "770695002"), ["R57 warning"], id="surgeon"),
        pytest.param(coded(CPT, "64405"), ["R60 info"], id="nerve block"),
        pytest.param({"text": "MRI lumbar spine without contrast"}, [], id="another region"),
        pytest.param({"text": "MRI brain"}, [], id="head"),
        pytest.param(coded(CPT, "70551"), [], id="a code nobody told us"),
        pytest.param(coded(CPT, "97110"), [], id="exercise"),
    ],
)
def test_an_order_is_recognised_by_its_code_or_its_words(code: Any, rules: list[str]) -> None:
    assert said(service(code)) == rules


def test_a_spine_study_takes_its_region_from_the_body_site() -> None:
    spine = {"coding": [{"system": SNOMED, "code": "241645008"}]}
    assert said(service(spine)) == []
    assert said(service(spine, bodySite=[{"text": "Cervical spine"}])) == R46
    assert said(service(spine, bodySite=[{"text": "Lumbar spine"}])) == []


@pytest.mark.parametrize(
    ("medication", "found"),
    [
        pytest.param(coded(RXNORM, "5640"), True, id="ingredient"),
        pytest.param({"text": "ibuprofen 800 MG Oral Tablet"}, True, id="text"),
        pytest.param(PRODUCT, True, id="unknown product by name"),
        pytest.param({"text": "diclofenac 1 % topical gel"}, False, id="on the skin"),
        pytest.param({"text": "levothyroxine"}, False, id="another drug"),
    ],
)
def test_a_drug_is_recognised_by_code_or_name(medication: Any, found: bool) -> None:
    allergic = prefetch(
        conditions=bundle(condition()),
        allergies=bundle(
            {
                "resourceType": "AllergyIntolerance",
                "id": "a",
                "patient": SUBJECT,
                "code": {"text": "aspirin"},
            }
        ),
    )
    assert said(prescription(medication), prefetch=allergic) == (["R54 critical"] if found else [])


@pytest.mark.parametrize(
    "reference", ["Medication/med-1", "urn:uuid:med", "https://ehr.example.org/Medication/med-1"]
)
def test_a_drug_may_stand_in_another_entry(reference: str) -> None:
    draft = prescription(..., medicationReference={"reference": reference}, dosageInstruction=[dose(1000, 4)])
    body = request(draft, {"resourceType": "Medication", "id": "med-1", "code": IBUPROFEN})
    body["context"]["draftOrders"]["entry"][1]["fullUrl"] = "urn:uuid:med"
    assert [card["indicator"] for card in answer(body)["cards"]] == ["critical"]


def test_a_drug_may_be_contained_or_merely_named() -> None:
    inside = prescription(
        ...,
        medicationReference={"reference": "#m"},
        contained=[{"resourceType": "Medication", "id": "m", "code": IBUPROFEN}],
        dosageInstruction=[dose(1000, 4)],
    )
    named = prescription(..., medicationReference={"display": "ibuprofen"}, dosageInstruction=[dose(1000, 4)])
    assert said(inside) == said(named) == ["R54 critical"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(coded(CPT, "72156"), (CPT, "72141"), id="in CPT"),
        pytest.param(coded(LOINC, "24937-5"), (LOINC, "30667-0"), id="in LOINC"),
        pytest.param(coded(SNOMED, "60443006"), (SNOMED, "571891000119109"), id="in SNOMED CT"),
        pytest.param({"text": "MRI cervical spine with contrast"}, (LOINC, "30667-0"), id="of a text"),
        pytest.param({"coding": coded(CPT, "72156")["coding"][0]}, (CPT, "72141"), id="of an object"),
    ],
)
def test_contrast_is_taken_out_in_the_code_system_of_the_order(code: Any, expected: tuple[str, str]) -> None:
    chart = prefetch(conditions=bundle(condition(), FEVER))
    (card,) = cards(service(code, priority="urgent"), prefetch=chart)
    (suggestion,) = card["suggestions"]
    coding = suggestion["actions"][0]["resource"]["code"]["coding"][0]
    assert (coding["system"], coding["code"]) == expected
    assert coding["display"]


def test_a_sites_own_order_code_is_known_by_its_value_set(tmp_path: Path) -> None:
    own = {"system": "https://hospital.example/orderables", "concept": [{"code": "RAD-77"}]}
    value_set = {
        "resourceType": "ValueSet",
        "url": "https://neck-pain-cds.example/fhir/ValueSet/imaging--mri-cervical-wo-w",
        "compose": {"include": [own]},
    }
    (tmp_path / "orderables.json").write_text(json.dumps(value_set))
    site = Settings(valuesets_dir=tmp_path, as_of=datetime(2026, 6, 15, 12, tzinfo=UTC))
    at_site = create_app(Endpoints(advisor(load_knowledge(site), site), site.max_body_bytes)).test_client()
    body = request(service(coded("https://hospital.example/orderables", "RAD-77")))
    assert answer(body)["cards"] == []
    assert [card["source"]["topic"]["code"] for card in answer(body, at_site)["cards"]] == ["R50a"]
