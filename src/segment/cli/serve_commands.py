"""The command that serves the page and the API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import PolicyOption, WorkspaceOption, open_policy, open_workspace
from segment.cli.show import say
from segment.exceptions import UsageError


def serve(
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65_535, help="Where to listen.")] = 8765,
    address: Annotated[
        str | None,
        typer.Option(
            "--address", help="What people type, such as https://segment.bank.example, where TLS ends before."
        ),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--directory",
            help="File with customer_id, name and phone, shown beside ids; read as a page is shown, never kept.",
        ),
    ] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the page and the API that branch managers, advisers and marketing work in, until it is stopped.

    The first time it prints a one-time link that makes the administrator, who then gives others access.

    Example: segment serve
    """
    import uvicorn

    from segment.settings import current_user
    from segment.web.access_pages import first_link
    from segment.web.application import build_app
    from segment.web.directory_names import Names
    from segment.web.oidc_settings import LOOPBACK
    from segment.web.site import Site, open_provider

    origin = (address or f"http://{host}:{port}").rstrip("/")
    if host not in LOOPBACK and not origin.startswith("https://"):
        raise UsageError.of("errors.no_tls")
    site = Site(
        open_workspace(workspace, writes=True), open_policy(policy), origin, names=Names(directory),
        provider=open_provider(origin),
    )  # fmt: skip
    site.names.of([])  # a file that cannot be read is said now, not to whoever opens a page
    site.builder.start()
    link = first_link(site, current_user())
    say(f"Serving on {origin}. Ctrl-C ends it.")
    if link is not None:
        say(f"Nobody administers it yet. This link works once, for 48 hours: {link}")
    uvicorn.run(
        build_app(site), host=host, port=port, log_level="warning", access_log=False, server_header=False,
        proxy_headers=False,
    )  # fmt: skip
