"""Commands about models: train, promote, rollback."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from segment.cli.limitations import say_limits
from segment.cli.options import (
    AsOfOption,
    ExtractedLedgerArgument,
    HorizonOption,
    IgnoreOption,
    JsonOption,
    PolicyOption,
    SeedOption,
    SpecOption,
    WorkspaceOption,
    date_option,
    newest_date,
    open_policy,
    open_spec,
    open_tracking,
    open_workspace,
    require_month_end,
)
from segment.cli.progress_bar import progress_bars
from segment.cli.show import say, say_next, show_json, show_result
from segment.exceptions import UsageError
from segment.settings import Settings, current_user


def train(
    as_of: AsOfOption = None,
    ledger: ExtractedLedgerArgument = None,
    spec: SpecOption = None,
    horizon_months: HorizonOption = None,
    seed: SeedOption = None,
    ignore: IgnoreOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Train on what was known, log the run and register the model as challenger; the first becomes champion.

    Example: segment train bank/ledger --as-of 2025-12-31
    """
    from segment.jobs.learn.train import train as run

    opened, tried = open_workspace(workspace, writes=True), open_spec(spec)
    rules = open_policy(policy, tried.policy or "retail.toml")
    day = newest_date(as_of, ledger, opened, rules)
    with progress_bars() as progress:
        trained = run(
            ledger,
            day,
            opened,
            rules,
            open_tracking(opened),
            spec=tried,
            horizon_months=horizon_months,
            seed=seed,
            n_jobs=Settings().jobs,
            progress=progress,
        )
    show_result(trained, json)
    say_limits("train", opened, day)
    say_next("train" if trained.champion else "challenger", json)


def promote(
    version: Annotated[str | None, typer.Argument(help="Version to promote; the challenger by default.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Promote although a gate fails; needs --reason.")] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; recorded with the version.")] = None,
    approver: Annotated[
        str | None, typer.Option("--approver", help="Who approves, not who trained it: your own name; recorded.")
    ] = None,
    as_of: Annotated[
        dt.datetime | None,
        date_option("--as-of", "Outcomes up to here judge both; by default up to the training, with --force none."),
    ] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Make a version champion if its gates hold.

    Example: segment promote 2
    """
    from segment.jobs.learn.evaluate_gates import evaluate_gates
    from segment.jobs.learn.promote import candidate
    from segment.jobs.learn.promote import promote as run

    if force and not reason:
        raise UsageError.of("errors.force_without_reason")
    opened = open_workspace(workspace, writes=True)
    tracking, rules = open_tracking(opened), open_policy(policy)
    registered = candidate(version, tracking)
    known_by = require_month_end(as_of) if as_of else None
    if known_by is None and not force:
        known_by = dt.date.fromisoformat(registered.tags["as_of"]) if "as_of" in registered.tags else None
    with progress_bars() as progress:
        gates = evaluate_gates(
            registered, opened, rules, tracking, as_of=known_by, n_jobs=Settings().jobs, progress=progress
        )
    promoted = run(
        registered,
        gates,
        tracking,
        opened,
        reason=reason if force else None,
        approver=current_user(approver) if approver else None,
    )
    show_result(promoted, json)
    say_next("promote", json)


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
    from segment.jobs.learn.promote import roll_back
    from segment.jobs.publish.rollback import roll_back_tiers

    opened = open_workspace(workspace, writes=True)
    if tiers:
        restored = roll_back_tiers(opened, reason, version)
        show_result(restored, json)
        return
    champion = roll_back(open_tracking(opened), opened, reason or "no reason given")
    show_json({"champion": champion}) if json else say(f"Version {champion} is champion again.")
