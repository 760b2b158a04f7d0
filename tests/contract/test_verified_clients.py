"""What a verified client is bound to: its own FHIR servers, its own profile, its own numbers."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from cds_service.config import read_settings
from cds_service.wsgi import assemble
from tests.contract.signing import BASE, OTHER_ISSUER, REGISTRY, claims, ec_key, token, write_registry
from tests.contract.support import PATH
from tests.fetching import NOON, fixture, granted
from tests.fhir_server import TOKEN, FakeFhir, fhir_server, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cds_service.wsgi import Service

CRP = fixture("red-flag-crp")
ORDER_PATH = "/cds-services/neck-pain-order-select"
MRI = fixture("order-select-mri")


@pytest.fixture
def ehr() -> Iterator[FakeFhir]:
    """The FHIR server of the first client, with the chart."""
    with fhir_server(serving(CRP["prefetch"])) as server:
        yield server


@pytest.fixture
def lab() -> Iterator[FakeFhir]:
    """The FHIR server of the second client, with the same chart."""
    with fhir_server(serving(CRP["prefetch"])) as server:
        yield server


@pytest.fixture
def started(tmp_path: Path, ehr: FakeFhir, lab: FakeFhir) -> Iterator[Callable[..., Service]]:
    with ExitStack() as stack:

        def start(lab_says: str = "", **more: str) -> Service:
            text = REGISTRY.replace('["https://ehr.example.org/fhir"]', json.dumps([ehr.base]))
            text += f"fhir_servers = {json.dumps([f'{lab.base} open'])}\n{lab_says}"
            environment = {
                "CDS_BASE_URL": BASE,
                "CDS_CLIENTS": str(write_registry(tmp_path, text)),
                "CDS_DATABASE_URL": f"sqlite:///{tmp_path / 'cds.sqlite3'}",
                "CDS_AS_OF": NOON.isoformat(),
                "CDS_FHIR_CALL_MS": "8000",
                "CDS_FHIR_TOTAL_MS": "9000",
            }
            found = assemble(read_settings(environment | more))
            found.start()
            stack.callback(found.stop)
            return found

        yield start


def as_ehr(path: str = PATH) -> str:
    return token(claims(aud=f"{BASE}{path}"))


def as_lab() -> str:
    return token(claims(iss=OTHER_ISSUER, tenant="north"), key=ec_key("lab"), headers={"kid": "l-1"})


def ask(service: Service, request: dict[str, Any], signed: str, path: str = PATH) -> Any:
    headers = {"Authorization": f"Bearer {signed}"}
    return service.app.test_client().post(path, json=request, headers=headers)


def topics(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [card["source"]["topic"]["code"] for card in answer.json["cards"]]


def test_each_client_has_its_own_server_read(
    started: Callable[..., Service], ehr: FakeFhir, lab: FakeFhir
) -> None:
    service = started()
    assert topics(ask(service, granted(CRP, ehr.base, "observations"), as_ehr())) == ["R23"]
    assert (ehr.kinds(), lab.kinds()) == (["Observation"], [])
    assert ehr.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert topics(ask(service, granted(CRP, lab.base, "observations"), as_lab())) == ["R23"]
    assert (ehr.kinds(), lab.kinds()) == (["Observation"], ["Observation"])


@pytest.mark.parametrize("as_client", ["ehr", "lab"])
def test_the_server_of_another_client_is_never_contacted(
    started: Callable[..., Service], ehr: FakeFhir, lab: FakeFhir, as_client: str
) -> None:
    service = started()
    foreign, signed = (lab, as_ehr()) if as_client == "ehr" else (ehr, as_lab())
    # Required data that only the foreign server has: refused, not fetched.
    assert ask(service, granted(CRP, foreign.base, "patient"), signed).status_code == 412
    assert (ehr.asked, lab.asked) == ([], [])


def test_the_words_about_a_server_are_those_of_the_client(
    started: Callable[..., Service], ehr: FakeFhir, lab: FakeFhir
) -> None:
    service = started()
    without = {"fhirAuthorization": None}
    assert ask(service, granted(CRP, lab.base, "patient", **without), as_lab()).status_code == 200
    assert ask(service, granted(CRP, ehr.base, "patient", **without), as_ehr()).status_code == 412
    assert (len(ehr.asked), len(lab.asked)) == (0, 1)


def test_orders_are_bound_as_well(started: Callable[..., Service], ehr: FakeFhir, lab: FakeFhir) -> None:
    service = started()
    foreign = granted(MRI, lab.base, *MRI["prefetch"])
    assert ask(service, foreign, as_ehr(ORDER_PATH), ORDER_PATH).status_code == 200
    assert (ehr.asked, lab.asked) == ([], [])
    own = granted(MRI, ehr.base, *MRI["prefetch"])
    assert ask(service, own, as_ehr(ORDER_PATH), ORDER_PATH).status_code == 200
    assert ehr.asked
    assert not lab.asked


def test_nothing_is_read_for_a_caller_who_is_not_let_in(
    started: Callable[..., Service], ehr: FakeFhir, lab: FakeFhir
) -> None:
    service = started()
    assert ask(service, granted(CRP, ehr.base, "patient"), "x.y.z").status_code == 401
    assert (ehr.asked, lab.asked) == ([], [])


def test_what_was_read_is_counted_by_server_and_outcome(
    started: Callable[..., Service], ehr: FakeFhir
) -> None:
    service = started(CDS_OPERATIONS_TOKEN="t" * 16)
    assert service.threads > 4, "a slow server must not keep those that wait for nothing"
    ask(service, granted(CRP, ehr.base, "observations", "procedures"), as_ehr())
    ask(service, granted(CRP, "https://somewhere.example/fhir/secret", "patient"), as_ehr())
    text = service.metrics.scrape()[0].decode()
    name = ehr.base.split("/")[2]
    assert f'cds_fhir_calls_total{{outcome="ok",server="{name}"}} 2.0' in text
    assert f'cds_fhir_seconds_count{{server="{name}"}} 1.0' in text
    assert 'cds_fhir_calls_total{outcome="not-listed",server=""} 1.0' in text
    assert "somewhere" not in text


def test_the_trace_of_a_call_goes_on_to_its_server_and_is_of_that_call_alone(
    started: Callable[..., Service], ehr: FakeFhir
) -> None:
    service = started()
    client = service.app.test_client()
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    for header in (trace, "not a trace", None):
        headers = {"Authorization": f"Bearer {as_ehr()}"} | ({"traceparent": header} if header else {})
        client.post(PATH, json=granted(CRP, ehr.base, "observations"), headers=headers)
    assert [asked.headers.get("traceparent") for asked in ehr.asked] == [trace, None, None]


def test_a_profile_may_stand_in_the_registry(started: Callable[..., Service]) -> None:
    service = started("profile = { is_silent = true }\n")
    assert topics(ask(service, CRP, as_lab())) == []
    assert topics(ask(service, CRP, as_ehr())) == ["R23"]


def test_codes_no_set_knows_are_counted_by_system_alone(started: Callable[..., Service]) -> None:
    request = json.loads(json.dumps(CRP))
    icd, local = "http://hl7.org/fhir/sid/icd-10-cm", "urn:site:of:somebody"
    for system, code in ((icd, "H52.4"), (icd, "L70.0"), (local, "PRIVATE-1"), (None, "x")):
        coding = {"system": system, "code": code} if system else {"code": code}
        condition = {
            "resourceType": "Condition",
            "id": f"c-{code.lower()}",
            "subject": {"reference": f"Patient/{request['context']['patientId']}"},
            "code": {"coding": [coding]},
        }
        request["prefetch"]["conditions"]["entry"].append({"resource": condition})
    service = started()
    ask(service, request, as_ehr())
    text = service.metrics.scrape()[0].decode()
    # The chart itself has a hypertension, in ICD-10-CM and SNOMED CT.
    assert f'cds_unmapped_codes_total{{system="{icd}"}} 3.0' in text
    assert 'cds_unmapped_codes_total{system="other"} 2.0' in text
    assert "somebody" not in text
    assert "PRIVATE" not in text
