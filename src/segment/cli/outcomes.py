"""The command about outcomes of lists."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import JsonOption, PolicyOption, WorkspaceOption, month_end, open_policy, open_workspace
from segment.cli.show import show_json
from segment.exceptions import SegmentError


def register(app: typer.Typer) -> None:
    """Add the command to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(outcomes)


def outcomes(
    file: Annotated[Path | None, typer.Argument(help="CSV or Parquet with what came of a list.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Measure the effect of the lists so far.")] = False,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(
            "--as-of", formats=["%Y-%m-%d"], help="Moment of the report; the last month extracted by default."
        ),
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
    from segment.features import months_written
    from segment.features.known import month_end as last_day
    from segment.jobs.outcomes import report_effects, take_outcomes

    opened = open_workspace(workspace)
    if (file is None) == (not report):
        raise SegmentError.with_hint(
            "The command must have either a file or --report. Got both or neither.", "segment outcomes FILE"
        )
    if file is not None:
        taken = take_outcomes(file, opened)
        if json:
            counts = vars(taken.taken) | {"older": taken.older, "refused": taken.refused}
            show_json({**counts, "refused_rows": taken.refused_rows})
        else:
            typer.echo(str(taken))
        return
    moment = month_end(as_of) if as_of else last_day(months_written(opened.customer_months)[-1])
    made = report_effects(moment, opened, open_policy(policy))
    if json:
        show_json(made.to_dict())
    else:
        typer.echo(str(made))
