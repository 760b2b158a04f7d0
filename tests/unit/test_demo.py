from __future__ import annotations

import json
import shlex
from datetime import date
from pathlib import Path

import pytest

from cds_service import demo

URL = "http://127.0.0.1:8080"
FIXTURE = Path("fixtures/hook_requests/red-flag-crp.json").resolve()
TODAY = date(2026, 5, 4)


def test_without_a_demo_request_only_the_address_is_said() -> None:
    line, pages = demo.greeting(URL, None, TODAY)
    assert f"listening on {URL}" in line
    assert pages == f"Pages to look at: {URL}/"


def test_one_curl_line_posts_a_request_dated_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (curl,) = [line for line in demo.greeting(URL, FIXTURE, TODAY) if line.startswith("curl ")]
    words = shlex.split(curl)
    assert words[2] == f"{URL}/cds-services/neck-pain-patient-view"
    assert words[words.index("-H") + 1] == "Content-Type: application/json"
    sent = Path(words[words.index("-d") + 1].removeprefix("@"))
    assert sent.is_absolute()
    request = json.loads(sent.read_text())
    assert request["hook"] == "patient-view"
    assert "{{" not in sent.read_text()
    assert "2026-05" in sent.read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"\xff\xfe", "not a text in UTF-8", id="no text"),
        pytest.param(b'{"date": "{{today+999999999999}}"}', "is no day", id="a day beyond all days"),
        pytest.param(b'{"date": "{{years-9999}}"}', "is no day", id="a birth before all days"),
    ],
)
def test_a_demo_that_is_none_is_a_sentence(
    content: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo.json").write_bytes(content)
    with pytest.raises(demo.NotADemo, match=f"^demo.json: .*{said}"):
        list(demo.greeting(URL, tmp_path / "demo.json", TODAY))
