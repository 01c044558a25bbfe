"""What is asked of the identity provider, and what of its answer is believed: OpenID Connect, code flow with PKCE."""

# Nothing but the issuer's own origins is asked, redirects are not followed, and no token outlives the call that got it.

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from segment.exceptions import BusyError
from segment.web.oidc_settings import NotVouched, OidcSettings, SignIn

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""Of signatures; one that the client's own secret could make is none."""
SECONDS: Final = 10
FRESH_SECONDS: Final = 600
AGAIN_SECONDS: Final = 30
CLOCK_SECONDS: Final = 60
"""By how much the two clocks may differ."""
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass
class Provider:
    """The bank's identity provider."""

    settings: OidcSettings
    redirect_uri: str
    _known: dict[str, tuple[float, Mapping[str, Any]]] = field(default_factory=dict)
    _alone: Lock = field(default_factory=Lock)

    def address(self, begun: SignIn) -> str:
        """Say where a browser goes to sign in."""
        with self._client() as client:
            place, _ = client.create_authorization_url(
                self._metadata()["authorization_endpoint"], state=begun.state, nonce=begun.nonce,
                code_verifier=begun.verifier,
            )  # fmt: skip
        return str(place)

    def farewell(self, back: str) -> str | None:
        """Say where a browser goes to end the session at the provider as well; None where it has no such place."""
        # OpenID Connect RP-Initiated Logout 1.0; without the token, which is not kept, the provider asks whether to.
        place = str(self._metadata().get("end_session_endpoint", ""))
        if not self._is_its_own(place):
            return None
        asked = urlencode({"client_id": self.settings.client_id, "post_logout_redirect_uri": back})
        return f"{place}{'&' if urlsplit(place).query else '?'}{asked}"

    def claims(self, code: str, begun: SignIn) -> Mapping[str, Any]:
        """Trade a code for what the provider says of its owner, each part of which is checked."""
        metadata = self._metadata()
        with self._client() as client:
            try:
                token = client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=begun.verifier, timeout=SECONDS,
                    allow_redirects=False,
                )  # fmt: skip
            except AuthlibBaseError:
                raise NotVouched("code") from None
            except (requests.RequestException, ValueError):
                raise _away() from None
        return self._checked(str(token.get("id_token", "")), begun, str(token.get("access_token", "")))

    def _checked(self, id_token: str, begun: SignIn, access_token: str) -> Mapping[str, Any]:
        for fresh in (False, True):
            try:
                read = jwt.decode(id_token, self._keys(fresh=fresh), algorithms=list(ALGORITHMS))
            except (JoseError, ValueError, KeyError):
                continue  # keys change: those that were kept may be of yesterday
            asked = {"nonce": begun.nonce, "client_id": self.settings.client_id, "access_token": access_token}
            options = {
                "iss": {"essential": True, "value": self.settings.issuer},
                "aud": {"essential": True, "value": self.settings.client_id},
            }
            claims = CodeIDToken(read.claims, read.header, options, asked)
            try:
                claims.validate(leeway=CLOCK_SECONDS)
            except JoseError as fault:
                raise NotVouched(str(getattr(fault, "claim", None) or "claims")) from None
            return dict(read.claims)
        raise NotVouched("signature")

    def _client(self) -> OAuth2Session:
        settings = self.settings
        secret = None
        if settings.client_secret_file is not None:
            secret = settings.client_secret_file.read_text(encoding="utf-8").strip()
        client = OAuth2Session(
            settings.client_id, secret, scope=" ".join(settings.scopes), redirect_uri=self.redirect_uri,
            code_challenge_method="S256", token_endpoint_auth_method="client_secret_basic" if secret else "none",
        )  # fmt: skip
        return self._bound(client)

    def _bound(self, session: Any) -> Any:
        # a proxy or a password that the environment names would send what is secret elsewhere
        session.trust_env = False
        session.verify = str(self.settings.ca_file) if self.settings.ca_file else True
        return session

    def _metadata(self) -> Mapping[str, Any]:
        found = self._asked(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration", FRESH_SECONDS)
        if found.get("issuer") != self.settings.issuer:
            raise NotVouched("issuer")
        for name in _ENDPOINTS:
            if not self._is_its_own(str(found.get(name, ""))):
                raise NotVouched(name)
        return found

    def _is_its_own(self, address: str) -> bool:
        return _origin(address) in map(_origin, (self.settings.issuer, *self.settings.origins))

    def _keys(self, *, fresh: bool) -> KeySet:
        keys = self._asked(str(self._metadata()["jwks_uri"]), AGAIN_SECONDS if fresh else FRESH_SECONDS)
        return KeySet.import_key_set(dict(keys))  # type: ignore[arg-type]

    def _asked(self, address: str, seconds: float) -> Mapping[str, Any]:
        """Ask the issuer for a document, unless it was asked just now."""
        with self._alone:
            at, found = self._known.get(address, (0.0, {}))
            if at and time.monotonic() - at < seconds:
                return found
            try:
                with self._bound(requests.Session()) as session:
                    answer = session.get(address, timeout=SECONDS, allow_redirects=False)
                    said = answer.json() if answer.status_code == 200 else None
            except (requests.RequestException, ValueError):
                said = None
            if not isinstance(said, dict):
                raise _away()
            self._known[address] = (time.monotonic(), said)
            return said


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port


def _away() -> BusyError:
    return BusyError.of("errors.oidc_away")
