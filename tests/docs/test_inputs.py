"""The page for EHR analysts says what the code does."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import msgspec
import pytest

from cds_service import errors
from cds_service.fhir_access.templates import NEEDS
from cds_service.fhir_r4 import STRUCTS
from cds_service.guideline.load import load_guideline
from cds_service.hooks.patient_view import SERVICE
from cds_service.pathway.rules.red_flags.chart import FEEDS
from tests.docs.markdown import code, page, section, table
from tests.service import EXPLANATION, ask, rules

TEXT = page("inputs.md")
KEYS = {need.resource_type: need.key for need in NEEDS}

# Elements that are decoded and that nothing looks at, or that mark a type, an owner or a modifier.
COMMON = {"resourceType", "modifierExtension", "subject", "patient", "_asReceived"}
NOT_LOOKED_AT = {
    "Appointment": {"participant"},
    "Encounter": {"class"},
    "CarePlan": {"intent"},
    "MedicationAdministration": {"statusReason", "reasonReference"},
    "MedicationRequest": {"statusReason", "reasonReference"},
    "MedicationStatement": {"reasonReference"},
    "Procedure": {"encounter"},
    "ServiceRequest": {"reasonReference"},
}
# Read only where they are named.
ANYWHERE = {"id", "meta", "contained"}


def neck_pain(onset: str = "2026-06-06") -> dict[str, Any]:
    return {"resourceType": "Condition", "code": {"text": "Neck pain"}, "onsetDateTime": onset}


def request(*resources: dict[str, Any]) -> dict[str, Any]:
    """A whole request with these resources, each made this patient's."""
    prefetch: dict[str, Any] = {need.key: {"resourceType": "Bundle", "entry": []} for need in NEEDS}
    for number, resource in enumerate(resources):
        own = {"id": f"r{number}", "subject": {"reference": "Patient/p1"}}
        prefetch[KEYS[resource["resourceType"]]]["entry"].append({"resource": own | resource})
    prefetch["patient"] = {
        "resourceType": "Patient",
        "id": "p1",
        "gender": "female",
        "birthDate": "1981-02-01",
    }
    context = {"userId": "Practitioner/d1", "patientId": "p1"}
    instance = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
    return {"hook": "patient-view", "hookInstance": instance, "context": context, "prefetch": prefetch}


def test_templates_are_those_of_discovery() -> None:
    rows = table(TEXT, "Key")
    assert {code(key)[0]: code(template)[0] for key, template in rows} == SERVICE.prefetch
    assert [code(key)[0] for key, _ in rows] == [need.key for need in NEEDS]
    assert {need.key for need in NEEDS} - SERVICE.required == {code(key)[0] for key, _ in rows} - {"patient"}


LOSSES = table(section(TEXT, "## What each key brings, and what its loss does"), "Key")


def test_every_key_has_its_loss() -> None:
    assert [code(row[0])[0] for row in LOSSES] == [need.key for need in NEEDS]


@pytest.mark.parametrize("row", LOSSES[1:], ids=lambda row: code(row[0])[0])
def test_what_the_loss_of_a_key_does(row: list[str]) -> None:
    key = code(row[0])[0]
    fever = {"resourceType": "Encounter", "status": "finished", "reasonCode": [{"text": "Neck pain"}]}
    whole = request(neck_pain(), fever | {"period": {"start": "2026-06-10"}})
    lost = copy.deepcopy(whole)
    del lost["prefetch"][key]
    (before,), (after,) = ask(whole)["cards"], ask(lost)["cards"]
    feeds_flags = row[2].startswith("Flags")
    assert feeds_flags is (key in frozenset[str]().union(*FEEDS.values()))
    assert len(after["extension"][EXPLANATION]["notRead"]) == 1
    assert ("Not checked:" in after["detail"]) is feeds_flags
    assert ("no red flag recorded" in after["summary"]) is not feeds_flags
    assert "no red flag recorded" in before["summary"]
    offered = [suggestion["label"] for suggestion in after["suggestions"]]
    assert ("buprofen is not offered" in row[2]) is not ("Ibuprofen 400 mg as needed" in offered)


def test_without_conditions_and_without_a_pain_elsewhere_there_is_no_card() -> None:
    lost = request(neck_pain())
    del lost["prefetch"]["conditions"]
    assert ask(lost)["cards"] == []


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.key)
def test_the_elements_of_each_kind_are_those_that_are_declared(need: Any) -> None:
    text = section(TEXT, f"### {need.key}")
    (read,) = re.findall(r"^- \*\*Read:\*\* (.*?)(?=^- |^$)", text, re.MULTILINE | re.DOTALL)
    listed = set(code(read))
    declared = {field.encode_name for field in msgspec.structs.fields(STRUCTS[need.resource_type])}
    assert listed <= declared
    unlisted = declared - listed - COMMON - ANYWHERE - NOT_LOOKED_AT.get(need.resource_type, set())
    assert unlisted == set()


def test_units_are_those_of_the_guideline_data() -> None:
    documented = {}
    for name, accepted, plausible in table(TEXT, "Quantity"):
        low, high, unit = re.fullmatch(r"(\S+) to (\S+) (\S+)", plausible).groups()  # type: ignore[union-attr]
        is_unitless = accepted.endswith(", -")
        documented[name] = (code(accepted), is_unitless, (float(low), float(high)), unit)
    measures = load_guideline().units.values()
    assert documented == {
        m.name: (list(m.accepts), m.unitless, tuple(map(float, m.plausible or ())), m.unit) for m in measures
    }


EXAMPLES = re.findall(
    r"^\*\*([^*]+)\*\* \((.+?)\)[.:\n].*?^```json\n(.*?)^```$",
    section(TEXT, "## Recording something so that it counts"),
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.parametrize(
    ("effect", "example"), [found[1:] for found in EXAMPLES], ids=[found[0] for found in EXAMPLES]
)
def test_the_examples_count(effect: str, example: str) -> None:
    given = json.loads(example)
    resources = given if isinstance(given, list) else [given]
    if all(resource["resourceType"] != "Condition" for resource in resources):
        resources = [neck_pain(), *resources]
    body = ask(request(*resources))
    offered = [s["label"] for card in body["cards"] for s in card.get("suggestions", ())]
    details = " ".join(card["detail"] for card in body["cards"])
    kind, _, what = effect.partition(": ")
    if kind == "no card":
        assert body["cards"] == []
    elif kind == "no longer suggested":
        assert body["cards"]
        assert what not in offered
        assert what in [s["label"] for s in ask(request(neck_pain()))["cards"][0]["suggestions"]]
    elif kind == "documented absent":
        assert re.search(rf"Documented absent:\*\* [^.]*{what}", details)
    else:
        assert effect in rules(body)


def test_there_are_examples_of_every_kind() -> None:
    assert len(EXAMPLES) == TEXT.count("```json")
    assert {effect.partition(":")[0] for _, effect, _ in EXAMPLES} >= {"R5", "R9", "R14", "no card"}


def _subclasses(kind: type[errors.ServiceError]) -> list[type[errors.ServiceError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in _subclasses(child))]


def test_errors_are_those_of_the_code() -> None:
    # Never answered: it becomes an empty list of cards.
    raised = [kind for kind in _subclasses(errors.ServiceError) if kind is not errors.OtherFhirVersion]
    documented = {(int(status), code(name)[0]) for status, name, _ in table(TEXT, "Status")}
    assert documented == {
        (int(kind.status), kind.code) for kind in raised if kind.__module__ == errors.__name__
    }
