"""What an allergy is to, and what is no allergy."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir_mapping import allergy_intolerance
from cds_service.pathway.vocabulary import Criticality
from tests.mapping import RXNORM, SCT, coded, context, resource


def allergic(**members: Any) -> Any:
    usual: dict[str, Any] = {"code": coded(RXNORM, "5640", "Ibuprofen")}
    return allergy_intolerance.allergy(resource("AllergyIntolerance", **(usual | members)), context())


@pytest.mark.parametrize(
    ("manifestation", "is_upset"),
    [
        pytest.param({"text": "Nausea and vomiting (disorder)"}, True, id="two complaints of the stomach"),
        pytest.param({"text": "Severe GI upset"}, True, id="severe"),
        pytest.param({"coding": [{"display": "Gastro-intestinal intolerance"}]}, True, id="as a display"),
        pytest.param({"text": "Nausea and hives"}, False, id="hives beside it"),
        pytest.param({"text": "GI upset", "coding": [{"display": "Urticaria"}]}, False, id="hives as code"),
        pytest.param({"text": "Gastrointestinal haemorrhage"}, False, id="haemorrhage"),
        pytest.param({"text": "GI bleeding"}, False, id="bleeding"),
        pytest.param({"text": "Stomach ulcer"}, False, id="ulcer"),
        pytest.param({"text": "Severe reaction"}, False, id="no complaint named"),
        pytest.param({"coding": [{"system": SCT, "code": "422587007"}]}, False, id="without words"),
    ],
)
def test_what_is_no_more_than_an_upset_stomach(manifestation: dict[str, Any], is_upset: bool) -> None:
    found = allergic(reaction=[{"manifestation": [manifestation]}]).reaction
    assert (found is Criticality.ONLY_GASTROINTESTINAL) is is_upset


def test_allergies() -> None:
    assert allergic().reaction is Criticality.OTHER
    upset = [{"manifestation": [{"text": "Nausea"}]}]
    assert allergic(reaction=upset).reaction is Criticality.ONLY_GASTROINTESTINAL
    assert allergic(reaction=[*upset, {"manifestation": [{"text": "Hives"}]}]).reaction is Criticality.OTHER
    by_substance = allergic(code={"text": "Painkiller"}, reaction=[{"substance": {"text": "naproxen"}}])
    assert "nsaid-caution/nsaid-allergy" in by_substance.concepts
    assert allergic(verificationStatus={"text": "refuted"}) is None
    assert allergic(clinicalStatus={"text": "resolved"}) is None
    by_code = allergic(code={"coding": [{"system": "urn:local", "code": "IBUPROFEN"}]})
    assert "nsaid-caution/nsaid-allergy" in by_code.concepts
    other = allergic(code={"text": "Cashew nuts"})
    assert (other.concepts, other.source.text) == (frozenset(), "Cashew nuts")
