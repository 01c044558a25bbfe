"""The backtest command."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from segment.cli.options import (
    JsonOption,
    LedgerArgument,
    PolicyOption,
    SpecOption,
    WorkspaceOption,
    open_policy,
    open_spec,
    open_tracking,
    open_workspace,
)
from segment.cli.progress import progress_bars
from segment.cli.show import show_json, show_rows
from segment.settings import Settings

FromOption = Annotated[
    dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First moment to score: a month's last day.")
]
ToOption = Annotated[
    dt.datetime,
    typer.Option("--to", formats=["%Y-%m-%d"], help="Last moment to score; the ledger must reach beyond it."),
]


def register(app: typer.Typer) -> None:
    """Add the command to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(backtest)


def backtest(
    ledger: LedgerArgument,
    first: FromOption,
    last: ToOption,
    every: Annotated[int, typer.Option("--every", min=1, help="Months from one moment to the next.")] = 3,
    horizon_months: Annotated[
        int | None, typer.Option(min=1, max=12, help="Months ahead; 12 unless the history is too short.")
    ] = None,
    spec: SpecOption = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same backtest.")] = None,
    bootstraps: Annotated[int, typer.Option(min=50, help="Resamples of customers behind each interval.")] = 500,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Train and score at each past moment, and compare with what happened, beside simpler forecasts.

    Example: segment backtest bank/ledger --from 2024-12-31 --to 2025-12-31
    """
    from segment.jobs.backtest import backtest as run
    from segment.jobs.train import settled

    opened = open_workspace(workspace)
    chosen = settled(open_spec(spec), horizon_months, seed)
    with progress_bars() as progress:
        made = run(
            ledger,
            first.date(),
            last.date(),
            opened,
            open_policy(policy),
            open_tracking(opened),
            spec=chosen,
            every=every,
            bootstraps=bootstraps,
            n_jobs=Settings().jobs,
            progress=progress,
        )
    if json:
        show_json(made.to_dict())
        return
    for title, table in made.overviews.items():
        show_rows(title, table.columns, [[_figure(cell) for cell in row] for row in table.rows()])
    if made.params["left_out"]:
        typer.echo(f"Not possible, for want of history or outcomes: {made.params['left_out']}.")
    typer.echo(f"Report, table and plots: {made.folder}")


def _figure(cell: str | float | None) -> str | None:
    """Three decimals, which forecasts often differ by; amounts have none."""
    return cell if cell is None or isinstance(cell, str) else f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3f}"
