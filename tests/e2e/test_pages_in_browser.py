"""Start page and pathway in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SIZES, submit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Watched

PAGES = {
    "start": "/",
    # The search leaves few rules and everything around them: the rules look all the same.
    "pathway": "/pathway?q=R23",
    "codes": "/pathway/codes/red-flag/fever",
    "insights": "/insights",
    "playground, empty": "/playground",
    "playground, red flag": "/playground?case=V5.1",
    "playground, changed": "/playground?case=V22.1&new=lab:CRP&new_value=42+mg/L&data=goals:failed",
    "playground, refused": "/playground?case=V5.1&data=patient:not+sent",
}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_accessibility_rules_hold(watched: Callable[..., Watched], path: str) -> None:
    one = watched(color_scheme="light")
    one.open(path)
    assert one.axe() == []


@pytest.mark.parametrize("page", ["start", "pathway", "insights", "playground, changed"])
def test_contrast_holds_in_the_dark(watched: Callable[..., Watched], page: str) -> None:
    one = watched(color_scheme="dark")
    one.open(PAGES[page])
    assert one.axe("color-contrast") == []


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_no_page_is_wider_than_the_screen(watched: Callable[..., Watched], path: str) -> None:
    page = watched().open(path)
    # The last is what a browser's zoom of 200 % does to the layout: half as many pixels across.
    for width, height in (*SIZES.values(), (640, 400)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_reaches_the_content_first(watched: Callable[..., Watched]) -> None:
    page = watched().open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_who_wants_no_motion_gets_none(watched: Callable[..., Watched]) -> None:
    behavior = "getComputedStyle(document.documentElement).scrollBehavior"
    assert watched(reduced_motion="reduce").open("/pathway").evaluate(behavior) == "auto"
    assert watched(reduced_motion="no-preference").open("/pathway").evaluate(behavior) == "smooth"


def test_the_way_from_the_start_to_a_rule_and_its_codes(watched: Callable[..., Watched]) -> None:
    page = watched().open("/")
    page.get_by_role("link", name="Read the pathway").click()
    page.get_by_role("link", name="R26 Possible: Possible red flag").click()
    assert page.url.endswith("/pathway#R26")
    page.locator("#R5").get_by_role("link", name="Fever", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text() == "Fever"
    expect(page.get_by_text("386661006")).to_be_visible()


def test_the_search_answers_while_one_types(watched: Callable[..., Watched]) -> None:
    page = watched().open("/pathway")
    page.get_by_label("Search rules").press_sequentially("ibuprofen milk", delay=5)
    page.get_by_text("rules hold").wait_for()
    expect(page.locator("#R28")).to_be_visible()
    expect(page.locator("#R31")).to_have_count(0)
    assert page.get_by_label("Search rules").evaluate("e => e === document.activeElement")


def test_the_search_works_without_script(watched: Callable[..., Watched]) -> None:
    page = watched(has_script=False).open("/pathway")
    page.get_by_label("Search rules").fill("M54.2")
    submit(page, page.get_by_role("button", name="Search"))
    expect(page.locator("#R1")).to_be_visible()
    expect(page.locator("#R31")).to_have_count(0)


def test_the_pathway_prints_whole(watched: Callable[..., Watched]) -> None:
    one = watched()
    page = one.open("/pathway")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).not_to_be_visible()
    expect(page.get_by_label("Search rules")).not_to_be_visible()
    expect(page.locator("#R23")).to_be_visible()
    assert len(page.pdf()) > 50_000


def test_the_pathway_loads_within_its_weight(watched: Callable[..., Watched]) -> None:
    page = watched().open("/")
    loaded = page.evaluate("performance.getEntries().reduce((sum, e) => sum + (e.decodedBodySize || 0), 0)")
    assert 0 < loaded < 150_000
