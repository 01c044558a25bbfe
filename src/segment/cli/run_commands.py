"""Command that does a month's work as one: run."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from segment.bank_calendar import OF_JURISDICTION, WEEKDAYS
from segment.cli.limitations import say_limits
from segment.cli.options import (
    IgnoreOption,
    JsonOption,
    LedgerArgument,
    PolicyOption,
    WorkspaceOption,
    date_option,
    open_policy,
    open_tracking,
    open_workspace,
    require_month_end,
)
from segment.cli.progress_bar import progress_bars
from segment.cli.show import say_next, show_result
from segment.settings import Settings


def run(
    ledger: LedgerArgument,
    as_of: Annotated[
        dt.datetime | None, date_option("--as-of", "A month's last day; by default the newest that is due and held.")
    ] = None,
    drafts: Annotated[bool, typer.Option(help="Draft the lists that a person then releases.")] = True,
    ignore: IgnoreOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Do a month's work as one: check, extract, train when due, refresh, draft the lists.

    A step that is done already is not done again. Nothing leaves the workspace: a person releases the lists.

    Example: segment run bank/ledger --as-of 2025-12-31
    """
    from segment.jobs.schedule.run_all import run_month
    from segment.working_days import read_working_days

    settings, opened, rules = Settings(), open_workspace(workspace, writes=True), open_policy(policy)
    default = WEEKDAYS if settings.holidays else OF_JURISDICTION[rules.jurisdiction]
    with progress_bars() as progress:
        done = run_month(
            ledger,
            require_month_end(as_of) if as_of else None,
            opened,
            rules,
            open_tracking(opened),
            read_working_days(settings.holidays, settings.calendar or default),
            drafts=drafts,
            n_jobs=settings.jobs,
            progress=progress,
        )
    show_result(done, json)
    say_limits("refresh", opened, done.as_of)
    say_next("run", json)
