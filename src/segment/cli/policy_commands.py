"""Commands about policies: replay, approve-policy and policy missing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    IgnoreOption,
    JsonOption,
    LanguageOption,
    PolicyOption,
    WorkspaceOption,
    date_option,
    open_policy,
    open_workspace,
    require_month_end,
)
from segment.cli.progress_bar import progress_bars
from segment.cli.show import say, show_frame, show_json, show_result, show_words
from segment.settings import Settings, current_user, policy_file

ChangedArgument = Annotated[Path, typer.Argument(metavar="POLICY", help="The changed policy, a TOML file.")]


def replay(
    changed: ChangedArgument,
    months: Annotated[int, typer.Option(min=1, help="Most months to replay.")] = 24,
    as_of: Annotated[dt.datetime | None, date_option("--as-of", "Last day; else the newest month's.")] = None,
    ledger: Annotated[
        str | None,
        typer.Option(help="Needed where income or cost is counted otherwise; also adds sex and region to the audit."),
    ] = None,
    language: LanguageOption = "en",
    ignore: IgnoreOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show what a changed policy would have done in past months, each from what was known then.

    Example: segment replay models/retail-2026.toml --months 24
    """
    from segment.jobs.policies.replay import replay as run

    with progress_bars() as progress:
        replayed = run(
            open_policy(changed),
            open_policy(policy),
            open_workspace(workspace, writes=True),
            months=months,
            as_of=require_month_end(as_of) if as_of else None,
            ledger=ledger,
            language=language,
            n_jobs=Settings().jobs,
            progress=progress,
        )
    show_result(replayed, json)


def approve_policy(
    changed: ChangedArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    by: Annotated[
        str | None, typer.Option("--by", help="Who approves, not the policy's owner; you by default.")
    ] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Put on record that a replayed policy is approved, by whom and why.

    Example: segment approve-policy models/retail-2026.toml --reason "seen by the pricing board"
    """
    from segment.jobs.policies.approval import approve_policy as run

    record = run(open_workspace(workspace, writes=True), open_policy(changed), by=current_user(by), why=reason)
    if json:
        show_json(record.to_dict())
    else:
        approved, replay = record.content["policy"], record.content["replay"]
        say(f"Record {record.number}: {record.by} approved {approved} after replay {replay}.")


policy_app = typer.Typer(name="policy", help="What is still to be filled in of a policy.", no_args_is_help=True)


@policy_app.command()
def missing(policy: PolicyOption = None, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """List the figures still marked [K], those first that most of the contribution, and so of the tiers, hangs on.

    Example: segment policy missing --policy models/retail.toml
    """
    from segment.jobs.policies.missing import missing_figures

    found = missing_figures(policy_file(policy), open_workspace(workspace, writes=False))
    if json:
        show_json(found.to_dict())
        return
    show_words(found)
    show_frame(found.figures, found.policy, rows=found.figures.height)
