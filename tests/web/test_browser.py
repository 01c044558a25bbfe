"""Every page in real Chromium, as each role that may see it: axe, console, width, keyboard, print, script off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser, Error, Page

from segment.jobs.lists.approve_list import approve_list
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.publish.build_serving_copy import build_serving_copy
from segment.jobs.publish.list_runs import list_runs
from segment.jobs.reviews.propose import propose
from segment.jobs.reviews.review_evidence import list_reviews
from segment.login import acting_as
from segment.store.web_users import WebUser
from segment.web.access_pages import invite
from segment.web.application import PAGES
from segment.web.rights import OF_A_BRANCH, ROLES, Right, may
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL, Bank
from tests.web.chromium import DESKTOP, PHONE, Reader, chromium, serving, session_of, window
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.slow
SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
LANGUAGES = ("en", "zh")
STRANGER = "stranger"
DOWNLOADS = ("/export/customers.csv", "/model/card")
GO_ON = ("/", "/language", "/find")
"""Routes that show nothing of their own: they lead to another page."""
MORE = (
    "/nothing-is-here",
    "/week?said=x",
    "/customers?tier=high_value&least_contribution_12m=1e12",
    "/find?id=nobody",
)
"""Pages that no route leads to by itself: not found, undo, nothing found, not allowed."""


@dataclass(frozen=True)
class Served:
    """A bank that is served, with somebody of every role."""

    workspace: Workspace
    origin: str
    users: dict[str, WebUser]
    cookies: dict[str, str]
    listed: pl.DataFrame

    def filled(self, path: str) -> str:
        """A route's address, with what its places ask for."""
        own = self.listed.filter(pl.col("branch_id") == "B001").row(0, named=True)
        given = {name: str(own[name]) for name in ("customer_id", "list_id")} | {
            "branch": "B001", "code": invite(self.workspace, WebUser("somebody new", "analyst"), by="test"),
            "review_id": list_reviews(self.workspace, branch="B001")["review_id"][0],
            "run_id": list_runs(self.workspace)[0].run_id, "work": "nothing",
        }  # fmt: skip
        return path.format(**given)

    def addresses(self, role: str) -> dict[str, str]:
        """Every page that a role may see, out of the application's own table: its route, and where it is."""
        user = self.users.get(role)
        found = [route.path for route in PAGES if route.method == "GET" and may(user, route.right)]
        own = [path for path in found if path not in (*DOWNLOADS, *GO_ON)]
        return {path: self.filled(path) for path in [*own, *(MORE if user else ())]}

    def reader(self, browser: Browser, role: str, language: str, *, script: bool = True) -> Reader:
        cookies = {"segment_language": language} | ({"segment_session": self.cookies[role]} if role in ROLES else {})
        return window(browser, self.origin, cookies, language, script=script)


