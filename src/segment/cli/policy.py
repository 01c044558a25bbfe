"""Commands about policies: replay and approve-policy."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import JsonOption, PolicyOption, WorkspaceOption, month_end, open_policy, open_workspace
from segment.cli.progress import progress_bars
from segment.cli.show import show_json
from segment.settings import Settings

ChangedArgument = Annotated[Path, typer.Argument(metavar="POLICY", help="The changed policy, a TOML file.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(replay)
    app.command("approve-policy")(approve_policy)


def replay(
    changed: ChangedArgument,
    months: Annotated[int, typer.Option(min=1, help="Most months to replay.")] = 24,
    as_of: Annotated[
        dt.datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Last day; else the newest month's.")
    ] = None,
    ledger: Annotated[
        str | None,
        typer.Option(help="Needed where income or cost is counted otherwise; also adds sex and region to the audit."),
    ] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show what a changed policy would have done in past months, each from what was known then.

    Example: segment replay models/retail-2026.toml --months 24
    """
    from segment.jobs.replay import replay as run

    with progress_bars() as progress:
        made = run(
            open_policy(changed),
            open_policy(policy),
            open_workspace(workspace),
            months=months,
            as_of=None if as_of is None else month_end(as_of),
            ledger=ledger,
            n_jobs=Settings().jobs,
            progress=progress,
        )
    show_json(made.to_dict()) if json else typer.echo(str(made))


def approve_policy(
    changed: ChangedArgument,
    by: Annotated[str, typer.Option("--by", help="Who approves; not the policy's owner.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Put on record that a replayed policy is approved, by whom and why.

    Example: segment approve-policy models/retail-2026.toml --by "Ann Example" --reason "seen by the pricing board"
    """
    from segment.jobs.replay import approve_policy as run

    made = run(open_workspace(workspace), open_policy(changed), by=by, why=reason)
    if json:
        show_json(made.to_dict())
    else:
        typer.echo(
            f"Record {made.number}: {made.by} approved {made.content['policy']} after replay {made.content['replay']}."
        )
