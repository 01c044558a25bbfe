"""Commands about lists: upgrade-list."""

from __future__ import annotations

import datetime as dt
from json import loads
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from segment.cli.options import (
    AsOfOption,
    BranchOption,
    JsonOption,
    OutOption,
    PolicyOption,
    WorkspaceOption,
    month_end,
    open_policy,
    open_workspace,
)
from segment.cli.show import show_frame, show_json

SHOWN = (
    "rank",
    "customer_id",
    "branch_id",
    "tier",
    "main_bank_elsewhere",
    "expected_net_gain_12m",
    "bundle",
    "channel",
)


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command(name="upgrade-list")(upgrade_list)


def upgrade_list(
    as_of: AsOfOption,
    branch: BranchOption = None,
    capacity: Annotated[
        int | None, typer.Option(min=1, help="Customers to contact in all; the policy's number per branch by default.")
    ] = None,
    budget: Annotated[float | None, typer.Option(min=0, help="Most that the contacts may cost.")] = None,
    list_on: Annotated[
        dt.datetime | None,
        typer.Option("--list-on", formats=["%Y-%m-%d"], help="The list's date; --as-of by default."),
    ] = None,
    out: OutOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write the upgrade-potential list: who to contact, with what, and why.

    The file holds only customers to contact, and leaves with a record; so does a list that is shown. The analytics
    copy in the workspace also holds the control arm.

    Example: segment upgrade-list --as-of 2025-12-31 --branch B001 --capacity 100 --out list.xlsx
    """
    from polars import read_parquet

    from segment.jobs.release import SHOWN as SHOWN_TO_USER
    from segment.jobs.release import release
    from segment.jobs.upgrade_list import upgrade_list as run
    from segment.upgrade import Limits
    from segment.warehouse.export import check_format

    if out is not None:
        check_format(out)
    opened, rules, moment = open_workspace(workspace), open_policy(policy), month_end(as_of)
    made = run(
        moment,
        opened,
        rules,
        branch=branch,
        limits=Limits(capacity, budget),
        list_on=list_on.date() if list_on else None,
    )
    with TemporaryDirectory() as folder:
        released = release(
            made.to_contact,
            out or Path(folder) / "shown.parquet",
            list_id=made.list_id,
            workspace=opened,
            policy=rules,
            list_on=list_on.date() if list_on else moment,
            as_of=moment,
            purpose="contact by marketing" if out else SHOWN_TO_USER,
            selection={"branch": branch, "capacity": capacity, "budget": budget},
        )
        rows = read_parquet(released.path) if out is None else None
    typer.echo(str(released), err=True)
    if json:
        show_json(rows.to_dicts() if rows is not None else loads(released.manifest.read_text(encoding="utf-8")))
        return
    if rows is not None:
        show_frame(rows, f"Upgrade list as of {as_of.date()}", SHOWN)
    typer.echo(str(made), err=out is None)
