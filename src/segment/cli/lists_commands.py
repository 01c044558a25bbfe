"""Commands about lists: upgrade-list."""

from __future__ import annotations

import datetime as dt
from json import loads
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from segment.cli.limitations import say_limits
from segment.cli.options import (
    AsOfOption,
    BranchOption,
    JsonOption,
    OutOption,
    PolicyOption,
    WorkspaceOption,
    as_date,
    date_option,
    open_policy,
    open_workspace,
    require_month_end,
)
from segment.cli.show import show_frame, show_json, show_words

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


def upgrade_list(
    as_of: AsOfOption,
    branch: BranchOption = None,
    capacity: Annotated[
        int | None, typer.Option(min=1, help="Customers to contact in all; the policy's number per branch by default.")
    ] = None,
    budget: Annotated[float | None, typer.Option(min=0, help="Most that the contacts may cost.")] = None,
    list_on: Annotated[
        dt.datetime | None, date_option("--list-on", "The list's date, few days back at most; today by default.")
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

    from segment.jobs.lists.release import SHOWN as SHOWN_TO_USER
    from segment.jobs.lists.release import release
    from segment.jobs.lists.upgrade_list import upgrade_list as run
    from segment.upgrade.places import Limits
    from segment.warehouse.export import check_format

    if out is not None:
        check_format(out)
    opened, rules, day = open_workspace(workspace, writes=True), open_policy(policy), require_month_end(as_of)
    upgrades = run(
        day,
        opened,
        rules,
        branch=branch,
        limits=Limits(capacity, budget),
        list_on=as_date(list_on),
    )
    with TemporaryDirectory() as folder:
        released = release(
            upgrades.to_contact,
            out or Path(folder) / "shown.parquet",
            list_id=upgrades.list_id,
            workspace=opened,
            policy=rules,
            list_on=upgrades.list_on,
            as_of=day,
            purpose="contact by marketing" if out else SHOWN_TO_USER,
            selection={"branch": branch, "capacity": capacity, "budget": budget},
            tables=upgrades.tables,
        )
        rows = read_parquet(released.path, glob=False) if out is None else None
    show_words(released, err=True)
    say_limits("upgrade-list", opened, day)
    if json:
        show_json(rows.to_dicts() if rows is not None else loads(released.manifest.read_text(encoding="utf-8")))
        return
    if rows is not None:
        show_frame(rows, f"Upgrade list as of {as_of.date()}", SHOWN)
    show_words(upgrades, err=out is None)
