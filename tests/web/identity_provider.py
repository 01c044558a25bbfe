"""An identity provider of the test's own, on loopback: code flow with PKCE, and every way to answer wrongly."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "segment", "not-guessed"


@dataclass
class IdentityProvider:
    """What it says of whoever signs in, and what it was asked."""

    issuer: str
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "7", "preferred_username": "Ann Lee"})
    lies: dict[str, Any] = field(default_factory=dict)  # claims that an honest provider would not say
    metadata: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}, private=True))
    signs_with: Any = None
    algorithm: str = "RS256"
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        places = {
            "/.well-known/openid-configuration": self._discovery, "/keys": self._keys,
            "/authorize": self._authorize,
        }  # fmt: skip
        routes = [Route(path, answer) for path, answer in places.items()]
        return Starlette(routes=[*routes, Route("/token", self._token, methods=["POST"])])

    async def _discovery(self, _: Request) -> Response:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        said = {"issuer": self.issuer, **{name: f"{self.issuer}/{end}" for name, end in ends.items()}}
        return JSONResponse({**said, **self.metadata})

    async def _keys(self, _: Request) -> Response:
        self.asked.append("keys")
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        given = dict(request.query_params)
        code = f"code-{len(self.codes)}-{hashlib.sha256(given['state'].encode()).hexdigest()[:8]}"
        self.codes[code] = given
        return RedirectResponse(f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}", 303)

    async def _token(self, request: Request) -> Response:
        given = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        begun = self.codes.pop(given["code"], None)
        made = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if (
            begun is None
            or begun["code_challenge_method"] != "S256"
            or made.decode().rstrip("=") != begun["code_challenge"]
            or begun["redirect_uri"] != given["redirect_uri"]
            or request.headers.get("authorization") != basic
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        own = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": begun["nonce"]}
        header = {"alg": self.algorithm, "kid": "k1"}
        id_token = jwt.encode(
            header, {**own, **self.claims, **self.lies}, self.signs_with or self.key, algorithms=[self.algorithm]
        )
        answer = {"access_token": f"access-{now}-{id(begun)}", "id_token": id_token, "token_type": "Bearer"}
        self.tokens += [answer["access_token"], id_token]
        return JSONResponse(answer)

    def browse(self, address: str) -> str:
        """Sign in there, as a browser would that was sent to it; where it is sent back to."""
        import requests

        answer = requests.get(address, allow_redirects=False, timeout=10)
        assert answer.status_code == 303, answer.text
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    def settings(self) -> str:
        """The file that an administrator writes."""
        return f"""
issuer = {json.dumps(self.issuer)}
client_id = "{CLIENT}"
client_secret_file = "secret"
role_claim = "realm.groups"
branch_claim = "branches"
rm_claim = "staff_number"
[roles]
"bank-managers" = "branch_manager"
"bank-analysts" = "analyst"
"""


def symmetric(secret: str) -> OctKey:
    return OctKey.import_key(secret)


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        provider = IdentityProvider(f"http://127.0.0.1:{own.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(provider.app(), log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([own],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield provider
        finally:
            server.should_exit = True
            thread.join(10)
