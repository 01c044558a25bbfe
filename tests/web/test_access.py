"""Who gets in, how long they stay, and what a form must bring."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from segment.exceptions import UsageError
from segment.policy import load_policy
from segment.store.records import check_chain, read_records
from segment.store.web_users import WebUser, list_users, read_user
from segment.web import passwords
from segment.web.access_pages import first_link, invite
from segment.web.site import Site, local_path
from segment.workspace import Workspace
from tests.conftest import RETAIL
from tests.web.conftest import ORIGIN, PASSWORD, browser, joined


@pytest.fixture
def empty(tmp_path: Path) -> Site:
    return Site(Workspace(tmp_path), load_policy(RETAIL), ORIGIN)


def test_the_first_link_makes_the_administrator_once(empty: Site) -> None:
    link = first_link(empty, "root")
    assert link is not None
    code = link.rsplit("/", 1)[1]
    form = {"code": code, "password": PASSWORD, "repeated": PASSWORD}
    person = browser(empty)
    assert person.post("/join", form, at=f"/join/{code}").status_code == 303
    assert person.get("/people").status_code == 200
    assert browser(empty).post("/join", form, at="/sign-in").status_code == 404
    assert first_link(empty, "root") is None


def test_a_link_that_was_not_used_is_replaced_by_the_next(empty: Site) -> None:
    first, second = (str(first_link(empty, "root")).rsplit("/", 1)[1] for _ in range(2))
    assert browser(empty).get(f"/join/{first}").status_code == 404
    assert browser(empty).get(f"/join/{second}").status_code == 200


@pytest.mark.parametrize(
    ("password", "repeated", "says"),
    [("elevenchars", "elevenchars", "too short"), (PASSWORD, PASSWORD + "!", "not alike")],
)
def test_a_password_that_does_not_do_uses_no_link_up(empty: Site, password: str, repeated: str, says: str) -> None:
    code = invite(empty.workspace, WebUser("Ann", "analyst"), by="root")
    person = browser(empty)
    said = person.post("/join", {"code": code, "password": password, "repeated": repeated}, at=f"/join/{code}")
    assert (said.status_code, says in said.text) == (422, True)
    assert person.get(f"/join/{code}").status_code == 200


def test_nothing_that_lets_anybody_in_is_stored_as_it_is(empty: Site) -> None:
    code = invite(empty.workspace, WebUser("Ann", "analyst"), by="root")
    person = browser(empty)
    person.post("/join", {"code": code, "password": PASSWORD, "repeated": PASSWORD}, at=f"/join/{code}")
    cookie = person.client.cookies[empty.session_cookie]
    made = person.post("/tokens", {"purpose": "crm", "days": "5", "customers": "1"})
    token = made.text.split('<code class="long">')[1].split("<")[0]
    kept = b"".join(path.read_bytes() for path in empty.workspace.root.glob("store.db*"))
    assert b"Ann" in kept
    assert [secret for secret in (code, cookie, token, PASSWORD) if secret.encode() in kept] == []


def test_five_failures_lock_a_name_before_anything_is_hashed(empty: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    joined(empty, "Ann", "analyst")
    person = browser(empty)
    tries = [
        person.post("/sign-in", {"name": "ann" if n % 2 else "Ann", "password": "x"}, at="/sign-in").status_code
        for n in range(5)
    ]
    assert tries == [401] * 5
    monkeypatch.setattr(passwords, "_hasher", None)
    assert person.post("/sign-in", {"name": "Ann", "password": PASSWORD}, at="/sign-in").status_code == 429


def test_a_check_costs_what_the_hashs_authors_recommend() -> None:
    made = subprocess.run(
        [sys.executable, "-c", "from segment.web.passwords import hash_password; print(hash_password('x' * 12))"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_no_more_than_two_passwords_are_checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most, both = 0, 0, threading.Lock()

    class Slow:
        def verify(self, *_: str) -> bool:
            nonlocal at_once, most
            with both:
                at_once += 1
                most = max(most, at_once)
            threading.Event().wait(0.02)
            with both:
                at_once -= 1
            return True

    monkeypatch.setattr(passwords, "_hasher", Slow())
    threads = [threading.Thread(target=passwords.is_password, args=("a", "b")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == passwords.CHECKS_AT_ONCE == 2


def test_a_form_without_its_token_or_from_another_site_does_nothing(empty: Site) -> None:
    person = joined(empty, "Root", "administrator")
    form = {"name": "Eve", "role": "administrator"}
    assert person.client.post("/people", data=form, follow_redirects=False).status_code == 403
    assert person.client.post("/people", data={**form, "form_token": "x"}, follow_redirects=False).status_code == 403
    foreign = {"origin": "https://elsewhere.example"}
    assert person.post("/people", form, headers=foreign).status_code == 403
    assert [user.name for user in list_users(empty.workspace)] == ["Root"]
    assert person.post("/people", form).status_code == 200
    assert read_user(empty.workspace, "Eve") is not None


def test_a_session_ends_by_rest_by_age_and_by_sign_out(empty: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    person = joined(empty, "Ann", "analyst")
    assert person.get("/tokens").status_code == 200
    began = dt.datetime.now(dt.UTC)

    def later(minutes: int) -> None:
        moment = (began + dt.timedelta(minutes=minutes)).isoformat(timespec="seconds")
        for module in ("segment.web.site", "segment.store.web_sessions"):
            monkeypatch.setattr(f"{module}.utc_now", lambda: moment)

    later(29)
    assert person.get("/tokens").status_code == 200
    later(58)  # it was used since
    assert person.get("/tokens").status_code == 200
    later(90)
    assert person.get("/tokens").status_code == 303
    monkeypatch.undo()
    person = joined(empty, "Ann", "analyst")
    for minutes in range(25, 601, 25):
        later(minutes)
        assert person.get("/tokens").status_code == 200
    later(603)
    assert person.get("/tokens").status_code == 303
    monkeypatch.undo()
    person = joined(empty, "Ann", "analyst")
    assert person.post("/sign-out").headers["location"] == "/sign-in"
    assert person.get("/tokens").status_code == 303


def test_whoever_loses_access_is_out_at_once_and_it_is_on_record(empty: Site) -> None:
    root, ann = joined(empty, "Root", "administrator"), joined(empty, "Ann", "analyst")
    assert root.post("/people/close", {"name": "Ann"}).status_code == 303
    assert ann.get("/tokens").status_code == 303
    assert ann.post("/sign-in", {"name": "Ann", "password": PASSWORD}, at="/sign-in").status_code == 401
    assert root.post("/people/close", {"name": "Root"}).status_code == 422
    last = read_records(empty.workspace)[-1]
    assert (last.by, last.content["user"], last.content["active"]) == ("Root", "Ann", False)
    assert check_chain(empty.workspace) == 3


@pytest.mark.parametrize(("name", "role", "branches"), [("Ann", "king", ()), ("Ann", "adviser", ())])
def test_a_role_must_be_one_and_have_its_branch(empty: Site, name: str, role: str, branches: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="role must be one of|must belong to a branch"):
        invite(empty.workspace, WebUser(name, role, branches), by="root")


def test_a_name_that_looks_like_anothers_is_refused(empty: Site) -> None:
    root = joined(empty, "Anna", "administrator")
    said = root.post("/people", {"name": "Аnnа".replace("n", "n"), "role": "analyst"})
    assert said.status_code == 422
    assert [user.name for user in list_users(empty.workspace)] == ["Anna"]


def test_the_language_is_chosen_and_stays(empty: Site) -> None:
    person = browser(empty)
    assert "Sign in" in person.get("/sign-in", headers={"accept-language": "fr"}).text
    assert "登录" in person.get("/sign-in", headers={"accept-language": "zh-CN"}).text
    assert person.get("/language?language=zh&next=/sign-in").headers["location"] == "/sign-in"
    assert '<html lang="zh">' in person.get("/sign-in").text


@pytest.mark.parametrize(
    "given", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:x", "/a\r\nb"]
)
def test_nobody_is_sent_to_another_site(empty: Site, given: str) -> None:
    assert local_path(given) == "/"
    assert browser(empty).get("/language", params={"language": "en", "next": given}).headers["location"] == "/"


def test_every_answer_has_the_headers_and_another_host_gets_nothing(empty: Site) -> None:
    person = browser(empty)
    for path in ("/sign-in", "/static/segment.css", "/nothing"):
        headers = person.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert person.get("/sign-in", headers={"host": "elsewhere.example"}).status_code == 421
    assert (
        person.client.post(
            "/sign-in",
            content=b"x" * (10 * 1024 * 1024 + 1),
            headers={"content-type": "application/x-www-form-urlencoded"},
        ).status_code
        == 413
    )


def test_over_tls_cookies_leave_by_tls_alone(tmp_path: Path) -> None:
    site = Site(Workspace(tmp_path), load_policy(RETAIL), "https://bank.example")
    code = invite(site.workspace, WebUser("Ann", "analyst"), by="root")
    person = browser(site)
    said = person.post("/join", {"code": code, "password": PASSWORD, "repeated": PASSWORD}, at=f"/join/{code}")
    (cookie,) = [value for value in said.headers.get_list("set-cookie") if value.startswith("__Host-segment=")]
    assert all(part in cookie for part in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"))
    assert said.headers["strict-transport-security"]
