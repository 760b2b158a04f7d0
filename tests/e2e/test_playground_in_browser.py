"""The playground in a real browser: every feature by clicking it, and markup in every field of a request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import yaml
from playwright.sync_api import expect

from cds_service.pages.playground.cases import choices
from tests.e2e.conftest import submit
from tests.service import AS_OF

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.conftest import Watched

# A request of our own kind, and one in the shapes of a real export.
FIXTURES = ("red-flag-crp", "hospital-export")
ATTACK = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>\"'`](javascript:alert(3))</textarea></svg>{{7*7}}"
)


@pytest.fixture
def page(watched: Callable[..., Watched]) -> Page:
    return watched().open("/playground")


def show(page: Page) -> None:
    submit(page, page.get_by_role("button", name="Show").first)


def choose(page: Page, case: str) -> None:
    page.get_by_label("Case").select_option(case)
    show(page)


def test_choose_a_case_and_read_the_card(page: Page) -> None:
    choose(page, "V5.1")
    card = page.get_by_role("article").first
    assert "Red flag: CRP 14 mg/L" in card.get_by_role("heading").inner_text()
    expect(card.get_by_text("critical")).to_be_visible()
    expect(card.locator(".detail strong").first, "markdown is drawn").to_be_visible()
    card.get_by_text("Would create this ServiceRequest").click()
    expect(card.get_by_text('"resourceType": "ServiceRequest"')).to_be_visible()
    assert page.locator(".expected").inner_text() == "As expected: R23."


def test_the_trace_names_resource_value_and_date(page: Page) -> None:
    choose(page, "V5.1")
    row = page.locator("table.inputs tr", has_text="Observation/observation-1")
    assert "14 mg/L" in row.inner_text()
    assert "2026-06-09" in row.inner_text()
    states = set(page.locator("table.rules .badge").all_inner_texts())
    assert {"met", "not met", "undetermined"} <= states
    expect(page.get_by_role("img", name="Episode as of 2026-06-15")).to_be_visible()


def test_a_possible_flag_is_called_possible(page: Page) -> None:
    choose(page, "V12.1")
    assert "possible" in page.locator("table.rules .badge").all_inner_texts()


def test_change_a_fact_and_take_it_back(page: Page) -> None:
    choose(page, "V1.1")
    page.get_by_label("New fact").select_option("lab:CRP")
    page.get_by_label("Value").fill("42 mg/L")
    page.get_by_label("Day", exact=True).fill("today")
    show(page)
    expect(page.get_by_text("Card R23 appeared.")).to_be_visible()
    page.get_by_label("lab: CRP").uncheck()
    show(page)
    assert page.get_by_role("heading", name="What changed").count() == 0
    expect(page.locator(".expected")).to_be_visible()


def test_onset_clock_and_broken_data(page: Page) -> None:
    choose(page, "V1.1")
    page.get_by_label("Onset of the pain").fill("60 days ago")
    show(page)
    expect(page.get_by_text("Card R34b appeared.")).to_be_visible()
    page.get_by_label("Onset of the pain").fill("")
    page.get_by_label("Clock (day of the call)").fill("in 60 days")
    show(page)
    expect(page.get_by_text("Card R34b appeared.")).to_be_visible()
    page.get_by_label("Break a prefetch key").select_option("conditions")
    page.get_by_label("It is").select_option("failed")
    show(page)
    expect(page.get_by_text("No card.")).to_be_visible()


def test_pick_an_order(page: Page) -> None:
    choose(page, "V1.1")
    page.get_by_label("Pick an order").select_option("order:MRI cervical spine without contrast")
    show(page)
    card = page.get_by_role("article").first
    assert "Cervical MRI at day 5" in card.get_by_role("heading").inner_text()
    expect(card.get_by_text("ServiceRequest/draft-1").first, "what it would delete").to_be_visible()
    page.get_by_label("sign it").check()
    show(page)
    page.get_by_text("Request as sent").click()
    assert '"hook": "order-sign"' in page.locator("#request").inner_text()


def test_leave_a_resource_out_of_the_trace(page: Page) -> None:
    choose(page, "V5.1")
    submit(page, page.get_by_role("button", name="Leave out Observation/observation-1"))
    expect(page.get_by_text("Card R23 went.")).to_be_visible()


def test_accept_and_dismiss_show_the_feedback(page: Page) -> None:
    choose(page, "V5.1")
    address = page.url
    page.get_by_role("button", name="Accept").first.click()
    page.get_by_text('"outcome": "accepted"').wait_for()
    page.get_by_role("button", name="Dismiss").click()
    page.get_by_text('"outcome": "overridden"').wait_for()
    assert page.url == address, "the case stays on the screen"


def test_feedback_works_without_script(watched: Callable[..., Watched]) -> None:
    page = watched(has_script=False).open("/playground?case=V5.1")
    submit(page, page.get_by_role("button", name="Accept").first)
    assert '"outcome": "accepted"' in page.locator(".feedback-body").inner_text()


def test_paste_a_request(page: Page) -> None:
    page.get_by_text("Paste a CDS Hooks request").click()
    page.get_by_label("JSON").fill(json.dumps(choices()["V5.1"].build(AS_OF)))
    submit(page, page.locator("#paste").get_by_role("button", name="Show"))
    expect(page.get_by_text("Red flag: CRP 14 mg/L").first).to_be_visible()
    assert page.url.endswith("/playground#result"), "nothing of it is in the address"
    page.get_by_label("Onset of the pain").fill("2026-04-01")
    submit(page, page.locator("#paste").get_by_role("button", name="Show").last)
    expect(page.locator("dd", has_text="75"), "the day of the episode").to_be_visible()
    expect(page.get_by_text("A pasted request has no permalink")).to_be_visible()


def test_permalink_copy_and_curl(page: Page) -> None:
    choose(page, "V5.1")
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Link copied.").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Copy as curl").click()
    page.get_by_text("Call copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl -s ")
    page.goto(link)
    assert page.locator(".expected").inner_text() == "As expected: R23."


def test_save_as_vignette(page: Page) -> None:
    choose(page, "V5.1")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save as vignette").click()
    content = yaml.safe_load(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert content["cases"][0]["cards"][0]["rule"] == "R23"


def test_the_raw_exchange(page: Page) -> None:
    choose(page, "V5.1")
    page.get_by_text("Request as sent").click()
    assert '"hook": "patient-view"' in page.locator("#request").inner_text()
    page.get_by_text("Response, HTTP 200").click()
    assert '"selectionBehavior"' in page.locator("#response").inner_text()


def test_the_link_of_a_card_leads_to_its_rule(page: Page) -> None:
    choose(page, "V5.1")
    page.get_by_role("article").first.get_by_role("link", name="R23 Red flag: MRI now").click()
    assert page.url.endswith("/pathway#R23")
    expect(page.locator("#R23")).to_be_visible()


# Elements whose text is shown or read as words, and does not decide what kind of thing a resource is.
WORDS = frozenset(
    {
        *("display", "text", "family", "given", "conclusion", "description", "div", "onsetString"),
        *("comment", "label", "title"),
    }
)


def attacked(value: Any, key: str = "") -> Any:
    """A request with markup in every text beside the codes, so that cards and trace show it."""
    if isinstance(value, dict):
        return {name: attacked(member, name) for name, member in value.items()}
    if isinstance(value, list):
        return [attacked(member, key) for member in value]
    return f"{value} {ATTACK}" if isinstance(value, str) and key in WORDS else value


def everywhere(value: Any) -> Any:
    """A request in which every single text is markup but those that make it a request at all."""
    if isinstance(value, dict):
        return {name: m if name in ("hook", "resourceType") else everywhere(m) for name, m in value.items()}
    if isinstance(value, list):
        return [everywhere(member) for member in value]
    return ATTACK if isinstance(value, str) else value


@pytest.mark.parametrize("change", [attacked, everywhere], ids=["beside the codes", "everywhere"])
@pytest.mark.parametrize("case", FIXTURES)
def test_markup_in_a_request_does_nothing(
    watched: Callable[..., Watched], case: str, change: Callable[[Any], Any]
) -> None:
    one = watched()
    page = one.open("/playground")
    request = change(choices()[case].build(AS_OF))
    page.get_by_text("Paste a CDS Hooks request").click()
    page.get_by_label("JSON").fill(json.dumps(request))
    submit(page, page.locator("#paste").get_by_role("button", name="Show"))
    page.locator("#result").wait_for()
    assert page.locator("main img, main script, main iframe, a[href^=javascript]").count() == 0
    assert "49" not in page.title()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.locator("footer").count() == 1
    assert "<img src=x" in str(page.locator("#request").text_content())


FIELDS = ("case", "clock", "onset", "data", "add", "remove", "order", "new", "new_value")


def test_markup_in_a_field_of_the_form_does_nothing(watched: Callable[..., Watched]) -> None:
    one = watched()
    for field in FIELDS:
        page = one.open("/playground?" + urlencode({"case": "V1.1", "new": "lab:CRP"} | {field: ATTACK}))
        assert page.locator("main img, main script, a[href^=javascript]").count() == 0
        assert page.locator("footer").count() == 1
