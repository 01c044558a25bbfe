"""Commands about the rights of customers: object, objections, explain, erase, retain."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.limitations import say_limits
from segment.cli.options import (
    JsonOption,
    LanguageOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    as_date,
    date_option,
    open_policy,
    open_workspace,
    published_date,
)
from segment.cli.show import say, show_frame, show_json, show_result, show_rows, show_words, title_of
from segment.exceptions import UsageError

DOES_NOT_HOLD = 1
CustomerArgument = Annotated[str, typer.Argument(help="The customer's id.")]


def object_(
    customer: CustomerArgument,
    against: Annotated[str, typer.Option("--against", help="profiling or marketing.")] = "profiling",
    made_on: Annotated[
        dt.datetime | None, date_option("--made-on", "Day on which the customer said so; today by default.")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the objection back.")] = False,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Take in that a customer refuses profiling or marketing, or takes that back; in force at once.

    Example: segment object C000123 --against marketing
    """
    from segment.jobs.rights.objections import object_to

    day = as_date(made_on)
    opened, rules = open_workspace(workspace, writes=True), open_policy(policy)
    objection = object_to(opened, rules, customer, against, made_on=day, withdraw=withdraw)
    show_result(objection, json)


def objections(policy: PolicyOption = None, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """List objections, and how long each took until it was in force.

    Example: segment objections
    """
    from segment.jobs.rights.objections import list_objections

    listed = list_objections(open_workspace(workspace, writes=False), open_policy(policy))
    show_frame(listed, title_of("objections", count=listed.height), json=json)


def explain(
    customer: CustomerArgument,
    as_of: PublishedOption = None,
    language: LanguageOption = "en",
    out: Annotated[Path | None, typer.Option("--out", help="Write to a .md or .html file.")] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Tell a customer who asks which tier, why, from which data, and what can be done about it, in plain words.

    Example: segment explain C000123 --language zh --out answer.html
    """
    from segment.jobs.rights.explain import explain as run
    from segment.pages.customer_page import check_ending, customer_page, write_customer_page

    if out is not None:
        check_ending(out)
    opened = open_workspace(workspace, writes=False)
    day = published_date(as_of, opened)
    explanation = run(customer, day, opened, open_policy(policy))
    say_limits("explain", opened, day)
    if out is not None:
        write_customer_page(explanation.to_dict(), out, language)
    if json:
        show_json(explanation.to_dict())
    elif out is None:
        say(customer_page(explanation.to_dict(), "md", language))


def erase(
    customer: CustomerArgument,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; recorded, so it must not name the customer.")
    ] = "The customer asked for it.",
    verify: Annotated[
        Path | None,
        typer.Option("--verify", help="Erase nothing: check this certificate against the records and search again."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the certificate here, too (JSON).")] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Take a customer out of every file of the workspace, every published version included, and prove it.

    Example: segment erase C000123 --reason "Request of 3 March, file 17."
    """
    from segment.files import write_json
    from segment.jobs.rights.backup import backups_holding
    from segment.jobs.rights.certificate import verify_erasure
    from segment.jobs.rights.erase import erase as run

    if out is not None and out.is_dir():
        raise UsageError.of("errors.out_is_folder")
    opened = open_workspace(workspace, writes=verify is None)
    if verify is not None:
        verified = verify_erasure(opened, customer, verify)
        show_result(verified, json)
        if not verified.holds:
            raise typer.Exit(DOES_NOT_HOLD)
        return
    erasure = run(opened, open_policy(policy), customer, reason=reason)
    if out is not None:
        write_json(erasure.certificate.to_dict(), out)
    backups = backups_holding(opened, customer)
    if json:
        show_json(erasure.to_dict() | {"backups": [asdict(backup) for backup in backups]})
        return
    show_words(erasure)
    for backup in backups:
        show_words(backup)


def retain(
    on: Annotated[
        dt.datetime | None, date_option("--on", "Day from which periods are counted; today by default.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Delete what is older than the policy keeps it; what the law or the next run needs stays.

    What went is gone, so the day must have come and lies few days back; a dry run takes any.

    Example: segment retain --on 2026-01-31 --dry-run
    """
    from segment.jobs.rights.retain import retain as run

    deleted = run(open_workspace(workspace, writes=not dry_run), open_policy(policy), as_date(on), dry_run=dry_run)
    if json:
        show_json(deleted.to_dict())
        return
    rows = [
        (
            store["store"],
            store["before"],
            store["count"],
            ", ".join(store["files"][:3]) + (" …" if len(store["files"]) > 3 else ""),
        )
        for store in deleted.to_dict()["stores"]
    ]
    verb = "Would go" if dry_run else "Gone"
    show_rows(f"{verb}, as of {deleted.on}", ("store", "older than", "files or rows", "oldest first"), rows)
    if deleted.on_hold:
        say(f"Rows of {deleted.on_hold} customers stay while a law requires it, in held/.")
