"""The pages beside the rest: headers, browser clients of other origins, feedback, verified callers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from cds_service.config import read_settings
from cds_service.pages.headers import POLICY
from cds_service.records.tables import METADATA
from cds_service.wsgi import assemble
from tests.contract.signing import BASE, write_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cds_service.wsgi import Service

ORIGIN = "https://ehr.example.org"
CARD = "7f0b5b5e-0f0e-4c55-9a3e-4a1d9c1b2e10"
PAGES = ("/", "/pathway", "/playground", "/pages/static/style.css", "/pathway/codes/nothing-of-ours")


def service(folder: Path, **more: str) -> Service:
    found = assemble(
        read_settings(
            {"CDS_DATABASE_URL": f"sqlite:///{folder / 'cds.sqlite3'}", "CDS_CORS_ORIGINS": ORIGIN} | more
        )
    )
    found.start()
    return found


@pytest.fixture(scope="module")
def open_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    found = service(tmp_path_factory.mktemp("pages"))
    yield found
    found.stop()


@pytest.mark.parametrize("path", PAGES)
def test_pages_keep_their_policy_and_are_for_no_other_origin(open_service: Service, path: str) -> None:
    answer = open_service.app.test_client().get(path, headers={"Origin": ORIGIN}, buffered=True)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert len(answer.headers.getlist("Content-Security-Policy")) == 1


def test_the_hooks_answer_the_allowed_origin_and_load_nothing(open_service: Service) -> None:
    answer = open_service.app.test_client().get("/cds-services", headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("path", ["/metrics", "/insights"])
def test_what_is_for_operators_is_for_no_other_origin(open_service: Service, path: str) -> None:
    answer = open_service.app.test_client().get(path, headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


def dismissed(found: Service) -> Any:
    form = {"service": "neck-pain-patient-view", "card": CARD}
    return found.app.test_client().post("/playground/feedback", data=form)


def test_feedback_of_the_playground_is_kept_as_any(open_service: Service) -> None:
    assert "200 OK" in dismissed(open_service).text
    (table,) = [each for each in METADATA.sorted_tables if each.name == "feedback"]
    with open_service.recorder.store().engine.connect() as connection:
        assert [row.card_uuid for row in connection.execute(select(table))] == [CARD]


def test_where_callers_are_verified_the_playground_is_none_of_them(tmp_path: Path) -> None:
    registry = {"CDS_CLIENTS": str(write_registry(tmp_path)), "CDS_BASE_URL": BASE}
    found = service(tmp_path, **registry)
    assert "401" in dismissed(found).text
    found.stop()
