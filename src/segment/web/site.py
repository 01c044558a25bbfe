"""What is served, and a visit to it: who asks, what they sent, and the one gate that all of it passes."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from segment.dates import utc_now
from segment.pages.render import render
from segment.policy import Policy
from segment.sentences import LANGUAGES, Language, Sentences
from segment.settings import read_settings
from segment.store.transactions import reading
from segment.store.web_sessions import WebSession, end_session, read_session, see_session
from segment.store.web_users import WebUser, read_user
from segment.warehouse.workspace_clock import workspace_clock
from segment.web.background import Background
from segment.web.directory_names import Names
from segment.web.kept_answers import KeptAnswers
from segment.web.oidc_settings import CALLBACK, read_oidc_settings
from segment.web.passwords import Lockout, key_of, new_secret
from segment.web.rights import NotAllowed, Right, Scope, may, scope_of
from segment.web.table_builder import TableBuilder
from segment.workspace import Workspace

if TYPE_CHECKING:
    from segment.web.oidc_provider import Provider

FORM_COOKIE: Final = "segment_form"
LANGUAGE_COOKIE: Final = "segment_language"


def open_provider(origin: str) -> Provider | None:
    """Read who vouches for people besides names and passwords; none where no provider is set up."""
    settings = read_oidc_settings()
    if settings is None:
        return None
    from segment.web.oidc_provider import Provider

    return Provider(settings, f"{origin}{CALLBACK}")


@dataclass(frozen=True)
class Site:
    """What is served, and at which address people reach it."""

    workspace: Workspace
    policy: Policy
    origin: str  # Scheme, host and port as people type them
    lockout: Lockout = field(default_factory=Lockout)
    background: Background = field(default_factory=Background)
    kept: KeptAnswers = field(default_factory=KeptAnswers)
    names: Names = field(default_factory=lambda: Names(None))
    provider: Provider | None = None  # Of identities, beside names and passwords

    @cached_property
    def builder(self) -> TableBuilder:
        """Builds what its tables are read from."""
        return TableBuilder(self.workspace)

    @property
    def is_https(self) -> bool:
        """Whether cookies may leave by TLS alone."""
        return self.origin.startswith("https://")

    @property
    def session_cookie(self) -> str:
        """Its name; the prefix has browsers refuse one that was not set by this host over TLS."""
        return "__Host-segment" if self.is_https else "segment_session"

    @property
    def host(self) -> str:
        """Name and port that requests must be meant for."""
        return urlsplit(self.origin).netloc

    def today(self) -> dt.date:
        """The day that counts."""
        return workspace_clock(self.workspace).today


@dataclass(frozen=True)
class PageRoute:
    """A page or an act: where it is, which right it asks for, and what answers."""

    method: str
    path: str
    right: Right | None  # None: everybody's
    answer: Callable[[Visit], Response]


@dataclass(frozen=True)
class Visit:
    """One request."""

    site: Site
    request: Request
    form: Mapping[str, str | UploadFile] = field(default_factory=dict)

    def one_moment(self) -> AbstractContextManager[object]:
        """Look at the store once: a page is of one moment; an act reads anew what it changes, a stranger nothing."""
        looks = self.request.method == "GET" and self.site.session_cookie in self.request.cookies
        return reading(self.site.workspace) if looks else nullcontext()

    @cached_property
    def session_key(self) -> str:
        """Hash of the cookie that was sent."""
        return key_of(self.request.cookies.get(self.site.session_cookie, ""))

    @cached_property
    def session(self) -> WebSession | None:
        """The session, while it holds."""
        if self.site.session_cookie not in self.request.cookies:
            return None
        session = read_session(self.site.workspace, self.session_key)
        if session is not None and not _holds(session):
            end_session(self.site.workspace, self.session_key)
            return None
        if session is not None:
            see_session(self.site.workspace, self.session_key, session)
        return session

    @cached_property
    def user(self) -> WebUser | None:
        """Who signed in."""
        if self.site.session_cookie not in self.request.cookies:
            return None
        user = read_user(self.site.workspace, self.session.name) if self.session else None
        return user if user is not None and user.is_active else None

    @property
    def signed_in(self) -> WebUser:
        """Who signed in, where the gate let nobody else through."""
        if self.user is None:
            raise NotAllowed
        return self.user

    @property
    def scope(self) -> Scope:
        """Whose rows are theirs to see."""
        return scope_of(self.signed_in)

    @cached_property
    def language(self) -> Language:
        """The language that was chosen, or that the browser asks for."""
        asked = self.request.cookies.get(LANGUAGE_COOKIE) or self.request.headers.get("accept-language", "")[:2]
        return next((known for known in LANGUAGES if known == asked), read_settings().language)

    @property
    def sentences(self) -> Sentences:
        """Speaks their language."""
        return Sentences(self.language, "html")

    @cached_property
    def form_token(self) -> str:
        """What a form must send back: the session's, or before there is one, a cookie's."""
        return self.session.csrf if self.session else self.request.cookies.get(FORM_COOKIE) or new_secret()

    def may(self, right: str) -> bool:
        """Whether who asks has a right; templates ask for what they show."""
        return may(self.user, Right(right))

    def text(self, name: str) -> str:
        """A field of the form, or a part of the address; empty where there is none."""
        given = self.form.get(name)
        if isinstance(given, str):
            return given.strip()
        parts: Mapping[str, str] = {**self.request.query_params, **self.request.path_params}
        return "" if self.form else str(parts.get(name, "")).strip()

    def page(self, template: str, status: int = 200, **content: Any) -> HTMLResponse:
        """Answer with a page."""
        return self.page_of(f"web/{template}.html", status, **content)

    def page_of(self, template: str, status: int = 200, **content: Any) -> HTMLResponse:
        """Answer with a page of any template, one that commands write too, in this site's frame."""
        text = render(
            template, "html", self.language, base="web/layout.html", visit=self, rights=Right,
            path=self.request.url.path, query=self.request.url.query, **content,
        )  # fmt: skip
        answer = HTMLResponse(text, status)
        if self.session is None:
            self.set_cookie(answer, FORM_COOKIE, self.form_token, same_site="strict")
        return answer

    def set_cookie(
        self, answer: Response, name: str, value: str, *, same_site: Any = "lax", age: int | None = None
    ) -> None:
        """Set a cookie that no script reads, and that leaves by TLS alone where there is TLS."""
        answer.set_cookie(
            name, value, max_age=age, path="/", secure=self.site.is_https, httponly=True, samesite=same_site
        )


