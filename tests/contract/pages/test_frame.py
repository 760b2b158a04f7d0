"""What holds for every page: headers, nothing inline, nothing from elsewhere, and what is switched off."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests.pages import Read, pages_client
from tests.service import knowledge

PAGES = ("/", "/pathway", "/pathway/codes/red-flag/fever", "/playground", "/playground?case=V22.1")
FIRST_PAGE_LIMIT_BYTES = 150_000
LOADED = ("script", "link", "img", "iframe", "object", "embed", "form", "button")


@pytest.mark.parametrize("path", PAGES)
def test_headers_let_the_page_do_nothing_but_show(path: str) -> None:
    answer = pages_client().get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_inline_and_nothing_comes_from_another_host(path: str) -> None:
    page = Read(pages_client().get(path).text)
    assert page.inline == []
    assert page.handlers == []
    assert [a for tag, a in page.addresses if tag in LOADED and not a.startswith("/")] == []


@pytest.mark.parametrize("path", PAGES)
def test_ids_are_unique_and_every_address_of_ours_is_there(path: str) -> None:
    client = pages_client()
    page = Read(client.get(path).text)
    assert len(page.ids) == len(set(page.ids))
    ours = {address for _, address in page.addresses if address.startswith("/")}
    answered = {address: client.get(address, buffered=True).status_code for address in ours}
    assert {address: status for address, status in answered.items() if status not in (200, 405)} == {}


def test_the_start_page_with_all_it_loads_is_light() -> None:
    client = pages_client()
    answer = client.get("/")
    loaded = [a for tag, a in Read(answer.text).addresses if tag in ("script", "link", "img")]
    assert (
        len(answer.data) + sum(len(client.get(a, buffered=True).data) for a in loaded)
        < FIRST_PAGE_LIMIT_BYTES
    )


def test_the_start_page_says_what_runs_here() -> None:
    text = Read(pages_client().get("/").text).text
    assert knowledge().guideline.version in text
    assert "not yet reviewed by a clinician" in text
    for service in pages_client().get("/cds-services").get_json()["services"]:
        assert service["id"] in text
        for key, query in service["prefetch"].items():
            assert f"{key} {query}" in text


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"env": "production"}, 404),
        ({"env": "production", "playground": True}, 200),
        ({"playground": False}, 404),
    ],
    ids=["development", "production", "production, asked for", "switched off"],
)
def test_the_playground_is_off_in_production_unless_asked_for(changes: dict[str, Any], status: int) -> None:
    client = pages_client(**changes)
    assert client.get("/playground").status_code == status
    assert ("/playground" in client.get("/").text) == (status == 200)
    assert client.post("/playground/feedback").status_code in ((404,) if status == 404 else (200, 400))


def test_starting_the_service_makes_no_page() -> None:
    heavy = "{'markdown_it', 'nh3', 'cds_service.vignettes', 'cds_service.pages.templating', 'yaml'}"
    code = (
        "import sys; from cds_service.config import Settings; from cds_service.wsgi import application\n"
        "application(Settings()).test_client().get('/cds-services')\n"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['yaml']", "only the guideline data is read at the start"
