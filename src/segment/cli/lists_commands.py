"""Commands about lists: upgrade-list, lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from json import loads
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from segment.cli.limitations import say_limits
from segment.cli.options import (
    BomOption,
    BranchOption,
    DirectoryOption,
    JsonOption,
    LanguageOption,
    OutOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    as_date,
    date_option,
    open_directory,
    open_policy,
    open_workspace,
    published_date,
    require_ending,
)
from segment.cli.progress_bar import one_step
from segment.cli.show import say, say_next, show_frame, show_json, show_words, title_of

if TYPE_CHECKING:
    import polars as pl

    from segment.jobs.lists.release import Paper
    from segment.jobs.lists.upgrade_list import UpgradeList
    from segment.policy import Policy
    from segment.sentences import Language
    from segment.workspace import Workspace

SHOWN = (
    "rank",
    "customer_id",
    "branch_id",
    "tier",
    "main_bank_elsewhere",
    "expected_net_gain_12m",
    "expected_net_value",
    "bundle",
    "channel",
)


def upgrade_list(
    as_of: PublishedOption = None,
    branch: BranchOption = None,
    capacity: Annotated[
        int | None, typer.Option(min=1, help="Customers to contact in all; the policy's number per branch by default.")
    ] = None,
    budget: Annotated[float | None, typer.Option(min=0, help="Most that the contacts may cost.")] = None,
    list_on: Annotated[
        dt.datetime | None, date_option("--list-on", "The list's date, few days back at most; today by default.")
    ] = None,
    programme: Annotated[
        str | None, typer.Option("--programme", help="One programme of the policy; by default all of them compete.")
    ] = None,
    list_id: Annotated[
        str | None,
        typer.Option("--list-id", help="Release a list that is kept (see `segment lists`) instead of making one."),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Make a list, too, that is worth less than its own work.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write what the list is worth as a page (.html), without customers.")
    ] = None,
    out: OutOption = None,
    directory: DirectoryOption = None,
    language: LanguageOption = "en",
    bom: BomOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write the upgrade-potential list: who to contact, with what, and why.

    The file holds only customers to contact, and leaves with a record; so does a list that is shown. The analytics
    copy in the workspace also holds the control arm. A list that was drafted is released whole or a branch at a time.

    XLSX begins with a sheet to call by, for each adviser, which `segment outcomes` takes back when it is filled in.

    Example: segment upgrade-list --as-of 2025-12-31 --branch B001 --capacity 100 --out list.xlsx

    Example: segment upgrade-list --list-id 2026-01-05-0a1b2c3d4e --branch B001 --out list.xlsx
    """
    from segment.jobs.lists.draft_lists import read_list
    from segment.jobs.lists.upgrade_list import upgrade_list as run
    from segment.upgrade.places import Limits
    from segment.warehouse.export import check_format

    if out is not None:
        check_format(out)
    require_ending(page, ".html")
    making = {"--page": page, "--as-of": as_of, "--list-on": list_on}
    _require_alone(list_id, {**making, "--programme": programme, "--capacity": capacity, "--budget": budget})
    paper = _paper(language, directory, out, bom)
    opened, rules = open_workspace(workspace, writes=True), open_policy(policy)
    selection = {"branch": branch, "programme": programme, "capacity": capacity, "budget": budget}
    if list_id is not None:
        kept = read_list(opened, list_id, branch)
        _release(
            kept.to_contact, kept.list_id, kept.list_on, kept.as_of, selection, None, opened, rules, out, paper, json
        )
        return
    day = published_date(as_of, opened)
    limits, on = Limits(capacity, budget), as_date(list_on)
    with one_step("list"):
        upgrades = run(day, opened, rules, branch=branch, programme=programme, limits=limits, list_on=on, anyway=anyway)
    made = upgrades.to_contact, upgrades.list_id, upgrades.list_on, day
    if not json:
        show_words(upgrades, err=out is None)
    _release(*made, selection, upgrades.tables, opened, rules, out, paper, json)
    _write_page(upgrades, rules, page, language)
    say_next("upgrade_list", json or out is None)


def lists(workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """Show the lists that are kept, by branch: whom each would contact, until when, and what was released.

    Example: segment lists
    """
    from segment.jobs.lists.draft_lists import list_drafts

    kept = list_drafts(open_workspace(workspace, writes=False))
    if kept.is_empty() and not json:
        say(title_of("no_lists"))
    else:
        show_frame(kept, title_of("lists"), json=json)


def approve_list(
    list_id: Annotated[str, typer.Argument(help="The list; see `segment lists`.")],
    branch: Annotated[str, typer.Option("--branch", help="The branch whose part is approved.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Approve a branch's part of a list that another person made; with your name, on record.

    Example: segment approve-list 2026-01-05-0a1b2c3d4e --branch B001
    """
    from segment.jobs.lists.approve_list import approve_list as run

    number = run(open_workspace(workspace, writes=True), list_id, branch)
    say(f"Approved, record {number}.")
    say_next("approve_list", False)


def _write_page(made: UpgradeList, policy: Policy, page: Path | None, language: Language) -> None:
    from segment.pages.list_page import write_page

    if page is not None:
        write_page(made.list_id, made.messages(), made.worth_by_contact(policy), page, language)


def _paper(language: Language, directory: Path | None, out: Path | None, bom: bool | None) -> Paper:
    """How the file speaks to its readers."""
    from segment.jobs.lists.release import Paper
    from segment.sentences import Sentences

    return Paper(Sentences(language), open_directory(directory, out), language == "zh" if bom is None else bom)


def _require_alone(list_id: str | None, others: Mapping[str, object]) -> None:
    """Refuse what would make a list beside the name of one that is made."""
    strange = [name for name, given in others.items() if given is not None]
    if list_id is not None and strange:
        raise typer.BadParameter(f"--list-id names a list that is made. It goes with no {' or '.join(strange)}.")


def _release(
    rows: pl.DataFrame,
    list_id: str,
    list_on: dt.date,
    as_of: dt.date,
    selection: Mapping[str, str | float | None],
    tables: Mapping[str, pl.DataFrame] | None,
    workspace: Workspace,
    policy: Policy,
    out: Path | None,
    paper: Paper,
    json: bool,
) -> None:
    """Let the rows leave, as a file or as what is shown, and say what left."""
    from polars import read_parquet

    from segment.jobs.lists.release import SHOWN as SHOWN_TO_USER
    from segment.jobs.lists.release import release

    with TemporaryDirectory() as folder:
        released = release(
            rows,
            out or Path(folder) / "shown.parquet",
            list_id=list_id,
            workspace=workspace,
            policy=policy,
            list_on=list_on,
            as_of=as_of,
            purpose="contact by marketing" if out else SHOWN_TO_USER,
            selection=selection,
            tables=tables,
            paper=paper,
        )
        shown = read_parquet(released.path, glob=False) if out is None else None
    show_words(released, err=True)
    say_limits("upgrade-list", workspace, as_of)
    if json:
        show_json(shown.to_dicts() if shown is not None else loads(released.manifest.read_text(encoding="utf-8")))
    elif shown is not None:
        show_frame(shown, title_of("list", day=as_of), SHOWN)