def go(path: str) -> RedirectResponse:
    """Go on to another page of this site."""
    return RedirectResponse(path, status_code=303)


def local_path(given: str, otherwise: str = "/") -> str:
    """A place on this site, and no other: what stands in an address may have been written by anybody."""
    parts = urlsplit(given)
    strange = parts.scheme or parts.netloc or "\\" in given or not given.startswith("/") or given.startswith("//")
    return otherwise if strange or any(ord(letter) < 32 for letter in given) else given


def admit(visit: Visit, route: PageRoute) -> Response | None:
    """Let a visit through, or say why not: the session, the right, the branch, and that the form is our own."""
    if not may(visit.user, route.right):
        if visit.user is None and visit.request.method == "GET":
            asked = visit.request.url.path + (f"?{visit.request.url.query}" if visit.request.url.query else "")
            return go(f"/sign-in?next={quote(asked, safe='')}")
        raise NotAllowed
    if visit.request.method == "POST" and not _is_own_form(visit):
        raise NotAllowed
    if route.right is not None:
        named = [
            visit.form.get("branch"),
            visit.request.query_params.get("branch"),
            visit.request.path_params.get("branch"),
        ]
        for branch in named:
            if isinstance(branch, str) and branch:
                visit.scope.require(branch)
    return None


def _is_own_form(visit: Visit) -> bool:
    sent, origin = visit.form.get("form_token"), visit.request.headers.get("origin")
    known = visit.session.csrf if visit.session else visit.request.cookies.get(FORM_COOKIE)
    own = isinstance(sent, str) and bool(known) and hmac.compare_digest(sent.encode(), str(known).encode())
    return own and origin in (None, visit.site.origin)


def _holds(session: WebSession) -> bool:
    settings, now = read_settings(), dt.datetime.fromisoformat(utc_now())
    started, seen = (dt.datetime.fromisoformat(text) for text in (session.started_at, session.seen_at))
    idle = now - seen <= dt.timedelta(minutes=settings.session_idle_minutes)
    return idle and now - started <= dt.timedelta(hours=settings.session_hours)
