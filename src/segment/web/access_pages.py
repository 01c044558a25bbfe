"""Pages of sign-in, of one-time links, of users and of tokens."""

from __future__ import annotations

from starlette.responses import Response

from segment.dates import utc_in, utc_now
from segment.exceptions import UsageError
from segment.sentences import LANGUAGES
from segment.settings import read_settings
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.web_sessions import ApiToken, add_token, delete_token, end_session, start_session, tokens_of
from segment.store.web_users import (
    WebUser,
    add_user,
    close_user,
    list_users,
    owner_of_link,
    read_user,
    set_password,
)
from segment.web.given_numbers import whole_number
from segment.web.oidc_settings import VOUCHED_FOR
from segment.web.passwords import LockedOut, hash_password, is_password, key_of, new_secret
from segment.web.rights import ADMINISTRATOR, ROLES, Right, may, require_role
from segment.web.site import LANGUAGE_COOKIE, PageRoute, Site, Visit, go, local_path
from segment.workspace import Workspace

LINK_HOURS = 48
LONGEST_TOKEN_DAYS = 366
SCOPES = (
    Right.CUSTOMERS, Right.CUSTOMER, Right.EXPORT, Right.LISTS, Right.WEEK, Right.OUTCOMES, Right.OVERVIEW,
    Right.PLAN, Right.RUNS,
)  # fmt: skip
"""What a token may be for; its owner must have the right too, whenever it is used."""


def invite(workspace: Workspace, user: WebUser, by: str) -> str:
    """Give somebody access, and return the code of the one-time link that sets their password."""
    require_role(user.role, user.branches)
    code = new_secret()
    add_user(workspace, user, key_of(code), utc_in(hours=LINK_HOURS), by=by)
    return code


def first_link(site: Site, by: str) -> str | None:
    """Make the one-time link of the first administrator; none where somebody can administer already."""
    able = [user for user in list_users(site.workspace) if user.role == ADMINISTRATOR and user.is_active]
    if any(user.password_hash for user in able):
        return None
    return f"{site.origin}/join/{invite(site.workspace, WebUser(ADMINISTRATOR, ADMINISTRATOR), by)}"


def home(visit: Visit) -> Response:
    """Go to what somebody works with most."""
    for right, path in ((Right.WEEK, "/week"), (Right.OVERVIEW, "/overview"), (Right.PEOPLE, "/people")):
        if may(visit.user, right):
            return go(path)
    return go("/sign-in")


def sign_in_form(visit: Visit) -> Response:
    """Ask for name and password."""
    return visit.page("sign_in", next=local_path(visit.text("next")), fault="")


def sign_in(visit: Visit) -> Response:
    """Open a session for who gives the right password; a lock-out comes before anything is hashed."""
    site, name, asked = visit.site, visit.text("name"), local_path(visit.text("next"))
    try:
        site.lockout.require_room(name, visit.request.client.host if visit.request.client else "")
    except LockedOut:
        return visit.page("sign_in", 429, next=asked, fault="locked_out")
    user = read_user(site.workspace, name)
    known = user.password_hash if user is not None and user.is_active else None
    if not is_password(visit.text("password"), known) or user is None:
        site.lockout.failed(name)
        return visit.page("sign_in", 401, next=asked, fault="not_known")
    return open_session(visit, user, asked)


def open_session(visit: Visit, user: WebUser, then: str) -> Response:
    """Open a session."""
    cookie = new_secret()
    oldest = utc_in(hours=-read_settings().session_hours)
    start_session(visit.site.workspace, key_of(cookie), user.name, new_secret(), oldest)
    answer = go(then)
    visit.set_cookie(answer, visit.site.session_cookie, cookie)
    return answer


def sign_out(visit: Visit) -> Response:
    """Close the session."""
    vouched_for = visit.user is not None and (visit.user.password_hash or "").startswith(VOUCHED_FOR)
    end_session(visit.site.workspace, visit.session_key)
    answer = go("/sign-in?left=1" if vouched_for else "/sign-in")
    answer.delete_cookie(visit.site.session_cookie, path="/", secure=visit.site.is_https, httponly=True)
    return answer


def join_form(visit: Visit) -> Response:
    """Ask for the password of whose one-time link this is; looking at it does not use it up."""
    owner = owner_of_link(visit.site.workspace, key_of(visit.text("code")))
    return visit.page("join", 200 if owner else 404, code=visit.text("code"), owner=owner, fault="")


