"""Commands about levers: levers."""

from __future__ import annotations

from segment.cli.limitations import say_limits
from segment.cli.options import (
    BranchOption,
    JsonOption,
    OutOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    open_policy,
    open_workspace,
    published_date,
)
from segment.cli.progress_bar import one_step
from segment.cli.show import say, show_frame, show_json, title_of


def levers(
    as_of: PublishedOption = None,
    branch: BranchOption = None,
    out: OutOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show the smallest changes that would lift break-even and loss-making customers: a summary, or each in a file.

    The file is for analysis: it asks no contact rule. Whom to contact is what `segment upgrade-list` says.

    Example: segment levers --as-of 2025-12-31 --branch B001 --out levers.xlsx
    """
    from segment.jobs.lists.customer_levers import customer_levers, lever_summary, lever_table
    from segment.warehouse.export import check_format, export_table
    from segment.warehouse.published_tiers import published_tiers

    if out is not None:
        check_format(out)
    opened = open_workspace(workspace, writes=False)
    day = published_date(as_of, opened)
    tiers = published_tiers(opened, day, branch)
    with one_step("levers"):
        ways = customer_levers(day, tiers, opened, open_policy(policy))
    rows = lever_table(ways, tiers)
    say_limits("levers", opened, day)
    if out is not None:
        export_table(rows, out, "levers")
        customers = rows["customer_id"].n_unique()
        say(title_of("in_file", count=rows.height, customers=customers, file=str(out)), err=True)
    if json:
        show_json(rows.to_dicts())
    elif out is None:
        show_frame(lever_summary(ways, tiers), title_of("levers", place=branch or title_of("bank"), day=day))
