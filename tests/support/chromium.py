"""The machine's Chromium, driven by Playwright: without network use of its own, and without a sandbox as root."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Playwright, Route

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str:
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    raise FileNotFoundError("Chromium is needed. Run scripts/test-tools.sh, or once: sudo apt-get install -y chromium")


def launch(playwright: Playwright) -> Browser:
    flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(_FLAGS)
    return playwright.chromium.launch(executable_path=find_chromium(), args=flags)


@contextmanager
def offline_page(browser: Browser) -> Iterator[Page]:
    """A page that reaches only this machine. Fails at the end if it requested another or logged an error."""
    faults: list[str] = []

    def allow_loopback(route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost"):
            route.continue_()
        else:
            faults.append(f"requested {route.request.url}")
            route.abort()

    context = browser.new_context()
    context.route("**/*", allow_loopback)
    page = context.new_page()
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert not faults, f"errors of the page: {faults}"
