"""Commands about models: train, promote, rollback."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from segment.cli.options import (
    AsOfOption,
    JsonOption,
    PolicyOption,
    SpecOption,
    WorkspaceOption,
    month_end,
    open_policy,
    open_spec,
    open_tracking,
    open_workspace,
)
from segment.cli.progress import progress_bars
from segment.cli.show import show_json
from segment.exceptions import SegmentError
from segment.settings import Settings


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    for command in (train, promote, rollback):
        app.command()(command)


def train(
    as_of: AsOfOption,
    ledger: Annotated[
        str | None, typer.Argument(help="A folder of tables or a database URL; without it, the last one extracted.")
    ] = None,
    spec: SpecOption = None,
    horizon_months: Annotated[
        int | None,
        typer.Option(min=1, max=12, help="Months ahead that are learned; the spec's, or 12, unless given."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed trains the same model; the spec's, or 0.")] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Train on what was known, log the run and register the model as challenger; the first becomes champion.

    Example: segment train bank/ledger --as-of 2025-12-31
    """
    from segment.jobs.train import train as run

    opened, tried = open_workspace(workspace), open_spec(spec)
    with progress_bars() as progress:
        made = run(
            ledger,
            month_end(as_of),
            opened,
            open_policy(policy, tried.policy or "retail.toml"),
            open_tracking(opened),
            spec=tried,
            horizon_months=horizon_months,
            seed=seed,
            n_jobs=Settings().jobs,
            progress=progress,
        )
    show_json(made.to_dict()) if json else typer.echo(str(made))


def promote(
    version: Annotated[str | None, typer.Argument(help="Version to promote; the challenger by default.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Promote although a gate fails; needs --reason.")] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; recorded with the version.")] = None,
    approver: Annotated[
        str | None, typer.Option("--approver", help="Who approves, not who trained it; recorded with the version.")
    ] = None,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Outcomes up to here judge both; by default up to the training, with --force none.",
        ),
    ] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Make a version champion if its gates hold.

    Example: segment promote 2
    """
    from segment.jobs.promotion import judge_version
    from segment.jobs.promotion import promote as run
    from segment.jobs.promotion.promote import candidate

    if force and not reason:
        raise SegmentError.with_hint("--force must come with a reason. None was given.", 'add --reason "…"')
    opened = open_workspace(workspace)
    tracking, held = open_tracking(opened), open_policy(policy)
    found = candidate(version, tracking)
    known_by = None if as_of is None else month_end(as_of)
    if known_by is None and not force:
        known_by = dt.date.fromisoformat(found.tags["as_of"]) if "as_of" in found.tags else None
    with progress_bars() as progress:
        gates = judge_version(found, opened, held, tracking, as_of=known_by, n_jobs=Settings().jobs, progress=progress)
    made = run(found, gates, tracking, opened, reason=reason if force else None, approver=approver)
    show_json(made.to_dict()) if json else typer.echo(str(made))


def rollback(
    tiers: Annotated[
        bool, typer.Option("--tiers", help="Bring earlier published tiers back instead of the champion before.")
    ] = False,
    version: Annotated[
        int | None, typer.Option("--version", min=0, help="With --tiers: that version of the published table.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; recorded. Must be given with --tiers.")] = "",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Bring the champion before this one back, or with --tiers the tiers before the last publication.

    Example: segment rollback --tiers --reason "The salary feed of June was late."
    """
    from segment.jobs.promotion import roll_back
    from segment.jobs.tiers_back import roll_back_tiers

    opened = open_workspace(workspace)
    if tiers:
        back = roll_back_tiers(opened, reason, version)
        show_json(back.to_dict()) if json else typer.echo(str(back))
        return
    champion = roll_back(open_tracking(opened), opened, reason or "no reason given")
    show_json({"champion": champion}) if json else typer.echo(f"Version {champion} is champion again.")
