"""Sign-in through the bank's identity provider: there, back again, and who came."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlencode

from starlette.responses import Response

from segment.exceptions import RefusedError, UsageError
from segment.store.web_users import WebUser, sync_user
from segment.web.access_pages import open_session
from segment.web.oidc_settings import CALLBACK, VOUCHED_FOR, NotVouched, OidcSettings, SignIn
from segment.web.passwords import LockedOut, new_secret
from segment.web.rights import OF_A_BRANCH
from segment.web.site import PageRoute, Visit, go, local_path

if TYPE_CHECKING:
    from segment.web.oidc_provider import Provider

SAID: Final = ("state", "denied", "role", "branch")
"""What a person can do something about; the rest is a matter of whoever set the provider up."""
_COOKIE_SECONDS = 600
_log = logging.getLogger("segment.web")


def leave(visit: Visit) -> Response:
    """Send a browser to the provider; what the sign-in began with stays in a cookie of its own for ten minutes."""
    begun = SignIn(new_secret(), new_secret(), new_secret())
    try:
        answer = go(_provider(visit).address(begun))
    except NotVouched as fault:
        return _refused(visit, fault)
    kept = urlencode({**vars(begun), "next": local_path(visit.text("next"))})
    visit.set_cookie(answer, _cookie(visit), kept, age=_COOKIE_SECONDS)
    return answer


def come_back(visit: Visit) -> Response:
    """Open a session for whom the provider vouches; what began the sign-in serves once."""
    try:
        answer = _admitted(visit, _provider(visit))
    except LockedOut:
        answer = visit.page("sign_in", 429, next="/", fault="locked_out")
    except NotVouched as fault:
        answer = _refused(visit, fault)
    except RefusedError as fault:
        _log.warning("a sign-in through the identity provider was refused: %s", type(fault).__name__)
        answer = visit.page("message", 403, code="refused", fault=fault.in_words(visit.language))
    answer.delete_cookie(_cookie(visit), path="/", secure=visit.site.is_https, httponly=True)
    return answer


def leave_for_good(visit: Visit) -> Response:
    """End the session at the provider too, where it has a place for that; it sends the browser back here."""
    try:
        place = _provider(visit).farewell(f"{visit.site.origin}/sign-in")
    except NotVouched as fault:
        return _refused(visit, fault)
    return go(place or "/sign-in")


def user_of(claims: Mapping[str, Any], settings: OidcSettings) -> WebUser:
    """Say who somebody is and what they may, by the claims that the settings name."""
    groups = _values(claims, settings.role_claim)
    role = next((role for value, role in settings.roles.items() if value in groups), None)
    names = _values(claims, settings.name_claim)
    if role is None or len(names) != 1:
        raise NotVouched("role" if role is None else "name")
    branches = tuple(sorted(set(_values(claims, settings.branch_claim))))
    if role in OF_A_BRANCH and not branches:
        raise NotVouched("branch")
    subject = hashlib.sha256(f"{settings.issuer}\0{claims['sub']}".encode()).hexdigest()
    rm_id = next(iter(_values(claims, settings.rm_claim)), None)
    return WebUser(names[0], role, branches, rm_id, f"{VOUCHED_FOR}{subject}")


def _refused(visit: Visit, fault: NotVouched) -> Response:
    _log.warning("a sign-in through the identity provider was refused: %s", fault)
    code = str(fault) if str(fault) in SAID else "answer"
    return visit.page("sign_in", 401, next="/", fault=f"provider.{code}")


def _admitted(visit: Visit, provider: Provider) -> Response:
    visit.site.lockout.require_room("", visit.request.client.host if visit.request.client else "")
    kept = {name: values[0] for name, values in parse_qs(visit.request.cookies.get(_cookie(visit), "")).items()}
    begun = SignIn(*(kept.get(name, "") for name in ("state", "nonce", "verifier")))
    if not begun.state or not hmac.compare_digest(begun.state.encode(), visit.text("state").encode()):
        raise NotVouched("state")
    if visit.text("iss") not in ("", provider.settings.issuer):
        raise NotVouched("iss")
    if visit.text("error") or not visit.text("code"):
        raise NotVouched("denied")
    claims = provider.claims(visit.text("code"), begun)
    user = sync_user(visit.site.workspace, user_of(claims, provider.settings), by="identity provider")
    return open_session(visit, user, local_path(kept.get("next", "/")))


def _provider(visit: Visit) -> Provider:
    if visit.site.provider is None:
        raise UsageError.of("errors.no_oidc")
    return visit.site.provider


def _cookie(visit: Visit) -> str:
    return f"{visit.site.session_cookie}_provider"


def _values(claims: Mapping[str, Any], path: str | None) -> Sequence[str]:
    """Read a claim, or one inside another, as a list of texts."""
    found: Any = claims
    for name in path.split(".") if path else [""]:
        found = found.get(name) if isinstance(found, dict) else None
    return [str(one) for one in (found if isinstance(found, list) else [found]) if one not in (None, "")]


ROUTES = (
    PageRoute("GET", "/sign-in/provider", None, leave),
    PageRoute("GET", CALLBACK, None, come_back),
    PageRoute("GET", "/sign-out/provider", None, leave_for_good),
)
