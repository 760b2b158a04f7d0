"""Chromium before the real service: found, else installed, else the tests are skipped saying why."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Error, sync_playwright

from cds_service.config import Settings
from cds_service.reception import Reception
from cds_service.server import make_server
from cds_service.wsgi import assemble
from tests.pages import NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Request

AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
# The three sizes a page is looked at: a phone, a laptop, a screen on the wall.
SIZES = {"phone": (360, 740), "laptop": (1280, 800), "wall": (2560, 1440)}
INSTALL_SECONDS = 180
# The first is a third faster, and there is nothing of it to see.
PACKAGES = ("chromium-headless-shell", "chromium")
INSTALL = ("install", "-q", "-y", "--no-install-recommends")
# Chromium refuses its sandbox to root, which is who runs the tests in continuous integration. What nobody
# sees needs no graphics process, and pages opened one after the other need one renderer.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-software-rasterizer", "--renderer-process-limit=1")


@cache
def chromium() -> str | None:
    """Path of Chromium; installs Debian's package where that can be done."""
    if (found := _found()) or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    # Tests run in several processes, and apt-get serves one at a time: the others wait for what it brings.
    with (Path(tempfile.gettempdir()) / "cds-tests-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _found() or _install()


def _install() -> str | None:
    for command in (["update", "-q"], *([*INSTALL, package] for package in PACKAGES)):
        try:
            subprocess.run(["apt-get", *command], capture_output=True, check=False, timeout=INSTALL_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        if found := _found():
            return found
    return None


def _found() -> str | None:
    names = (*PACKAGES, "chromium-browser")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of the service, on a fixed day, with a store of its own."""
    folder = tmp_path_factory.mktemp("store")
    settings = Settings(as_of=NOON, database_url=f"sqlite:///{folder / 'store.sqlite3'}")
    service = assemble(settings)
    service.start()
    server = make_server(service.app, "127.0.0.1", 0, Reception(settings.max_body_bytes))
    thread = Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.stop()
    thread.join(timeout=20)
    service.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("there is no Chromium here, and Debian's package cannot be installed")
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        except Error as error:
            pytest.skip(f"Chromium does not start here: {str(error).splitlines()[0]}")
        yield started
        started.close()


@pytest.fixture(scope="session")
def shared(browser: Browser) -> Iterator[BrowserContext]:
    """One context for all pages with script: our pages keep nothing in it, which is checked at the end."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context
    kept = context.storage_state()
    context.close()
    assert kept == {"cookies": [], "origins": []}


@dataclass
class Watched:
    """A page, and everything on it that must not happen."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go there."""
        self.page.goto(self.base + path)
        return self.page

    def watch(self) -> None:
        """Collect console errors, script errors, dialogs, and requests to another host."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._fault(f"script: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)

    def _fault(self, words: str) -> None:
        self.faults.append(words)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._fault(message.text)

    def _request(self, request: Request) -> None:
        if not request.url.startswith(self.base):
            self._fault(f"asked for {request.url}")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def axe(self, *rules: str) -> list[str]:
        """Violations of the accessibility rules (of these alone, if any), each with its first element."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = {"type": "rule", "values": list(rules)}
        found: dict[str, Any] = self.page.evaluate("options => axe.run(document, options)", options)
        return [_violation(violation) for violation in found["violations"]]


def _violation(violation: dict[str, Any]) -> str:
    first = violation["nodes"][0]
    return f"{violation['id']}: {first['html'][:150]} {first['failureSummary']}"


@pytest.fixture
def watched(browser: Browser, shared: BrowserContext, address: str) -> Iterator[Callable[..., Watched]]:
    """Opens watched pages; whatever must not happen fails the test at its end."""
    opened: list[Watched] = []

    def make(size: str = "laptop", *, has_script: bool = True, **media: Any) -> Watched:
        width, height = SIZES[size]
        page = shared.new_page() if has_script else browser.new_page(java_script_enabled=False)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(**{"color_scheme": "light", "reduced_motion": "no-preference"} | media)
        new = Watched(page, address)
        new.watch()
        opened.append(new)
        return new

    yield make
    for one in opened:
        one.page.close()
    assert [fault for one in opened for fault in one.faults] == []


def submit(page: Page, button: Locator) -> None:
    """Press a button that loads another page, and wait until that is the page one looks at."""
    with page.expect_navigation():
        button.click()