def join(visit: Visit) -> Response:
    """Set the password, use the link up, and sign in."""
    workspace, code = visit.site.workspace, visit.text("code")
    owner = owner_of_link(workspace, key_of(code))
    if owner is None:
        return visit.page("join", 404, code="", owner=None, fault="")
    if visit.text("password") != visit.text("repeated"):
        return visit.page("join", 422, code=code, owner=owner, fault="not_alike")
    try:
        hashed = hash_password(visit.text("password"))
    except UsageError:
        return visit.page("join", 422, code=code, owner=owner, fault="too_short")
    user = set_password(workspace, key_of(code), hashed)
    return visit.page("join", 404, code="", owner=None, fault="") if user is None else open_session(visit, user, "/")


def set_language(visit: Visit) -> Response:
    """Remember the language, and go back to the page."""
    answer = go(local_path(visit.text("next")))
    if visit.text("language") in LANGUAGES:
        visit.set_cookie(answer, LANGUAGE_COOKIE, visit.text("language"), age=366 * 24 * 3600)
    return answer


def people(visit: Visit) -> Response:
    """Show who may sign in."""
    return visit.page("people", users=list_users(visit.site.workspace), roles=tuple(ROLES), link="", owner="")


def give_access(visit: Visit) -> Response:
    """Add a user, or give one a new role and password, and show the one-time link to hand over."""
    branches = tuple(part for part in visit.text("branches").replace(",", " ").split() if part)
    user = WebUser(visit.text("name"), visit.text("role"), branches, visit.text("rm_id") or None)
    code = invite(visit.site.workspace, user, visit.signed_in.name)
    link = f"{visit.site.origin}/join/{code}"
    users = list_users(visit.site.workspace)
    return visit.page("people", users=users, roles=tuple(ROLES), link=link, owner=user.name)


def take_access(visit: Visit) -> Response:
    """Close a user; nobody closes themselves, so that somebody is left to administer."""
    if visit.text("name") == visit.signed_in.name:
        raise UsageError.of("errors.own_access")
    close_user(visit.site.workspace, visit.text("name"), by=visit.signed_in.name)
    return go("/people")


def tokens(visit: Visit, shown: str = "") -> Response:
    """Show somebody's tokens."""
    own = tokens_of(visit.site.workspace, visit.signed_in.name)
    scopes = [scope.value for scope in SCOPES if may(visit.user, scope)]
    return visit.page("tokens", tokens=own, scopes=scopes, shown=shown)


def make_token(visit: Visit) -> Response:
    """Make a token, shown once."""
    scopes = tuple(scope.value for scope in SCOPES if visit.text(scope.value) and may(visit.user, scope))
    days = whole_number(visit.text("days")) or 0
    if not scopes or not visit.text("purpose") or not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise UsageError.of("errors.incomplete_token", longest_token_days=LONGEST_TOKEN_DAYS)
    user, secret = visit.signed_in, new_secret()
    add_token(
        visit.site.workspace, ApiToken(key_of(secret), user.name, visit.text("purpose"), scopes, utc_in(days=days))
    )
    content = {"user": user.name, "token": visit.text("purpose"), "scopes": list(scopes), "made_at": utc_now()}
    append_record(
        visit.site.workspace, RecordKind.ACCESS_CHANGED, by=user.name, why="token of the API made", content=content
    )
    return tokens(visit, secret)


def end_token(visit: Visit) -> Response:
    """Let a token hold no more."""
    delete_token(visit.site.workspace, visit.signed_in.name, visit.text("key"))
    return go("/tokens")


ROUTES = (
    PageRoute("GET", "/", Right.SIGNED_IN, home),
    PageRoute("GET", "/sign-in", None, sign_in_form),
    PageRoute("POST", "/sign-in", None, sign_in),
    PageRoute("POST", "/sign-out", Right.SIGNED_IN, sign_out),
    PageRoute("GET", "/join/{code}", None, join_form),
    PageRoute("POST", "/join", None, join),
    PageRoute("GET", "/language", None, set_language),
    PageRoute("GET", "/people", Right.PEOPLE, people),
    PageRoute("POST", "/people", Right.PEOPLE, give_access),
    PageRoute("POST", "/people/close", Right.PEOPLE, take_access),
    PageRoute("GET", "/tokens", Right.SIGNED_IN, tokens),
    PageRoute("POST", "/tokens", Right.SIGNED_IN, make_token),
    PageRoute("POST", "/tokens/end", Right.SIGNED_IN, end_token),
)
