"""Commands about the ledger: simulate, import-berka, check, extract, features."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from segment.cli.options import (
    AsOfOption,
    JsonOption,
    LedgerArgument,
    PolicyOption,
    UnreadWorkspaceOption,
    WorkspaceOption,
    month_end,
    open_policy,
    open_workspace,
)
from segment.cli.progress import progress_bars
from segment.cli.show import show_json, show_rows
from segment.settings import Settings


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(simulate)
    app.command(name="import-berka")(import_berka)
    app.command()(check)
    app.command()(extract)
    app.command()(features)


def simulate(
    out: Annotated[Path, typer.Argument(help="Folder to write: OUT/ledger and OUT/truth.parquet.")],
    customers: Annotated[int, typer.Option(min=50, help="How many customers at the end.")] = 5000,
    months: Annotated[int, typer.Option(min=2, help="How many months.")] = 36,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bank.")] = 0,
    workspace: UnreadWorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write a bank with known truth.

    Example: segment simulate bank --customers 5000 --months 36 --seed 7
    """
    from segment.ledger.simulator import simulate_bank

    with progress_bars() as progress:
        summary = simulate_bank(
            out, customers, months, seed, progress=lambda done, total: progress("months simulated", done, total)
        )
    if json:
        show_json(asdict(summary))
    else:
        typer.echo(str(summary))


def import_berka(
    source: Annotated[Path, typer.Argument(help="Folder with the PKDD'99 tables, .asc or Parquet.")],
    out: Annotated[Path, typer.Argument(help="Folder for the ledger.")],
    policy: PolicyOption = None,
    workspace: UnreadWorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Turn the Berka (PKDD'99) tables into a ledger.

    The loan rate is not recorded there: it is an assumption of the policy (models/berka.toml).

    Example: segment import-berka shared/data/berka ledger
    """
    from segment.exceptions import PolicyError
    from segment.ledger.berka import import_berka as run

    assumptions = open_policy(policy, default="berka.toml").assumptions
    if assumptions is None:
        raise PolicyError.with_hint(
            "The policy must hold `assumptions.imported_loan_rate_annual`. It has no such table.",
            "use --policy models/berka.toml",
        )
    with progress_bars() as progress:
        summary = run(source, out, loan_rate_annual=assumptions.imported_loan_rate_annual, progress=progress)
    if json:
        show_json(summary.to_dict())
    else:
        typer.echo(str(summary))


def check(
    ledger: LedgerArgument,
    policy: PolicyOption = None,
    workspace: UnreadWorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Hold a ledger to the contract and print what was found.

    Example: segment check bank/ledger
    """
    from segment.ledger import check_ledger

    rules = open_policy(policy)
    with progress_bars() as progress:
        progress("check", 0, 1)
        checked = check_ledger(ledger, tuple(rules.products), rules.ledger.tolerated_bad_row_share)
        progress("check", 1, 1)
    if json:
        show_json(checked.report.to_dict())
    else:
        typer.echo(checked.report.as_text())


def extract(
    ledger: LedgerArgument,
    as_of: AsOfOption,
    engine: Annotated[Literal["polars", "duckdb"], typer.Option(help="What sums the months.")] = "polars",
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Build or refresh customer months and the snapshot.

    Example: segment extract bank/ledger --as-of 2025-12-31
    """
    from segment.jobs.extract import extract as run

    with progress_bars() as progress:
        made = run(
            ledger,
            month_end(as_of),
            open_workspace(workspace),
            open_policy(policy),
            engine=engine,
            n_jobs=Settings().jobs,
            progress=progress,
        )
    show_json(made.to_dict()) if json else typer.echo(str(made))


def features(
    policy: PolicyOption = None,
    workspace: UnreadWorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Print every feature with its unit, window, meaning and use.

    Example: segment features
    """
    from segment.features.catalogue import catalogue

    columns = ("name", "unit", "window_months", "meaning", "used_by")
    rows = [[getattr(feature, column) for column in columns] for feature in catalogue(open_policy(policy))]
    if json:
        show_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        show_rows("Features of a snapshot", columns, ([*row[:-1], ", ".join(row[-1])] for row in rows))
