"""Commands about the rights of customers: object, objections, explain, erase, retain."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    JsonOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    open_policy,
    open_workspace,
    published_moment,
)
from segment.cli.show import show_frame, show_json, show_rows

DOES_NOT_HOLD = 1
CustomerArgument = Annotated[str, typer.Argument(help="The customer's id.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command(name="object")(object_)
    app.command()(objections)
    app.command()(explain)
    app.command()(erase)
    app.command()(retain)


def object_(
    customer: CustomerArgument,
    against: Annotated[str, typer.Option("--against", help="profiling or marketing.")] = "profiling",
    made_on: Annotated[
        dt.datetime | None,
        typer.Option("--made-on", formats=["%Y-%m-%d"], help="Day on which the customer said so; today by default."),
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the objection back.")] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Take in that a customer refuses profiling or marketing, or takes that back; in force at once.

    Example: segment object C000123 --against marketing
    """
    from segment.jobs.objections import object_to

    day = made_on.date() if made_on else None
    done = object_to(open_workspace(workspace), customer, against, made_on=day, withdraw=withdraw)
    show_json(done.to_dict()) if json else typer.echo(str(done))


def objections(policy: PolicyOption = None, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """List objections, and how long each took until it was in force.

    Example: segment objections
    """
    from segment.jobs.objections import list_objections

    found = list_objections(open_workspace(workspace), open_policy(policy))
    show_json(found.to_dicts()) if json else show_frame(found, f"Objections: {found.height}")


def explain(
    customer: CustomerArgument,
    as_of: PublishedOption = None,
    language: Annotated[str, typer.Option("--language", help="en or zh.")] = "en",
    out: Annotated[Path | None, typer.Option("--out", help="Write to a .md or .html file.")] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Tell a customer who asks which tier, why, from which data, and what can be done about it, in plain words.

    Example: segment explain C000123 --language zh --out answer.html
    """
    from segment.jobs.access import as_page, check_ending, write_page
    from segment.jobs.access import explain as run

    if out is not None:
        check_ending(out)
    opened = open_workspace(workspace)
    found = run(customer, published_moment(as_of, opened), opened, open_policy(policy))
    if out is not None:
        write_page(found, out, language)
    if json:
        show_json(found.to_dict())
    elif out is None:
        typer.echo(as_page(found, language))


def erase(
    customer: CustomerArgument,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; recorded, so it must not name the customer.")
    ] = "The customer asked for it.",
    verify: Annotated[
        Path | None,
        typer.Option("--verify", help="Erase nothing: hold this certificate to the records and search again."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the certificate here, too (JSON).")] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Take a customer out of every file of the workspace, every published version included, and prove it.

    Example: segment erase C000123 --reason "Request of 3 March, file 17."
    """
    from segment.jobs.erasure import erase as run
    from segment.jobs.erasure import verify_erasure
    from segment.warehouse import write_json

    opened = open_workspace(workspace)
    if verify is not None:
        found = verify_erasure(opened, customer, verify)
        show_json(found.to_dict()) if json else typer.echo(str(found))
        if not found.holds:
            raise typer.Exit(DOES_NOT_HOLD)
        return
    done = run(opened, open_policy(policy), customer, reason=reason)
    if out is not None:
        write_json(done.content, out)
    show_json(done.to_dict()) if json else typer.echo(str(done))


def retain(
    on: Annotated[
        dt.datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="Day from which periods are counted; today by default."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Delete what is older than the policy keeps it; what the law or the next run needs stays.

    Example: segment retain --on 2026-01-31 --dry-run
    """
    from segment.jobs.retention import retain as run

    day = on.date() if on else dt.date.today()
    done = run(open_workspace(workspace), open_policy(policy), day, dry_run=dry_run)
    if json:
        show_json(done.to_dict())
        return
    rows = [
        (
            one["store"],
            one["before"],
            one["count"],
            ", ".join(one["files"][:3]) + (" …" if len(one["files"]) > 3 else ""),
        )
        for one in done.to_dict()["stores"]
    ]
    verb = "Would go" if dry_run else "Gone"
    show_rows(f"{verb}, as of {done.on}", ("store", "older than", "files or rows", "oldest first"), rows)
    if done.held:
        typer.echo(f"Rows of {done.held} customers stay while a law asks for them, in held/.")
