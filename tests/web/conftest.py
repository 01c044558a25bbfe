"""The page of a trained bank, and users of every role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from segment.store.web_users import WebUser
from segment.web import passwords
from segment.web.access_pages import invite
from segment.web.application import build_app
from segment.web.rights import ROLES
from segment.web.site import Site
from tests.conftest import Bank

PASSWORD = "seven quiet lanterns"  # noqa: S105  of users of a test
ORIGIN = "http://127.0.0.1:8765"
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass
class Person:
    """A browser of somebody, without script."""

    client: TestClient

    def get(self, path: str, **given: object):  # type: ignore[no-untyped-def]
        return self.client.get(path, follow_redirects=False, **given)  # type: ignore[arg-type]

    def token(self, path: str = "/sign-in") -> str:
        found = TOKEN.search(self.client.get(path, follow_redirects=True).text)
        assert found is not None
        return found[1]

    def post(self, path: str, form: dict[str, str] | None = None, at: str = "/tokens", **given: object):  # type: ignore[no-untyped-def]
        data = {"form_token": self.token(at), **(form or {})}
        return self.client.post(path, data=data, follow_redirects=False, **given)  # type: ignore[arg-type]


def browser(site: Site) -> Person:
    return Person(TestClient(build_app(site), base_url=site.origin, raise_server_exceptions=False))


def joined(site: Site, name: str, role: str, *branches: str, rm_id: str | None = None) -> Person:
    """Somebody who was given access, used the link, and is signed in."""
    code = invite(site.workspace, WebUser(name, role, branches, rm_id), by="test")
    person = browser(site)
    said = person.post("/join", {"code": code, "password": PASSWORD, "repeated": PASSWORD}, at=f"/join/{code}")
    assert said.status_code == 303
    return person


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Tests sign in hundreds of times; what a check costs on purpose is held to by a test of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture(scope="module")
def site(module_bank: Bank) -> Site:
    return Site(module_bank.workspace, module_bank.policy, ORIGIN)


@pytest.fixture(scope="module")
def people(site: Site) -> dict[str, Person]:
    """Somebody of each role; those of a branch are of the bank's first."""
    own = {"adviser": ("B001",), "branch_manager": ("B001",)}
    return {role: joined(site, f"{role} one", role, *own.get(role, ())) for role in ROLES}
