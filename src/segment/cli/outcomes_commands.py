"""The command about outcomes of lists."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    JsonOption,
    PolicyOption,
    WorkspaceOption,
    date_option,
    may_write,
    open_policy,
    open_workspace,
    require_month_end,
)
from segment.cli.progress_bar import one_step
from segment.cli.show import say_next, show_json, show_result, show_words
from segment.exceptions import UsageError


def outcomes(
    file: Annotated[Path | None, typer.Argument(help="CSV, Parquet or XLSX with what came of a list.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Measure the effect of the lists so far.")] = False,
    as_of: Annotated[
        dt.datetime | None, date_option("--as-of", "Date of the report; the last month extracted by default.")
    ] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Take in what came of a list, or measure the lists' effect against the control group.

    A refusal keeps its customer off lists from the same day on. What a file says of moves is not believed: moves are
    measured from the ledger, the same way in both arms.

    Example: segment outcomes branch-7.csv
    """
    from segment.dates import month_end
    from segment.features import months_written
    from segment.jobs.lists.take_outcomes import take_outcomes
    from segment.jobs.service.effects import report_effects

    opened = open_workspace(workspace, writes=file is not None or may_write(workspace))
    if (file is None) == (not report):
        raise UsageError.of("errors.outcomes_or_report")
    if file is not None:
        taken = take_outcomes(file, opened)
        if json:
            counts = vars(taken.taken) | {"older": taken.older, "refused": taken.refused}
            show_json({**counts, "refused_rows": taken.refused_rows})
        else:
            show_words(taken)
        say_next("outcomes", json)
        return
    day = require_month_end(as_of) if as_of else month_end(months_written(opened.customer_months)[-1])
    with one_step("outcomes"):
        effects = report_effects(day, opened, open_policy(policy))
    show_result(effects, json)
