"""The application: every route from one table behind one gate, and the headers that every answer has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segment.exceptions import BusyError, SegmentError
from segment.login import acting_as
from segment.system_errors import as_refusal
from segment.warehouse.workspace_clock import write_as
from segment.web import (
    access_pages,
    branch_pages,
    list_pages,
    oidc_pages,
    oversight_pages,
    table_pages,
    work_pages,
)
from segment.web.api import NotSignedIn, build_api
from segment.web.api_answers import problem
from segment.web.background import TooBusy, log_place
from segment.web.passwords import LockedOut
from segment.web.rights import NotAllowed
from segment.web.site import PageRoute, Site, Visit, admit
from segment.web.table_builder import NotReady

MOST_BYTES: Final = 10 * 1024 * 1024
"""Of a request: files of outcomes are handed in, and nothing larger."""
PAGES: Final[tuple[PageRoute, ...]] = (
    *access_pages.ROUTES, *oidc_pages.ROUTES, *work_pages.ROUTES, *list_pages.ROUTES, *table_pages.ROUTES,
    *branch_pages.ROUTES, *oversight_pages.ROUTES,
)  # fmt: skip
"""Every page and act; what is not here is not served."""

API: Final = "/api/v1"
_STATUS: Final[dict[type[Exception], int]] = {
    NotSignedIn: 401,
    NotAllowed: 403,
    LockedOut: 429,
    NotReady: 503,
    BusyError: 503,
    SegmentError: 422,
    RequestValidationError: 422,
    HTTPException: 400,
    Exception: 500,
}
"""What the API answers where something is wrong; pages say it in words."""

_STYLE = Path(__file__).parent / "static" / "segment.css"
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    # to no other site; under `no-referrer` browsers send forms with `Origin: null`, which are then nobody's
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class TooLarge(Exception):
    """A request of more bytes than are taken."""


def build_app(site: Site) -> FastAPI:
    """Build what is served."""
    app = FastAPI(title="segment", version="1", docs_url=None, redoc_url=None, openapi_url=f"{API}/openapi.json")
    app.include_router(build_api(site))
    for route in PAGES:
        app.router.routes.append(Route(route.path, _endpoint(site, route), methods=[route.method]))
    app.router.routes.append(Route("/static/segment.css", _style, methods=["GET"]))
    app.add_exception_handler(404, _not_found(site))
    for kind in _STATUS:
        app.add_exception_handler(kind, _api_problem)
    app.add_middleware(Guard, site=site)
    return app


class Guard:
    """Turns away what is not meant for this host or is too large, and gives every answer its headers."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app, self.site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BYTES:
                raise TooLarge
            return message

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
                if self.site.is_https:
                    headers["strict-transport-security"] = "max-age=31536000"
            await send(message)

        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if hosts != [self.site.host]:
            await PlainTextResponse("This is another host.", 421)(scope, receive, with_headers)
            return
        try:
            await self.app(scope, bounded, with_headers)
        except TooLarge:
            await PlainTextResponse("Too large.", 413)(scope, receive, with_headers)


def _endpoint(site: Site, route: PageRoute) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            async with request.form(max_files=1, max_fields=60) as sent:
                return await run_in_threadpool(_answer, Visit(site, request, dict(sent)), route)
        return await run_in_threadpool(_answer, Visit(site, request), route)

    return endpoint


def _answer(visit: Visit, route: PageRoute) -> Response:
    """Answer a visit; what goes wrong is said without a word of what it was about."""
    write_as(visit.site.workspace)
    try:
        with visit.one_moment():
            turned_away = admit(visit, route)
            if turned_away is not None:
                return turned_away
            with acting_as(visit.user.name if visit.user else "nobody"):
                return route.answer(visit)
    except NotAllowed:
        return visit.page("message", 403 if visit.user else 401, code="not_allowed", fault="")
    except TooBusy:
        return visit.page("message", 503, code="busy", fault="")
    except NotReady:
        visit.site.builder.start()
        return visit.page("message", 503, code="building", fault="")
    except SegmentError as error:
        status = 503 if isinstance(error, BusyError) else 422
        return visit.page("message", status, code="refused", fault=error.in_words(visit.language))
    except Exception as error:
        refusal = as_refusal(error)
        if refusal is not None:
            return visit.page("message", 503, code="refused", fault=refusal.in_words(visit.language))
        log_place(error)
        return visit.page("message", 500, code="unexpected", fault="")


def _not_found(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def not_found(request: Request, _: Exception) -> Response:
        if request.url.path.startswith(API):
            return _problem(404, "")
        visit = Visit(site, request)
        return await run_in_threadpool(lambda: visit.page("message", 404, code="not_found", fault=""))

    return not_found


async def _api_problem(request: Request, error: Exception) -> Response:
    """Say what is wrong as RFC 9457 has it; what was sent is never said back."""
    status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
    headers: dict[str, str] = {}
    detail = str(error) if isinstance(error, SegmentError) else ""
    if isinstance(error, HTTPException):
        status, headers = error.status_code, dict(error.headers or {})
    if isinstance(error, RequestValidationError):
        places = sorted({".".join(map(str, fault["loc"])) for fault in error.errors()})
        detail = f"Not as the description says: {', '.join(places)[:500]}."
    if isinstance(error, NotSignedIn):
        headers = {"www-authenticate": "Bearer"}
    if isinstance(error, LockedOut | NotReady | BusyError):
        headers = {"retry-after": "30"}
    if status == 500:
        log_place(error)
    return _problem(status, detail, headers)


def _problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    content = problem(status, detail).model_dump_json()
    return Response(content, status, headers=headers, media_type="application/problem+json")


async def _style(_: Request) -> Response:
    return FileResponse(_STYLE, media_type="text/css", headers={"cache-control": "max-age=3600"})
