"""Chromium on a live server: signing in, collecting what the console says, axe, width, keyboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from folkmoot.kernel.accounts.models import User

# Playwright's synchronous interface keeps an event loop in the test's thread, where Django would refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = os.environ.get("FOLKMOOT_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
AXE = Path(settings.NODE_MODULES) / "axe-core" / "axe.min.js"
PHONE, DESK = 375, 1280
JOURNEYS = ("test_journeys_", "test_amy.py", "test_unconference.py")
#: Sum of the unexpected movements on a page; Chromium calls up to 0.1 good, we ask for hardly any.
MOST_SHIFT = 0.01

SHIFT = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 100);
})"""
PAINTED_AS = "() => document.documentElement.dataset.bsTheme"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives Chromium, against the clock of a machine that does other things too: what fails
    is tried twice more, and the run's summary counts it as run again. What is wrong fails three times.

    How a page looks and takes keys is the same on either database, and is seen once, with SQLite. The journeys write
    from end to end: they run on both.
    """
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=2))
            if not item.path.name.startswith(JOURNEYS):
                item.add_marker(pytest.mark.sqlite)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(
            "no Chromium: install it (on Debian: apt install chromium) or name it in FOLKMOOT_CHROMIUM"
        )
    if not AXE.exists():
        pytest.skip("no node_modules/axe-core: run scripts/setup.sh dev")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield browser
        browser.close()


class Visit:
    """One person at one window."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))

    def go(self, address: str) -> Page:
        """Open an address and wait until nothing more is fetched."""
        self.page.goto(f"{self.base}{address}")
        self.page.wait_for_load_state("networkidle")
        return self.page

    def check(self) -> None:
        """What holds on every page: axe finds nothing, nothing runs over, nothing jumps, the console is silent."""
        assert self.page.evaluate(SHIFT) <= MOST_SHIFT
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("() => axe.run()")
        problems = [
            f"{finding['id']} ({finding['help']}): {node['html'][:200]}"
            for finding in found["violations"]
            for node in finding["nodes"]
        ]
        assert problems == []
        width = self.page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], f"{self.page.url} is {width[0]} px wide in a window of {width[1]} px"
        assert self.said == []

    def focused(self) -> str:
        """What has the focus, as a person would name it."""
        return str(
            self.page.evaluate(
                "() => { const e = document.activeElement;"
                " const name = e.getAttribute('aria-label') || e.name || e.textContent || e.id;"
                " return name.trim().replace(/\\s+/g, ' '); }"
            )
        )


@pytest.fixture
def visit(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Visit]]:
    """A window for a user (or nobody): ``visit(user, width=375, scheme="dark")``."""
    contexts = []

    def open_window(user: User | None = None, *, width: int = DESK, scheme: Any = "light") -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            locale="en-GB",
            reduced_motion="reduce",
        )
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
            )
        return Visit(context.new_page(), live_server.url)

    yield open_window
    for context in contexts:
        context.close()
