"""Record entries become FHIR an EHR could have sent."""

import importlib
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cds_service.terminology import load_terminology
from cds_service.vignettes.model import Vignette, load_vignettes
from cds_service.vignettes.phrasebook import SYSTEMS, VignetteError, _book, concept
from cds_service.vignettes.request import build_request, patient
from cds_service.vignettes.resources import build_entry
from tests.service import prefetch_keys

AS_OF = date(2026, 11, 24)
VIGNETTES = load_vignettes(Path("fixtures/vignettes"))
CASES = [pytest.param(v, c, id=f"{v.id} {c.name}") for v in VIGNETTES for c in v.cases]
KEYS = prefetch_keys()


def _resources(request: dict[str, Any]) -> list[dict[str, Any]]:
    values = [v for v in request["prefetch"].values() if v]
    return [e["resource"] for v in values for e in v.get("entry", [])] + [request["prefetch"]["patient"]]


@pytest.mark.parametrize(("vignette", "case"), CASES)
def test_every_resource_is_valid_fhir(vignette: Any, case: Any) -> None:
    for resource in _resources(build_request(vignette, case, AS_OF, KEYS)):
        kind = resource["resourceType"]
        model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
        assert model.model_validate(resource).get_resource_type() == kind


def test_every_code_of_the_phrasebook_is_in_a_value_set() -> None:
    terminology = load_terminology()
    rows = [
        (SYSTEMS[system], code)
        for chapter, entries in _book().items()
        if chapter != "labels"
        for codings in entries.values()
        for system, code, _ in codings
    ]
    assert [row for row in rows if not terminology.codings(*row)] == []


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        pytest.param({"conditon": "neck pain"}, "exactly one of", id="misspelt kind"),
        pytest.param({"condition": "neck pain", "sinse": "today"}, "unknown words", id="misspelt option"),
        pytest.param({"condition": "sore neck"}, "no conditions entry for 'sore neck'", id="unknown words"),
        pytest.param({"drug": "ibuprofen", "as": "tea"}, "not 'tea'", id="unknown form of a drug"),
        pytest.param({"course": "fine", "when": "today"}, "not 'fine'", id="unknown course"),
        pytest.param({"fhir": {"resourceType": "Claim"}}, "found 'Claim'", id="a type we do not ask for"),
        pytest.param({"fhir": {}}, "found None", id="no type"),
        pytest.param({"order": "MRI cervical spine"}, "needs 'written'", id="a word that is missing"),
    ],
)
def test_mistakes_in_an_entry_are_named(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(VignetteError, match=message):
        list(build_entry(entry, AS_OF))


def test_text_only_words_carry_no_code() -> None:
    assert concept("findings", "text: Paraspinal tenderness") == {"text": "Paraspinal tenderness"}


@pytest.mark.parametrize(
    ("as_of", "born"),
    [
        pytest.param(date(2026, 11, 24), "1991-12-31", id="before the birthday"),
        pytest.param(date(2026, 12, 31), "1992-12-31", id="on the birthday"),
    ],
)
def test_age_gives_a_birth_date_with_that_many_whole_years(as_of: date, born: str) -> None:
    assert patient({"age": 34}, as_of)["birthDate"] == born


def test_a_resource_as_sent_is_dated_from_the_call_and_belongs_to_the_patient() -> None:
    entry = {"fhir": {"resourceType": "Encounter", "period": {"start": "{{today-2}}T09:45:00+10:00"}}}
    assert list(build_entry(entry, AS_OF)) == [
        (
            "encounters",
            {
                "subject": {"reference": "Patient/vignette-patient"},
                "resourceType": "Encounter",
                "period": {"start": "2026-11-22T09:45:00+10:00"},
            },
        )
    ]


@pytest.mark.parametrize(
    ("kind", "owner"), [("Device", {"patient"}), ("Medication", set()), ("CarePlan", {"subject"})]
)
def test_the_patient_stands_where_the_type_has_it(kind: str, owner: set[str]) -> None:
    ((_, resource),) = build_entry({"fhir": {"resourceType": kind}}, AS_OF)
    assert set(resource) - {"resourceType"} == owner


def test_a_medication_rides_along_and_is_no_match() -> None:
    record = [{"fhir": {"resourceType": kind}} for kind in ("MedicationRequest", "Medication")]
    vignette = msgspec.convert(
        {"id": "T", "title": "", "why": "", "cases": [{"name": "", "cards": [], "record": record}]}, Vignette
    )
    bundle = build_request(vignette, vignette.cases[0], AS_OF, KEYS)["prefetch"]["medicationRequests"]
    assert bundle["total"] == 1
    assert [entry["search"]["mode"] for entry in bundle["entry"]] == ["match", "include"]


def test_a_death_is_dated_from_the_call() -> None:
    assert patient({"age": 34, "died": "in 20 days"}, AS_OF)["deceasedDateTime"] == "2026-12-14"


def test_an_unknown_word_about_the_patient_is_refused() -> None:
    with pytest.raises(VignetteError, match="not \\['gender'\\]"):
        patient({"gender": "male"}, AS_OF)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("id: V1\ntitle: a\nid: V2\n", r"v\.yaml line 3: 'id' stands twice", id="a key twice"),
        pytest.param("id: [V1\n", r"v\.yaml line 2: ", id="not YAML"),
        pytest.param(
            "id: V1\ncolour: red\n", r"v\.yaml: Object contains unknown field `colour`", id="an unknown key"
        ),
    ],
)
def test_a_vignette_that_cannot_be_read_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "v.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(VignetteError, match=message):
        load_vignettes(tmp_path)
