"""Sign-in through an identity provider that the test runs itself: who gets in, as whom, and everybody who does not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from segment.exceptions import UsageError
from segment.policy import load_policy
from segment.store.records import read_records
from segment.store.web_users import WebUser, close_user, read_user
from segment.web.access_pages import invite
from segment.web.oidc_provider import Provider
from segment.web.oidc_settings import read_oidc_settings
from segment.web.site import Site, open_provider
from segment.workspace import Workspace
from tests.conftest import RETAIL
from tests.web.conftest import ORIGIN, PASSWORD, Person, browser, joined
from tests.web.identity_provider import SECRET, IdentityProvider, identity_provider, symmetric

MANAGER = {"realm": {"groups": ["staff", "bank-managers"]}, "branches": ["B002", "B001"], "staff_number": "M0001"}


@pytest.fixture(scope="module")
def started() -> Iterator[IdentityProvider]:
    with identity_provider() as provider:
        yield provider


@pytest.fixture
def provider(started: IdentityProvider) -> IdentityProvider:
    own = started.key
    fresh = IdentityProvider(started.issuer, key=own)
    started.__dict__.update(fresh.__dict__)
    started.claims |= MANAGER
    return started


@pytest.fixture
def site(provider: IdentityProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "oidc.toml").write_text(provider.settings())
    monkeypatch.setenv("SEGMENT_OIDC", str(tmp_path / "oidc.toml"))
    return Site(Workspace(tmp_path / "workspace"), load_policy(RETAIL), ORIGIN, provider=open_provider(ORIGIN))


def sent_back(person: Person, provider: IdentityProvider, then: str = "/tokens") -> str:
    """Leave for the provider and sign in there; the address at which the browser comes back."""
    return provider.browse(person.get(f"/sign-in/provider?next={then}").headers["location"])


def test_whoever_the_provider_vouches_for_gets_in_as_the_claims_say(site: Site, provider: IdentityProvider) -> None:
    person = browser(site)
    assert "/sign-in/provider" in person.get("/sign-in").text
    said = person.get(sent_back(person, provider))
    assert (said.status_code, said.headers["location"]) == (303, "/tokens")
    user = read_user(site.workspace, "Ann Lee")
    assert user is not None
    assert (user.role, user.branches, user.rm_id) == ("branch_manager", ("B001", "B002"), "M0001")
    assert "Ann Lee" in person.get("/tokens").text
    record = read_records(site.workspace)[-1]
    assert (record.by, record.content["user"], record.content["role"]) == (
        "identity provider", "Ann Lee", "branch_manager",
    )  # fmt: skip


def test_a_second_sign_in_changes_nothing_and_a_changed_claim_does(site: Site, provider: IdentityProvider) -> None:
    person = browser(site)
    for _ in range(2):
        person.get(sent_back(person, provider))
    assert len(read_records(site.workspace)) == 1
    provider.claims |= {"realm": {"groups": ["bank-analysts"]}, "branches": [], "preferred_username": "Ann Married"}
    other = browser(site)
    assert other.get(sent_back(other, provider)).status_code == 303
    user = read_user(site.workspace, "Ann Lee")
    assert user is not None
    assert (user.role, user.branches) == ("analyst", ())
    assert person.get("/tokens").status_code == 303, "what was open with the rights of before has ended"


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"iss": "https://elsewhere.example"},
        {"aud": "another client"},
        {"aud": ["segment", "another"], "azp": "another"},
        {"exp": 1_000_000_000},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"preferred_username": ""},
        {"preferred_username": ["Ann", "Bob"]},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(
    lies: dict[str, object], site: Site, provider: IdentityProvider
) -> None:
    provider.lies = lies
    person = browser(site)
    said = person.get(sent_back(person, provider))
    assert (said.status_code, "does not hold" in said.text) == (401, True)
    assert person.get("/tokens").status_code == 303
    assert read_records(site.workspace) == []


def test_a_token_must_be_signed_by_a_key_of_the_issuer(site: Site, provider: IdentityProvider) -> None:
    forged = {"signs_with": type(provider.key).generate_key(2048, {"kid": "k1"}, private=True)}
    by_secret = {"signs_with": symmetric(SECRET * 4), "algorithm": "HS256"}
    for given in (forged, by_secret):
        provider.__dict__.update(given)
        person = browser(site)
        assert person.get(sent_back(person, provider)).status_code == 401


def test_keys_that_were_changed_are_asked_for_again(site: Site, provider: IdentityProvider) -> None:
    person = browser(site)
    assert person.get(sent_back(person, provider)).status_code == 303
    kept, provider.key = provider.key, type(provider.key).generate_key(2048, {"kid": "k1"}, private=True)
    assert site.provider is not None
    for address, (at, found) in site.provider._known.items():
        site.provider._known[address] = (at - 60, found)
    assert person.get(sent_back(person, provider)).status_code == 303
    provider.key = kept


def test_what_came_back_serves_the_browser_that_left_and_once(site: Site, provider: IdentityProvider) -> None:
    person, thief = browser(site), browser(site)
    back = sent_back(person, provider)
    thief.get("/sign-in/provider")
    assert thief.get(back).status_code == 401
    assert browser(site).get(back).status_code == 401
    assert person.get(back).status_code == 303
    person.post("/sign-out")
    assert person.get(back).status_code == 401
    assert person.get("/sign-in/provider/back?error=access_denied").status_code == 401


def test_a_code_is_traded_with_what_the_browser_kept_alone(site: Site, provider: IdentityProvider) -> None:
    person = browser(site)
    back = sent_back(person, provider)
    for begun in provider.codes.values():
        begun["code_challenge"] = "of another browser"
    assert person.get(back).status_code == 401


@pytest.mark.parametrize(
    ("claims", "says"),
    [({"realm": {"groups": ["staff"]}}, "gives you no role"), ({"realm": "x"}, "gives you no role"),
     ({"branches": []}, "names no branch")],
)  # fmt: skip
def test_who_has_no_role_or_no_branch_is_told_so(
    claims: dict[str, object], says: str, site: Site, provider: IdentityProvider
) -> None:
    provider.claims |= claims
    person = browser(site)
    said = person.get(sent_back(person, provider))
    assert (said.status_code, says in said.text) == (401, True)


def test_a_closed_user_stays_out_under_whatever_name(site: Site, provider: IdentityProvider) -> None:
    person = browser(site)
    person.get(sent_back(person, provider))
    close_user(site.workspace, "Ann Lee", by="root")
    assert person.get("/tokens").status_code == 303
    for name in ("Ann Lee", "Ann Newname"):
        provider.claims["preferred_username"] = name
        said = person.get(sent_back(person, provider))
        assert (said.status_code, "taken away" in said.text) == (403, True)


def test_local_users_stay_and_nobody_becomes_one_by_a_name(site: Site, provider: IdentityProvider) -> None:
    local = joined(site, "Ann Lee", "analyst")
    person = browser(site)
    for name in ("Ann Lee", "ann lee"):
        provider.claims["preferred_username"] = name
        assert person.get(sent_back(person, provider)).status_code == 403
    provider.claims |= {"preferred_username": "Bob Ray", "sub": "8"}
    assert person.get(sent_back(person, provider)).status_code == 303
    provider.claims |= {"sub": "9"}
    assert browser(site).get(sent_back(other := browser(site), provider)).status_code == 401
    assert other.get(sent_back(other, provider)).status_code == 403, "another account of the same name"
    form = {"name": "Ann Lee", "password": PASSWORD}
    assert local.post("/sign-in", form, at="/sign-in").status_code == 303
    form = {"name": "Bob Ray", "password": "provider:"}
    assert local.post("/sign-in", form, at="/sign-in").status_code == 401


def test_no_token_is_stored_or_logged(
    site: Site, provider: IdentityProvider, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = browser(site)
    person.get(sent_back(person, provider))
    provider.lies = {"nonce": "another"}
    person.get(sent_back(person, provider))
    assert len(provider.tokens) == 4
    kept = b"".join(path.read_bytes() for path in (tmp_path / "workspace").rglob("*") if path.is_file())
    seen = (
        kept.decode("latin-1") + str(person.client.cookies) + "".join(record.getMessage() for record in caplog.records)
    )
    assert [token for token in (*provider.tokens, SECRET) if token in seen] == []
    assert "refused: nonce" in caplog.text


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://elsewhere.example"}, {"jwks_uri": "http://127.0.0.1:1/keys"},
     {"token_endpoint": "https://elsewhere.example/token"}, {"authorization_endpoint": "javascript:alert(1)"}],
)  # fmt: skip
def test_nothing_but_the_issuer_is_asked(metadata: dict[str, object], site: Site, provider: IdentityProvider) -> None:
    provider.metadata = metadata
    said = browser(site).get("/sign-in/provider")
    assert (said.status_code, provider.asked) == (401, [])


def test_keys_may_lie_at_another_origin_that_the_settings_name(site: Site, provider: IdentityProvider) -> None:
    assert site.provider is not None
    other = provider.issuer.replace("127.0.0.1", "localhost")
    provider.metadata = {"jwks_uri": f"{other}/keys"}
    named = Provider(site.provider.settings.model_copy(update={"origins": (other,)}), site.provider.redirect_uri)
    person = browser(Site(site.workspace, site.policy, ORIGIN, provider=named))
    assert person.get(sent_back(person, provider)).headers["location"] == "/tokens"
    assert browser(site).get("/sign-in/provider").status_code == 401


def test_who_signs_out_is_asked_whether_to_sign_out_at_the_provider_too(
    site: Site, provider: IdentityProvider, tmp_path: Path
) -> None:
    provider.metadata = {"end_session_endpoint": f"{provider.issuer}/end?a=b"}
    person = browser(site)
    person.get(sent_back(person, provider))
    left = person.post("/sign-out").headers["location"]
    assert "/sign-out/provider" in person.get(left).text
    assert "/sign-out/provider" not in person.get("/sign-in").text
    away = urlsplit(person.get("/sign-out/provider").headers["location"])
    assert away._replace(query="").geturl() == f"{provider.issuer}/end"
    assert parse_qs(away.query) == {
        "a": ["b"], "client_id": ["segment"], "post_logout_redirect_uri": [f"{ORIGIN}/sign-in"],
    }  # fmt: skip
    assert person.get("/tokens").headers["location"].startswith("/sign-in")
    local = joined(site, "Bo Chen", "analyst")
    assert local.post("/sign-out").headers["location"] == "/sign-in"


@pytest.mark.parametrize("place", [None, "https://elsewhere.example/end", "javascript:alert(1)"])
def test_a_provider_without_a_place_of_its_own_to_sign_out_leaves_one_here(
    place: str | None, site: Site, provider: IdentityProvider
) -> None:
    provider.metadata = {} if place is None else {"end_session_endpoint": place}
    assert browser(site).get("/sign-out/provider").headers["location"] == "/sign-in"


def test_a_provider_that_is_away_is_one_sentence(site: Site, provider: IdentityProvider) -> None:
    assert site.provider is not None
    away = Provider(site.provider.settings.model_copy(update={"issuer": "http://127.0.0.1:1"}), "x")
    there = Site(site.workspace, site.policy, ORIGIN, provider=away)
    said = browser(there).get("/sign-in/provider")
    assert (said.status_code, "identity provider must answer" in said.text) == (503, True)
    nowhere = Site(site.workspace, site.policy, ORIGIN)
    assert browser(nowhere).get("/sign-in/provider").status_code == 422
    assert "/sign-in/provider" not in browser(nowhere).get("/sign-in").text


def test_an_invitation_is_not_taken_by_who_has_the_name_elsewhere(site: Site, provider: IdentityProvider) -> None:
    invite(site.workspace, WebUser("Ann Lee", "administrator"), by="root")
    person = browser(site)
    assert person.get(sent_back(person, provider)).status_code == 403


@pytest.mark.parametrize(
    ("line", "says"),
    [('issuer = "http://elsewhere.example"', "https"), ('issuer = "https://a.example/?x"', "plain address"),
     ('origins = ["http://elsewhere.example"]', "https"),
     ('more = 1', "more"), ('[roles]\n"x" = "king"', "must be one of"), ("issuer =", "TOML")],
)  # fmt: skip
def test_a_file_that_does_not_do_is_refused_at_the_start(
    line: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "issuer": 'issuer = "https://a.example"',
        "client_id": 'client_id = "x"',
        "[roles]": '[roles]\n"x" = "analyst"',
    }
    name = line.split(" ")[0].split("\n")[0]
    file = tmp_path / "oidc.toml"
    file.write_text("\n".join(({name: line} | given | {name: line}).values()))
    monkeypatch.setenv("SEGMENT_OIDC", str(file))
    with pytest.raises(UsageError, match=says):
        read_oidc_settings()
