from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cds_service.config import Settings
from cds_service.explain.text import NotExplainable, explain_json, explain_text
from cds_service.vignettes.hook_requests import render_request

TODAY = date(2026, 5, 4)
SETTINGS = Settings(as_of=datetime(2026, 5, 4, 12, tzinfo=UTC))


def written(tmp_path: Path, name: str, **changes: Any) -> Path:
    request = json.loads(render_request(Path(f"fixtures/hook_requests/{name}.json"), TODAY)) | changes
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps(request))
    return path


def section(lines: list[str], title: str) -> list[str]:
    start = next(i for i, line in enumerate(lines) if line.startswith(title)) + 1
    end = next((i for i in range(start, len(lines)) if not lines[i]), len(lines))
    return [line.strip() for line in lines[start:end]]


def test_inputs_verdicts_and_cards_are_shown_with_their_source(tmp_path: Path) -> None:
    lines = list(explain_text(written(tmp_path, "red-flag-crp"), SETTINGS))
    assert lines[0].startswith("red-flag-crp.json as of 2026-05-04, guideline ")
    assert "observations               ok             5 resources" in section(lines, "What was read")
    facts = section(lines, "What it says")
    assert facts[0] == "Patient/syn-001, 50 years, female"
    assert any(line.startswith("Observation/o1: obs/crp; 42 mg/L") for line in facts)
    verdicts = section(lines, "What each rule made of it")
    r9 = next(i for i, line in enumerate(verdicts) if line.startswith("R9 "))
    assert verdicts[r9].split()[1] == "met"
    assert verdicts[r9 + 1] == "from Observation/o1"
    cards = section(lines, "Cards")
    assert cards[0].startswith("1. CRITICAL R23: Red flag: CRP 42 mg/L")
    assert any(line.startswith("[ ] MRI") and line.endswith("(recommended)") for line in cards)


def test_a_quiet_chart_has_no_cards(tmp_path: Path) -> None:
    lines = list(explain_text(written(tmp_path, "no-neck-pain"), SETTINGS))
    assert section(lines, "Cards") == ["none"]


def test_what_could_not_be_read_or_used_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path, "red-flag-crp")
    request = json.loads(path.read_text())
    entries = request["prefetch"]["observations"]["entry"]
    entries[1]["resource"] |= {"status": 5}
    entries[2]["resource"]["subject"] = {"reference": "Patient/somebody-else"}
    entries.append({"resource": {"resourceType": "Patient", "id": "x"}})
    path.write_text(json.dumps(request))
    lines = list(explain_text(path, SETTINGS))
    read = section(lines, "What was read")
    assert any(line.startswith("could not be read: Observation/o2 status") for line in read)
    assert "not used                   unexpected-type: 1" in read
    assert "not used                   of another patient: 1" in read
    assert any("Observation/o2 is not valid: status" in line for line in section(lines, "Not valid FHIR R4"))


@pytest.mark.parametrize(
    ("name", "order", "verdict", "card"),
    [
        (
            "order-select-mri",
            "ServiceRequest/draft-mri-1: order in hand; mri; imaging/mri-cervical-wo; routine; because of",
            "R46               met",
            "1. WARNING R46: Cervical MRI at day",
        ),
        (
            "order-sign-ibuprofen",
            "MedicationRequest/request-123: order in hand; nsaid; drug/ibuprofen, drug/nsaid; 4800 mg a day",
            "R54               met",
            "1. CRITICAL R54: Ibuprofen up to 4800 mg a day ordered",
        ),
    ],
)  # fmt: skip
def test_the_order_hooks_are_explained_too(
    name: str, order: str, verdict: str, card: str, tmp_path: Path
) -> None:
    lines = list(explain_text(written(tmp_path, name), SETTINGS))
    assert any(line.startswith(order) for line in section(lines, "What it says"))
    assert any(line.startswith(verdict) for line in section(lines, "What each rule made of it"))
    assert section(lines, "Cards")[0].startswith(card)


def test_other_drafts_are_context_and_strange_ones_are_named(tmp_path: Path) -> None:
    lines = list(explain_text(written(tmp_path, "order-select-mri"), SETTINGS))
    assert any(
        line.startswith("MedicationRequest/draft-nsaid-1: another draft; nsaid")
        for line in section(lines, "What it says")
    )
    strange = list(explain_text(written(tmp_path, "order-sign-ibuprofen"), SETTINGS))
    assert any(
        line.startswith("draftOrders: MedicationRequest/request-123 is not valid: category")
        for line in section(strange, "Not valid FHIR R4")
    )


def test_the_whole_response_as_json(tmp_path: Path) -> None:
    (text,) = explain_json(written(tmp_path, "red-flag-crp"), SETTINGS)
    assert json.loads(text)["cards"][0]["source"]["topic"]["code"] == "R23"


def test_days_counted_from_today_are_filled_in_as_the_service_is_shown_them() -> None:
    fixture = Path("fixtures/hook_requests/red-flag-crp.json")
    assert section(list(explain_text(fixture, SETTINGS)), "Cards")[0].startswith("1. CRITICAL R23")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b'{"a": "{{today+999999999999}}"}', "is no day", id="a day beyond all days"),
        pytest.param(b'{"a": "{{\xff"}', "HTTP 400", id="no text"),
    ],
)
def test_a_file_with_days_that_are_none_is_a_sentence(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "call.json").write_bytes(content)
    with pytest.raises(NotExplainable, match=said):
        list(explain_text(tmp_path / "call.json", SETTINGS))


def test_data_of_another_version_of_fhir_has_no_cards(tmp_path: Path) -> None:
    order = {"resourceType": "MedicationOrder", "id": "old", "status": "active"}
    request = json.loads(written(tmp_path, "red-flag-crp").read_text())
    request["prefetch"]["medicationRequests"] = {"resourceType": "Bundle", "entry": [{"resource": order}]}
    path = tmp_path / "old.json"
    path.write_text(json.dumps(request))
    assert list(explain_text(path, SETTINGS)) == [
        "old.json: The pathway reads FHIR R4 only. The answer has no cards."
    ]
    assert json.loads("".join(explain_json(path, SETTINGS))) == {"cards": []}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prefetch": {}}, "HTTP 412: Required data could not be obtained"),
        (
            {"hook": "encounter-start"},
            "no service answers the hook 'encounter-start'; there are patient-view, order-select, order-sign",
        ),
        ({"context": {}}, "(context.userId, context.patientId)"),
    ],
    ids=["no patient", "another hook", "no context"],
)
def test_a_request_that_is_refused_says_what_a_client_would_be_told(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(NotExplainable) as raised:
        list(explain_text(written(tmp_path, "red-flag-crp", **changes), SETTINGS))
    assert said in str(raised.value)
