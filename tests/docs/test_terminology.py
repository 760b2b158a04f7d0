"""The terminology page: its examples work, its list is fresh."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds_service.app import create_app
from cds_service.config import Settings, read_settings
from cds_service.errors import TerminologyError
from cds_service.explain.text import explain_text
from cds_service.hooks.endpoints import Endpoints
from cds_service.terminology import TextDomain, load_terminology
from cds_service.terminology.systems import ICD10CM
from cds_service.wsgi import advisor, load_knowledge
from tests.docs.markdown import blocks, code, page, section, table
from tests.service import SERVICE, topics
from tools.value_set_list import page_with_list

TEXT = page("terminology.md")
EXAMPLE = section(TEXT, "## A worked example")
FILES = dict(re.findall(r"^`([\w-]+\.json)`\n\n```json\n(.*?)^```$", EXAMPLE, re.MULTILINE | re.DOTALL))
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The directory of the worked example."""
    folder = tmp_path / "valuesets"
    folder.mkdir()
    for name, content in FILES.items():
        (tmp_path if name == "request.json" else folder).joinpath(name).write_text(content)
    return folder


def answer(settings: Settings) -> dict[str, Any]:
    """What a service with these settings says to the example's request."""
    knowledge = load_knowledge(settings)
    app = create_app(Endpoints(advisor(knowledge, settings), settings.max_body_bytes))
    called = app.test_client().post(SERVICE, data=FILES["request.json"], content_type="application/json")
    assert called.status_code == 200
    body: dict[str, Any] = json.loads(called.get_data())
    return body


def test_the_worked_example(site: Path) -> None:
    assert len(FILES) == 3
    assert answer(Settings(as_of=NOON))["cards"] == []
    body = answer(Settings(as_of=NOON, valuesets_dir=site))
    assert topics(body) == ["R23"]


def test_what_the_example_prints(site: Path) -> None:
    (shown,) = blocks(EXAMPLE, "")
    settings = Settings(as_of=NOON, valuesets_dir=site)
    printed = list(explain_text(site.parent / "request.json", settings))
    for line in shown.splitlines()[1:]:
        assert line == "..." or line in printed


def test_the_alias_of_the_page() -> None:
    (line,) = (line for block in blocks(TEXT, "") for line in block.splitlines() if "ALIASES=" in line)
    name, _, value = line.partition("=")
    settings = read_settings({name: value})
    terminology = load_terminology(None, settings.aliases)
    (alias,) = settings.aliases
    assert terminology.codings(alias, "M542") == terminology.codings(ICD10CM, "M54.2")


def test_the_message_of_the_page(tmp_path: Path) -> None:
    (shown,) = (block for block in blocks(TEXT, "") if block.startswith("cds-service cannot start: "))
    content = {"resourceType": "ValueSet", "url": "https://hospital.example/vs"}
    (tmp_path / "ours.json").write_text(json.dumps(content, indent=1))
    with pytest.raises(TerminologyError) as caught:
        load_terminology(tmp_path)
    assert shown == f"cds-service cannot start: {caught.value}\n"


@pytest.mark.parametrize("row", table(TEXT, "Text"), ids=lambda row: row[0])
def test_what_texts_name(row: list[str]) -> None:
    text, domain, names = row
    assert load_terminology().text(text, TextDomain(domain)) == frozenset(code(names))


def test_every_word_of_denial_denies() -> None:
    (listed,) = re.findall(r"one of the words (.*?), with", " ".join(TEXT.split()))
    for word in listed.split(", "):
        assert load_terminology().text(f"neck pain {word}", TextDomain.CLINICAL) == frozenset()


def test_the_list_of_value_sets_is_fresh() -> None:
    assert page_with_list(TEXT) == TEXT, "run: python -m tools.value_set_list"
