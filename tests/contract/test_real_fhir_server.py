"""The service against a real FHIR server: search, paging, authentication, and what goes wrong on the way."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from cds_service.errors import StartError
from cds_service.fixture_patients import fixture_patients
from cds_service.load_fixtures import load_fixtures
from tests.fault_proxy import FAULTS, Fault, proxy_to, whole
from tests.fetching import Service, is_reassuring, said
from tests.fhir_server import TOKEN, Reply, fhir_server
from tests.real_fhir import real_fhir_server
from tests.service import AS_OF

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
PATIENTS = {patient.id: patient for patient in fixture_patients(FIXTURES, AS_OF)}
# Those of the hook requests, and some of the vignettes' for each shape of record.
SOME = [name for place, name in enumerate(PATIENTS) if name.startswith("syn-") or place % 12 == 0]
# Enough time for a machine that does other things as well: these tests are about what is answered.
PATIENT_TIMES = {"fhir_call_ms": 8000, "fhir_total_ms": 9000}


@pytest.fixture(scope="module")
def loaded() -> Iterator[str]:
    with real_fhir_server(TOKEN, page=5) as base:
        lines = list(load_fixtures(base, FIXTURES, AS_OF, TOKEN, wait_seconds=10))
        assert lines[-1].startswith(f"{len(PATIENTS)} patients, ")
        yield base


def call(patient_id: str, base: str, token: str = TOKEN) -> dict[str, Any]:
    """A call without any prefetch."""
    return {
        "hook": "patient-view",
        "hookInstance": "7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10",
        "fhirServer": base,
        "fhirAuthorization": {"access_token": token, "token_type": "Bearer", "expires_in": 300},
        "context": {"userId": "Practitioner/d-1", "patientId": patient_id},
    }


def with_prefetch(patient_id: str) -> dict[str, Any]:
    """The same call with everything about the patient in its prefetch."""
    from cds_service.records_evaluation.load import Record
    from cds_service.records_evaluation.request import build_request
    from tests.service import prefetch_keys

    record = Record("fixtures", 1, PATIENTS[patient_id].resources)
    request = build_request(record, prefetch_keys(), AS_OF)
    return {name: value for name, value in call(patient_id, "").items() if not name.startswith("fhir")} | {
        "prefetch": request["prefetch"]
    }


def nothing_yet(_: object) -> Reply:
    """Until the proxy knows its own address."""
    return Reply(status=503)


@pytest.mark.parametrize("patient_id", SOME)
def test_the_cards_from_the_server_are_those_from_prefetch(patient_id: str, loaded: str) -> None:
    service = Service(loaded, **PATIENT_TIMES)
    fetched = service.cards(call(patient_id, loaded))
    assert set(service.states().values()) <= {"ok", "empty"}
    assert said(fetched) == said(Service().cards(with_prefetch(patient_id)))


def test_a_set_in_pages_is_read_to_its_end(loaded: str) -> None:
    """The server's own page is smaller than the set, and its links carry on."""
    busiest = max(
        PATIENTS.values(), key=lambda p: sum(r["resourceType"] == "Observation" for r in p.resources)
    )
    own = sum(r["resourceType"] == "Observation" for r in busiest.resources)
    with fhir_server(nothing_yet) as proxy:
        inner = proxy_to(loaded, lambda: proxy.base, lambda _: whole)

        def without_count(asked: Any) -> Any:
            params = {k: v for k, v in asked.params.items() if k != "_count" or "_offset" in asked.params}
            return inner(type(asked)(asked.method, asked.path, params, asked.headers))

        proxy.answers = without_count
        service = Service(proxy.base, **PATIENT_TIMES)
        service.cards(call(busiest.id, proxy.base))
        pages = [asked for asked in proxy.asked if asked.kind == "Observation"]
    assert service.last is not None
    found = service.last.gathered.data.keys["observations"]
    assert (found.state.value, len(found.resources)) == ("ok", own)
    assert len(pages) == -(-own // 5) > 1


@pytest.mark.parametrize("token", ["", "another"])
def test_without_the_right_token_there_is_no_patient(token: str, loaded: str) -> None:
    assert Service(loaded).post(call("syn-001", loaded, token)).status_code == 412


def test_an_unknown_patient_is_412(loaded: str) -> None:
    assert Service(loaded, **PATIENT_TIMES).post(call("nobody", loaded)).status_code == 412


@pytest.mark.parametrize("fault", FAULTS, ids=range(len(FAULTS)))
def test_a_fault_on_the_way_is_never_read_as_none(fault: Fault, loaded: str) -> None:
    with fhir_server(nothing_yet) as proxy:
        proxy.answers = proxy_to(
            loaded, lambda: proxy.base, lambda asked: fault if asked.kind == "Observation" else whole
        )
        service = Service(proxy.base, fhir_call_ms=2500, fhir_total_ms=4000)
        cards = service.cards(call("syn-002", proxy.base))
    if service.states()["observations"] in ("ok", "empty"):
        assert said(cards) == said(Service().cards(with_prefetch("syn-002")))
    else:
        assert cards
        assert not is_reassuring(cards)


def test_what_a_server_refuses_stops_the_loading_and_is_named(loaded: str) -> None:
    with pytest.raises(StartError, match="HTTP 401"):
        list(load_fixtures(loaded, FIXTURES, AS_OF, "another", wait_seconds=0))


def test_loading_again_updates_the_same_patients(loaded: str, tmp_path: Path) -> None:
    (tmp_path / "hook_requests").mkdir()
    shutil.copy(FIXTURES / "hook_requests" / "red-flag-crp.json", tmp_path / "hook_requests")
    later = AS_OF + timedelta(days=3)
    assert list(load_fixtures(loaded, tmp_path, later, TOKEN, wait_seconds=0))[-1].startswith("1 patients, ")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    found = requests.get(f"{loaded}/Patient?_summary=count&_total=accurate", headers=headers, timeout=10)
    assert found.json()["total"] == len(PATIENTS)
