"""Whether there is a browser here at all, and pages in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.examples import EXAMPLES
from tests.conftest import ROOT
from tests.needing import need

REQUIRE = "RANCHER_PORTS_REQUIRE_BROWSER"
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

Open = Callable[..., AbstractContextManager[Page]]


def program() -> str | None:
    """The browser that the system has, if any."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def missing() -> str | None:
    """What these tests need and do not have here, if anything."""
    if program() is None:
        return f"a browser, one of {', '.join(PROGRAMS)}"
    return None if AXE.exists() else "axe-core, which npm ci installs"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser, or the test is skipped."""
    need(missing(), "looking at the page", REQUIRE)
    with sync_playwright() as playwright:
        # A container's root has no sandbox; whatever is shown is ours.
        started = playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages by name, as files."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, made in EXAMPLES.items():
        found[name] = folder / f"{name.replace(' ', '-')}.html"
        found[name].write_text(made(), "utf-8")
    return found


@pytest.fixture
def opened(browser: Browser, files: dict[str, Path]) -> Open:
    """Opens a page by its name; it must say nothing on the console and ask nobody for anything, in the end."""

    @contextmanager
    def open_(name: str, fragment: str = "", **context: Any) -> Iterator[Page]:
        how = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **context}
        tab = browser.new_context(**how)
        said: list[str] = []
        asked: list[str] = []
        page = tab.new_page()
        page.set_default_timeout(5_000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        address = files[name].as_uri() + fragment
        page.goto(address)
        yield page
        assert said == []
        assert [url for url in asked if url.partition("#")[0] != files[name].as_uri() and url != "data:,"] == []
        tab.close()

    return open_
