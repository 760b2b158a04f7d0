"""A marker in every place a client can write to: it is in no log, metric, page, header, error or store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from cds_service.config import Settings
from cds_service.records.tables import METADATA
from cds_service.wsgi import assemble
from tests.contract.signing import BASE, claims, token, write_registry
from tests.contract.support import PATH
from tests.contract.test_privacy import MARK, marked_request

if TYPE_CHECKING:
    import io
    from pathlib import Path

    from cds_service.wsgi import Service

HEADERS = {
    "X-Request-Id": MARK,
    "User-Agent": MARK,
    "Referer": f"https://{MARK}.example/",
    "Origin": f"https://{MARK}.example",
    "traceparent": MARK,
    "X-Forwarded-For": MARK,
    "Cookie": f"a={MARK}",
}
FEEDBACK = {
    "feedback": [
        {
            "card": f"{MARK}-card",
            "outcome": "overridden",
            "overrideReason": {
                "reason": {"code": MARK, "system": MARK, "display": MARK},
                "userComment": MARK,
                MARK: MARK,
            },
            "outcomeTimestamp": "2026-05-04T12:00:00Z",
            MARK: MARK,
        },
        {"card": MARK, "outcome": MARK, "outcomeTimestamp": MARK},
    ],
    MARK: MARK,
}


def service(folder: Path, **more: Any) -> Service:
    url = f"sqlite:///{folder / 'cds.sqlite3'}"
    found = assemble(Settings(database_url=url, cors_origins="https://ehr.example.org", **more))
    found.start()
    return found


def everything_shown(found: Service, log: io.StringIO) -> str:
    client = found.app.test_client()
    pages = [client.get(path).get_data(as_text=True) for path in ("/metrics", "/insights", "/readyz")]
    assert found.recorder.flush()
    with found.recorder.store().engine.connect() as connection:
        kept = [str(connection.execute(select(table)).all()) for table in METADATA.sorted_tables]
    return "\n".join([*pages, *kept, log.getvalue()])


def neck_pain() -> dict[str, Any]:
    """A chart that gets a card, so that something is kept of it."""
    request = marked_request(hookInstance=MARK)
    condition = {
        "resourceType": "Condition",
        "id": f"{MARK}-c",
        "code": {
            "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.2", "display": MARK}],
            "text": MARK,
        },
        "subject": {"reference": f"Patient/{MARK}-p", "display": MARK},
        "recordedDate": "2026-05-01",
        "note": [{"text": MARK}],
    }
    unknown = condition | {
        "id": f"{MARK}-u",
        "code": {"coding": [{"system": f"urn:{MARK}", "code": MARK, "display": MARK}]},
    }
    patient = {
        "resourceType": "Patient",
        "id": f"{MARK}-p",
        "birthDate": "1976-02-01",
        "name": [{"text": MARK}],
    }
    request["prefetch"] |= {
        "patient": patient,
        "conditions": {
            "resourceType": "Bundle",
            "entry": [{"resource": condition}, {"resource": unknown}],
        },
    }
    return request


def test_the_marker_is_nowhere_in_development(tmp_path: Path, log: io.StringIO) -> None:
    found = service(tmp_path)
    client = found.app.test_client()
    requests: list[tuple[str, dict[str, Any]]] = [
        (PATH, {"json": neck_pain()}),
        (PATH, {"json": marked_request()}),
        (PATH, {"data": MARK.encode(), "content_type": "application/json"}),
        (PATH, {"data": MARK.encode(), "content_type": f"text/{MARK}"}),
        (f"{PATH}/feedback", {"json": FEEDBACK}),
        (f"{PATH}/feedback", {"json": {"feedback": MARK}}),
        (f"/cds-services/{MARK}", {"json": {}}),
        (f"/cds-services/{MARK}/feedback", {"json": {}}),
        (f"/{MARK}", {"json": {}}),
    ]
    statuses = []
    for path, how in requests:
        answer = client.post(f"{path}?{MARK}={MARK}", headers=HEADERS, **how)
        statuses.append(answer.status_code)
        assert MARK not in str(answer.headers)
        if answer.status_code != 200:
            assert MARK not in answer.text
    assert statuses == [200, 200, 400, 415, 200, 400, 404, 404, 404]
    shown = everything_shown(found, log)
    assert "advice_given" in shown
    assert "feedback_kept" in shown
    assert 'cds_unmapped_codes_total{system="other"} 1.0' in shown
    assert 'cds_fhir_calls_total{outcome="not-listed",server=""}' in shown
    assert MARK not in shown
    found.stop()


def test_the_marker_of_a_token_is_nowhere(tmp_path: Path, log: io.StringIO) -> None:
    found = service(tmp_path, clients=write_registry(tmp_path), base_url=BASE)
    client = found.app.test_client()
    tokens = [
        token(claims(jti=MARK, sub=MARK, **{MARK: MARK})),
        token(claims(jti=MARK)),
        token(claims(iss=MARK)),
        token(claims(aud=MARK)),
        token(claims(tenant=MARK), headers={"kid": MARK}),
        token(headers={"jku": f"https://{MARK}.example/"}),
        MARK,
    ]
    answers = [
        client.post(PATH, json=neck_pain(), headers=HEADERS | {"Authorization": f"Bearer {each}"})
        for each in tokens
    ]
    assert [answer.status_code for answer in answers] == [200, *[401] * 6]
    assert all(MARK not in str(answer.headers) for answer in answers)
    shown = everything_shown(found, log)
    assert "example-ehr" in shown
    assert MARK not in shown
    assert not any(each in shown for each in tokens)
    found.stop()


def test_the_marker_is_nowhere_when_the_service_fails(tmp_path: Path, log: io.StringIO) -> None:
    found = service(tmp_path)
    with found.recorder.store().engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE feedback")
        connection.exec_driver_sql("DROP TABLE shown_card")
    client = found.app.test_client()
    assert client.post(f"{PATH}/feedback", json=FEEDBACK).status_code == 503
    assert client.post(PATH, json=neck_pain()).status_code == 200
    assert not found.recorder.flush()
    assert "store_failed" in log.getvalue()
    assert MARK not in log.getvalue()
    found.stop()
