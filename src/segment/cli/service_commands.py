"""Commands about service: service-plan, service-trial."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.limitations import say_limits
from segment.cli.options import (
    BranchOption,
    JsonOption,
    LanguageOption,
    OutOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    as_date,
    date_option,
    open_policy,
    open_workspace,
    published_date,
)
from segment.cli.progress_bar import one_step
from segment.cli.show import say, show_frame, show_json, show_words, title_of
from segment.settings import Settings

SHOWN = ("branch_id", "tier", "sub_state", "customers", "tracked_by", "counter_wait_minutes", "budget", "bundles")


def service_plan(
    as_of: PublishedOption = None,
    branch: BranchOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write to a .csv, .parquet or .xlsx file, or to a folder: a page per branch."),
    ] = None,
    language: LanguageOption = "en",
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write what each tier and branch gets in the six dimensions of service.

    Example: segment service-plan --as-of 2025-12-31 --branch B001 --out plan.xlsx
    """
    from segment.jobs.service.service_plan import check_target, write_plan
    from segment.jobs.service.service_plan import service_plan as run
    from segment.pages.service_plan_page import plan_summary
    from segment.sentences import Sentences

    if out is not None:
        check_target(out)
    rules = open_policy(policy)
    opened = open_workspace(workspace, writes=False)
    day = published_date(as_of, opened)
    with one_step("service plan"):
        plan = run(day, opened, rules, branch)
    say_limits("service-plan", opened, day)
    if out is not None:
        write_plan(plan, out, rules, language)
        say(f"{plan.table.height:,} groups in {out}", err=True)
    say(Sentences(Settings().language).of(plan_summary(plan)), err=True)
    by_trial = "by_trial" in plan.table.columns
    if by_trial:
        counts = plan.table.group_by("tier", maintain_order=True).agg(of="by_trial").rows()
        served = ", ".join(f"{sum(customers):,} as {tier}" for tier, customers in counts if sum(customers))
        say(f"Served by the draw of the trial, not by their own tier: {served or 'nobody'}.", err=True)
    if json:
        show_json(plan.with_verdicts().to_dicts())
    elif out is None:
        show_frame(plan.table, title_of("service_plan", day=day), (*SHOWN, "by_trial") if by_trial else SHOWN)


def service_trial(
    as_of: PublishedOption = None,
    branch: BranchOption = None,
    on: Annotated[
        dt.datetime | None,
        date_option(
            "--on", "The day on which protection is checked beside today, few days back at most; today by default."
        ),
    ] = None,
    out: OutOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Draw who is served one tier better or less well, for the whole bank, and say what that can show.

    Who was drawn stays until the months are over. With --out, those who are served as another tier leave in a file,
    with a record, for the branch to serve them so; the file names no arm.

    Example: segment service-trial --as-of 2026-01-31 --branch B001 --out served.xlsx
    """
    from json import loads

    from segment.jobs.service.trial_draw import draw_trial
    from segment.jobs.service.trial_release import release_served
    from segment.warehouse.export import check_format
    from segment.warehouse.published_tiers import published_tiers

    if out is not None:
        check_format(out)
    opened, rules = open_workspace(workspace, writes=True), open_policy(policy)
    tiers_of = published_date(as_of, opened)
    if branch is not None:
        published_tiers(opened, tiers_of, branch)
    day = as_date(on)
    with one_step("draw"):
        drawn = draw_trial(tiers_of, opened, rules, day)
    if out is None:
        if json:
            show_json(drawn.to_dict())
        else:
            show_words(drawn)
        return
    released = release_served(drawn, out, opened, rules, branch=branch, on=day)
    show_words(drawn, err=True)
    if json:
        show_json(loads(released.manifest.read_text(encoding="utf-8")))
    else:
        say(f"{released.rows:,} rows released, record {released.record}.")
