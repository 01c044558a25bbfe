"""The backtest command."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from segment.cli.options import (
    HorizonOption,
    IgnoreOption,
    JsonOption,
    LanguageOption,
    LedgerArgument,
    PolicyOption,
    SeedOption,
    SpecOption,
    WorkspaceOption,
    date_option,
    open_policy,
    open_spec,
    open_tracking,
    open_workspace,
)
from segment.cli.progress_bar import progress_bars
from segment.cli.show import say, show_json, show_rows, title_of
from segment.settings import Settings

FromOption = Annotated[dt.datetime, date_option("--from", "First date to score: a month's last day.")]
ToOption = Annotated[dt.datetime, date_option("--to", "Last date to score; the ledger must reach beyond it.")]


def backtest(
    ledger: LedgerArgument,
    first: FromOption,
    last: ToOption,
    every: Annotated[int, typer.Option("--every", min=1, help="Months from one date to the next.")] = 3,
    horizon_months: HorizonOption = None,
    spec: SpecOption = None,
    seed: SeedOption = None,
    bootstraps: Annotated[int, typer.Option(min=50, help="Resamples of customers behind each interval.")] = 500,
    language: LanguageOption = "en",
    ignore: IgnoreOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Train and score at each past date, and compare with what happened, beside simpler forecasts.

    Example: segment backtest bank/ledger --from 2024-12-31 --to 2025-12-31
    """
    from segment.jobs.backtest.backtest import backtest as run
    from segment.jobs.learn.train import override_spec

    opened = open_workspace(workspace, writes=True)
    chosen = override_spec(open_spec(spec), horizon_months, seed)
    with progress_bars() as progress:
        result = run(
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
            language=language,
        )
    if json:
        show_json(result.to_dict())
        return
    for title, (heads, rows) in result.overviews.items():
        show_rows(title, heads, [[_figure(cell) for cell in row] for row in rows])
    say(title_of("errors"))
    if result.params["left_out"]:
        say(f"Not possible, for want of history or outcomes: {result.params['left_out']}.")
    say(f"Report, table and plots: {result.folder}")


def _figure(cell: str | float | None) -> str | None:
    """Three decimals, which forecasts often differ by; amounts have none."""
    return cell if cell is None or isinstance(cell, str) else f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3f}"
