"""What those who run the service see: readiness, metrics, insights, the description, correlation."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cds_service import telemetry
from cds_service.advise import Knowledge
from cds_service.app import create_app
from cds_service.cards.options import ClientProfile
from cds_service.config import Settings
from cds_service.hooks.endpoints import Endpoints
from cds_service.hooks.operations import Operations
from cds_service.instruments import COUNTERS
from cds_service.metrics import Metrics
from cds_service.profiles import Profiles
from cds_service.self_test import SelfTest, load_cases
from cds_service.wsgi import assemble
from tests import orders
from tests.contract.support import LIMIT, PATH, StandIn, client_of, patient_view
from tests.orders import PATIENT, RXNORM, bundle, coded, condition, prefetch, prescription, service
from tests.service import knowledge

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "an-operators-token"  # noqa: S105 - made up
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def settings(folder: Path, **changes: Any) -> Settings:
    return Settings(database_url=f"sqlite:///{folder / 'cds.sqlite3'}", **changes)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Any]:
    service = assemble(settings(tmp_path))
    service.start()
    yield service.app.test_client()
    service.stop()


def samples(client: Any) -> dict[tuple[str, tuple[str, ...]], float]:
    text = client.get("/metrics").get_data(as_text=True)
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_ready_says_who_may_call_and_that_the_vignettes_pass(client: Any) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["status"], body["callers"]) == ("ready", "anyone (development)")
    assert (body["selfTest"], body["store"]) == ("passed", "ok")


@pytest.mark.parametrize(
    ("changes", "where"),
    [({"self_test": lambda: ["a vignette"]}, "selfTest"), ({"store_answers": lambda: False}, "store")],
    ids=["a vignette that fails", "a store that is gone"],
)
def test_what_is_not_as_it_should_be_is_not_ready(changes: dict[str, Any], where: str) -> None:
    app = create_app(Endpoints(StandIn(), LIMIT), operations=Operations(**changes))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "not ready"
    assert answer.get_json()[where] in ("failed", "unreachable")


def test_the_embedded_vignettes_pass_and_fail_when_the_knowledge_is_another() -> None:
    assert SelfTest(knowledge()).failed() == ()
    assert len(load_cases().cases) == 4
    # Without its rules' numbers the service would still start; it must not be ready.
    broken = SelfTest(Knowledge(None, None))  # type: ignore[arg-type] # broken on purpose
    assert len(broken.failed()) == 4
    assert broken.failed() is broken.failed()


@pytest.mark.parametrize(
    "profile",
    [ClientProfile(is_silent=True), ClientProfile(muted_rules=frozenset({"R23", "R46"}))],
    ids=["silent", "rules muted"],
)
def test_what_clients_want_to_see_does_not_change_the_self_test(profile: ClientProfile) -> None:
    own = Knowledge(knowledge().guideline, knowledge().terminology, Profiles(profile))
    assert SelfTest(own).failed() == ()


def test_a_wrong_answer_to_a_vignette_is_named(log: io.StringIO) -> None:
    class Wrong(SelfTest):
        def _topics(self, *_arguments: object) -> tuple[str, ...]:
            return ("R99",)

    assert Wrong(knowledge()).failed() == tuple(case.name for case in load_cases().cases)
    assert "self_test_failed" in log.getvalue()


def test_calls_cards_verdicts_and_prefetch_states_are_counted(client: Any) -> None:
    red_flag = load_cases().cases[1].request
    for body in (bytes(red_flag), json.dumps(patient_view()).encode()):
        assert client.post(PATH, data=body, content_type="application/json").status_code == 200
    client.post(PATH, data=b"{", content_type="application/json")
    found = samples(client)
    assert found["cds_calls_total", ("", "patient-view", "evaluated")] == 2
    assert found["cds_call_seconds_count", ("patient-view",)] == 2
    assert found["cds_refused_total", ("not-json", "400")] == 1
    assert found["cds_prefetch_total", ("patient", "ok")] == 2
    # The clinical day is today, the vignette's is not: which rule speaks is not the matter here.
    assert sum(value for (name, _), value in found.items() if name == "cds_verdicts_total") > 2


def test_feedback_is_counted_by_outcome_and_reason(client: Any) -> None:
    item = {"card": "x", "outcome": "overridden", "outcomeTimestamp": "2026-05-04T12:00:00Z"}
    for _ in range(2):
        client.post(f"{PATH}/feedback", json={"feedback": [item]})
    found = samples(client)
    assert found["cds_feedback_total", ("", "overridden", "none")] == 2
    assert found["cds_feedback_new_total", ("",)] == 1


AMOXICILLIN = coded(RXNORM, "723", "Amoxicillin")
ODD = coded("urn:somebody", "PRIVATE-1")
QUIET = prefetch()
UNMAPPED: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "an order of no interest": (orders.request(prescription(AMOXICILLIN)), {RXNORM: 1}),
    "the same twice": (
        orders.request(prescription(AMOXICILLIN), prescription(AMOXICILLIN, "m2")),
        {RXNORM: 1},
    ),
    "an order without the chart": (
        orders.request(prescription(AMOXICILLIN), hook="order-sign", prefetch={"patient": PATIENT}),
        {RXNORM: 1},
    ),
    "one of interest, of a chart without pain": (
        orders.request(service(), prescription(ODD), prefetch=QUIET),
        {"other": 1},
    ),
    "one of interest, with the chart": (orders.request(service(), prescription(ODD)), {"other": 1}),
    "one of interest, with a chart that has the same": (
        orders.request(
            service(),
            prescription(ODD),
            prefetch=prefetch(conditions=bundle(condition(), condition(ODD, "c2"))),
        ),
        {"other": 1},
    ),
    "none unknown": (orders.request(service(), prefetch=QUIET), {}),
}


@pytest.mark.parametrize(("request_", "expected"), UNMAPPED.values(), ids=UNMAPPED)
def test_codes_of_orders_that_no_value_set_knows_are_counted(
    request_: dict[str, Any], expected: dict[str, int], client: Any
) -> None:
    path = PATH.replace("patient-view", request_["hook"])
    assert client.post(path, json=request_).status_code == 200
    found = {
        key[1][0]: value for key, value in samples(client).items() if key[0] == "cds_unmapped_codes_total"
    }
    assert found == expected
    text = client.get("/metrics").get_data(as_text=True)
    assert "PRIVATE" not in text
    assert "somebody" not in text


def test_what_others_count_has_its_place() -> None:
    metrics = Metrics()
    metrics.fhir_read("ehr.example.org", {"ok": 2, "timeout": 1}, 0.2)
    metrics.fhir_read("", {"not-listed": 1}, 0.0)
    metrics.count("unmapped_codes", ("http://loinc.org",))
    metrics.refused("unauthorized", 401, "replay")
    text = metrics.scrape()[0].decode()
    assert 'cds_fhir_calls_total{outcome="ok",server="ehr.example.org"} 2.0' in text
    assert 'cds_fhir_calls_total{outcome="not-listed",server=""} 1.0' in text
    assert 'cds_fhir_seconds_bucket{le="0.25",server="ehr.example.org"} 1.0' in text
    assert 'cds_fhir_seconds_count{server="ehr.example.org"} 1.0' in text
    assert 'cds_unmapped_codes_total{system="http://loinc.org"} 1.0' in text
    assert 'cds_tokens_refused_total{reason="replay"} 1.0' in text
    assert all(f"# HELP {name}_total" in text for name, _, _ in COUNTERS.values())


def test_the_notes_of_a_second_are_added_up_in_the_background() -> None:
    metrics = Metrics()
    metrics.start()
    metrics.refused("x", 400)
    metrics.stop()
    assert 'cds_refused_total{code="x",status="400"} 1.0' in metrics.scrape()[0].decode()


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"operator:{password}".encode()).decode()


@pytest.mark.parametrize("path", ["/metrics", "/insights"])
def test_with_a_token_metrics_and_insights_are_for_operators(path: str, tmp_path: Path) -> None:
    service = assemble(settings(tmp_path, operations_token=TOKEN))
    client = service.app.test_client()
    for shown in (f"Bearer {TOKEN}", basic(TOKEN)):
        assert client.get(path, headers={"Authorization": shown}).status_code == 200
    for shown in (
        "",
        "Bearer ",
        "Bearer wrong",
        basic("wrong"),
        "Basic %%%",
        "Basic w7w=",
        f"Digest {TOKEN}",
    ):
        answer = client.get(path, headers={"Authorization": shown})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
        assert TOKEN not in answer.text
    service.stop()


@pytest.mark.parametrize("path", ["/metrics", "/insights"])
def test_without_a_token_they_are_closed_where_patients_depend_on_it(path: str) -> None:
    app = create_app(Endpoints(StandIn(), LIMIT), operations=Operations(is_closed=True))
    assert app.test_client().get(path).status_code == 404


@pytest.mark.parametrize("path", ["/metrics", "/insights", "/openapi.json"])
def test_what_was_not_given_is_not_there(path: str) -> None:
    assert client_of(StandIn()).get(path).status_code == 404


def test_the_description_has_every_route_and_no_other(client: Any) -> None:
    described = client.get("/openapi.json").get_json()
    routes = {
        (re.sub("<[^>]+>", "{id}", rule.rule), method.lower())
        for rule in client.application.url_map.iter_rules()
        if not rule.endpoint.startswith("pages.")  # for people, not for programs
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    written = {
        (path, method)
        for path, item in described["paths"].items()
        for method in item
        if method in ("get", "post")
    }
    assert written == routes
    assert "servers" not in described


def test_the_description_names_the_public_address(tmp_path: Path) -> None:
    service = assemble(settings(tmp_path, base_url="https://cds.example.org/"))
    described = service.app.test_client().get("/openapi.json").get_json()
    assert described["servers"] == [{"url": "https://cds.example.org"}]


def test_a_request_id_is_in_the_answer_and_on_every_line(log: io.StringIO) -> None:
    client = client_of(StandIn())
    answers = [client.post(PATH, json=patient_view()), client.post(PATH, data=b"x")]
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["request_id"] for line in lines] == [each.headers["X-Request-Id"] for each in answers]
    assert len({line["request_id"] for line in lines}) == 2


def test_the_trace_of_the_caller_is_carried_through(log: io.StringIO) -> None:
    seen: list[str | None] = []

    class Watching(StandIn):
        def __call__(self, question: Any) -> Any:
            seen.append(telemetry.CORRELATION.get().traceparent)
            return super().__call__(question)

    client_of(Watching()).post(PATH, json=patient_view(), headers={"traceparent": TRACE})
    assert json.loads(log.getvalue())["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert seen == [TRACE]


@pytest.mark.parametrize(
    "header",
    [
        "John Smith",
        TRACE + "-x",
        TRACE.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32),
        TRACE.upper(),
        f"ff{TRACE[2:]}",
    ],
)
def test_a_trace_that_is_none_is_not_repeated(header: str, log: io.StringIO) -> None:
    client_of(StandIn()).post(PATH, json=patient_view(), headers={"traceparent": header})
    assert "trace_id" not in json.loads(log.getvalue())


ORIGIN = "https://ehr.example.org"


def browser() -> Any:
    def refuse(*_arguments: object, **_more: object) -> Any:
        from cds_service.errors import Unauthorized

        raise Unauthorized("no-token")

    endpoints = Endpoints(StandIn(), LIMIT, authenticate=refuse)
    return create_app(endpoints, origins=(ORIGIN,)).test_client()


@pytest.mark.parametrize("path", ["/cds-services", PATH, f"{PATH}/feedback"])
def test_a_preflight_is_answered_before_any_token_is_asked_for(path: str) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = browser().options(path, headers=asked)
    assert answer.status_code in (200, 204)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert "authorization" in allowed
    assert "content-type" in allowed
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("path", "status"), [(PATH, 401), ("/cds-services/nothing", 404), (f"{PATH}/feedback", 401)]
)
def test_errors_can_be_read_by_an_allowed_origin_too(path: str, status: int) -> None:
    answer = browser().post(path, json={}, headers={"Origin": ORIGIN})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("origin", ["https://mallory.example", ORIGIN + ".mallory.example", "null"])
def test_a_foreign_origin_gets_no_permission(origin: str) -> None:
    answer = browser().options(PATH, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_other_pages_are_for_no_browser_of_another_origin() -> None:
    answer = browser().get("/readyz", headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in answer.headers