@pytest.fixture(scope="module")
def served(module_bank: Bank) -> Iterator[Served]:
    workspace = module_bank.workspace
    build_serving_copy(workspace)
    users = {role: WebUser(f"{role} one", role, ("B001",) if role in OF_A_BRANCH else ()) for role in ROLES}
    cookies = {role: session_of(workspace, user) for role, user in users.items()}
    with acting_as("marketing one"):
        made = upgrade_list(AS_OF, workspace, module_bank.policy)
        propose(None, AS_OF, workspace, module_bank.policy, branch="B001")
    with acting_as("branch_manager one"):
        approve_list(workspace, made.list_id, "B001")
    with serving(workspace, RETAIL) as origin:
        yield Served(workspace, origin, users, cookies, made.to_contact)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def keep(page: Page, *names: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / (re.sub(r"[^\w-]+", "_", "-".join(names)).strip("_") + ".png"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", [STRANGER, *ROLES])
def test_every_page_holds_up(role: str, language: str, served: Served, browser: Browser) -> None:
    """Each role opens each of its pages, narrow and wide; axe looks once at each page, in either scheme."""
    reader = served.reader(browser, role, language)
    faults: list[str] = []
    for path, address in served.addresses(role).items():
        reader.page.goto(address)
        assert reader.page.locator("h1").count() == 1, address
        assert reader.page.locator("html").get_attribute("lang") == language
        for width, scheme in ((DESKTOP, "light"), (PHONE, "dark")) if language == "en" else ((PHONE, "light"),):
            reader.wear(width, scheme)
            if role == looks_closely(path):
                faults += [f"{path} {scheme}: {finding}" for finding in reader.findings()]
                keep(reader.page, language, scheme, path)
        if too_wide := reader.too_wide():
            faults.append(f"{path} is {too_wide} pixels too wide")
    assert "\n".join(faults + reader.complaints) == ""
    reader.page.context.close()


def looks_closely(path: str) -> str:
    """The role with which axe looks at a page: of those who may see it, the one that may do most."""
    right = {route.path: route.right for route in PAGES if route.method == "GET"}.get(path, Right.SIGNED_IN)
    if right is None:
        return STRANGER
    return max((role for role in ROLES if right in ROLES[role]), key=lambda role: len(ROLES[role]))


def test_nothing_needs_script(served: Served, browser: Browser) -> None:
    """Who works without script sees the same, and says an outcome, takes it back and changes the language."""
    reader = served.reader(browser, "branch_manager", "en", script=False)
    page = reader.page
    for address in served.addresses("branch_manager").values():
        page.goto(address)
        assert page.locator("script").count() == 0
        assert page.locator("h1").inner_text().strip()
    page.goto("/week")
    page.get_by_role("button", name="interested").first.click()
    assert "The outcome is kept." in page.get_by_role("status").inner_text()
    page.get_by_role("status").get_by_role("button").click()
    assert page.get_by_role("status").count() == 0
    page.get_by_role("link", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh"
    with page.expect_download() as left, pytest.raises(Error, match="Download is starting"):
        page.goto(DOWNLOADS[0])
    assert left.value.suggested_filename.endswith(".csv")
    assert reader.complaints == []
    page.context.close()


def pressed(page: Page, key: str, until: str, most: int = 80) -> None:
    """Press a key until what has the focus is this."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("(asked) => document.activeElement.matches(asked)", until):
            return
    raise AssertionError(f"{until} is not reached by {key}")


def test_the_keyboard_is_enough_for_a_days_work(served: Served, browser: Browser) -> None:
    code = invite(served.workspace, WebUser("Keyboard Kim", "branch_manager", ("B001",)), by="test")
    reader = served.reader(browser, STRANGER, "en")
    page = reader.page
    page.goto(f"/join/{code}")
    for name in ("password", "repeated"):
        pressed(page, "Tab", f"input[name={name}]")
        page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/week*")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0"), "the way past the head is unseen"
    page.keyboard.press("Enter")
    pressed(page, "Tab", "button[name=outcome]")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**said=*")
    pressed(page, "Tab", "form[action='/week/undo'] button")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/week\?branch=B001$"))
    pressed(page, "Tab", "form[action='/sign-out'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in*")
    pressed(page, "Tab", "input[name=name]")
    page.keyboard.type("Keyboard Kim")
    pressed(page, "Tab", "input[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/week*")
    assert reader.complaints == []
    page.context.close()


def printed_pages(served: Served, browser: Browser, cookie: str, name: str) -> tuple[int, int]:
    """Call sheets of a week, and the pages that they print on."""
    reader = window(browser, served.origin, {"segment_session": cookie, "segment_language": name[:2]}, name[:2])
    reader.page.goto("/week")
    sheets = reader.page.locator(".sheet").count()
    SHOTS.mkdir(parents=True, exist_ok=True)
    paper = reader.page.pdf(path=SHOTS / f"week-{name}.pdf", format="A4", prefer_css_page_size=True)
    reader.page.context.close()
    return sheets, len(re.findall(rb"/Type\s*/Page\b", paper))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_week_prints_a_page_for_each_adviser(language: str, served: Served, browser: Browser) -> None:
    own = served.listed.filter(pl.col("branch_id") == "B001")
    advisers = own["rm_id"].drop_nulls().unique().sort().to_list()
    assert advisers
    for rm_id in advisers:
        cookie = session_of(served.workspace, WebUser(f"calls for {rm_id}", "adviser", ("B001",), rm_id))
        assert printed_pages(served, browser, cookie, f"{language}-{rm_id}") == (1, 1)
    # what anybody at the branch may call is longer here, and begins on a page of its own
    assert printed_pages(served, browser, served.cookies["branch_manager"], language) == (len(advisers) + 1, 3)
