"""`segment serve` in a process of its own, and a real Chromium that looks at it."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.error import URLError

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from segment.store.web_sessions import start_session
from segment.store.web_users import WebUser
from segment.web.access_pages import invite
from segment.web.passwords import key_of
from segment.workspace import Workspace

# Chromium asks its makers' servers for one thing and another; none of it is wanted, and tests reach nobody
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none",
)  # fmt: skip
DESKTOP, PHONE = (1280, 800), (360, 740)
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_CHECK = """async () => (await axe.run(document, {resultTypes: ["violations"], preload: false})).violations
  .filter(rule => ["serious", "critical"].includes(rule.impact))
  .map(rule => rule.id + ": " + rule.nodes.slice(0, 3).map(node => node.html + node.failureSummary).join(" | "))"""


def find_chromium() -> str:
    """A browser that lies on the machine: a test that looked at nothing must not pass."""
    found = [path for name in ("chromium", "google-chrome") if (path := shutil.which(name))]
    assert found, "Chromium is missing, and every page is looked at in it. Hint: apt-get install chromium"
    return found[0]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def serving(workspace: Workspace, policy: Path) -> Iterator[str]:
    """Serve a workspace on a free port; yield the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = workspace.root.parent / "serve.log"
    command = [str(Path(sys.executable).parent / "segment"), "serve", "--port", str(port), "--policy", str(policy)]
    environment = {**os.environ, "SEGMENT_WORKSPACE": str(workspace.root)}
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment, start_new_session=True)
        try:
            _wait(f"http://127.0.0.1:{port}/sign-in", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, 15)
            process.wait(30)
    assert "Traceback" not in log.read_text(), log.read_text()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@dataclass
class Reader:
    """Somebody's window; what the browser complains of is kept."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, said: ConsoleMessage) -> None:
        # an answer of 4xx that a test asks for is named by the browser, too
        if said.type in ("error", "warning") and "the server responded with a status of 4" not in said.text:
            self.complaints.append(said.text)

    def wear(self, width: tuple[int, int], scheme: Any) -> None:
        self.page.set_viewport_size({"width": width[0], "height": width[1]})
        self.page.emulate_media(color_scheme=scheme)

    def too_wide(self) -> int:
        """By how many pixels the page must be scrolled sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def findings(self) -> list[str]:
        """What axe-core calls serious or critical."""
        self.page.evaluate(AXE)
        return list(self.page.evaluate(_CHECK))


def window(browser: Browser, origin: str, cookies: dict[str, str], language: str, *, script: bool = True) -> Reader:
    # what fades is looked at when it has faded
    context = browser.new_context(
        locale=language, java_script_enabled=script, base_url=origin, reduced_motion="reduce", accept_downloads=True
    )
    context.set_default_timeout(30_000)
    context.add_cookies([{"name": name, "value": value, "url": origin} for name, value in cookies.items()])
    return Reader(context.new_page())


def session_of(workspace: Workspace, user: WebUser) -> str:
    """Give somebody access, and open a session without a password; the cookie."""
    invite(workspace, user, by="test")
    cookie = secrets.token_urlsafe(32)
    start_session(workspace, key_of(cookie), user.name, secrets.token_urlsafe(32), "")
    return cookie
