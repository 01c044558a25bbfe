"""Commands about tiers: refresh and tiers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from segment.cli.limitations import say_limits
from segment.cli.options import (
    AsOfOption,
    BomOption,
    BranchOption,
    DirectoryOption,
    IgnoreOption,
    JsonOption,
    LanguageOption,
    LedgerArgument,
    MasterOption,
    OutOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    newest_date,
    open_directory,
    open_master,
    open_policy,
    open_tracking,
    open_workspace,
    require_month_end,
)
from segment.cli.progress_bar import progress_bars
from segment.cli.show import say, say_next, show_frame, show_json, show_result, title_of
from segment.exceptions import UsageError
from segment.settings import Settings

if TYPE_CHECKING:
    import polars as pl

    from segment.sentences import Language
    from segment.workspace import Workspace


def refresh(
    ledger: LedgerArgument,
    as_of: AsOfOption = None,
    engine: Annotated[
        Literal["polars", "spark"],
        typer.Option(help="What extracts and scores; spark on a cluster. Tiers are settled and published here."),
    ] = "polars",
    master: MasterOption = None,
    ignore: IgnoreOption = None,
    policy: PolicyOption = None,
    accept: Annotated[
        list[str] | None, typer.Option("--accept", help="Gate that may fail this once; needs --reason. Repeatable.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why a gate may fail; recorded with your name.")] = "",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Extract, score with the champion, and publish the tiers at once or not at all.

    Example: segment refresh bank/ledger --as-of 2025-12-31
    """
    from segment.jobs.publish.acceptance import Acceptance
    from segment.jobs.publish.refresh import refresh as run

    cluster = open_master(engine, master)
    accepted = Acceptance(tuple(accept or ()), reason)
    opened, rules = open_workspace(workspace, writes=True), open_policy(policy)
    day = newest_date(as_of, ledger, opened, rules)
    with progress_bars() as progress:
        published = run(
            ledger,
            day,
            opened,
            rules,
            open_tracking(opened),
            accept=accepted,
            master=cluster if engine == "spark" else None,
            n_jobs=Settings().jobs,
            progress=progress,
        )
    show_result(published, json)
    say_limits("refresh", opened, day)
    say_next("refresh", json)


def tiers(
    as_of: PublishedOption = None,
    branch: BranchOption = None,
    version: Annotated[
        int | None, typer.Option("--version", min=0, help="Version of the published table; the newest by default.")
    ] = None,
    out: OutOption = None,
    to: Annotated[
        str | None,
        typer.Option("--to", help="Write the date to a Delta table in object storage, such as s3://bucket/tiers."),
    ] = None,
    directory: DirectoryOption = None,
    language: LanguageOption = "en",
    bom: BomOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show the published tiers: a summary per tier, or every customer in a file or in object storage.

    XLSX begins with a sheet to read, by branch, and a summary; the whole table stands behind them.

    Example: segment tiers --as-of 2025-12-31 --branch B001 --out tiers.xlsx
    """
    from segment.tiers import tier_table
    from segment.tiers.asset_grades import GRADE, crosswalk
    from segment.warehouse.export import check_format
    from segment.warehouse.published_tiers import newest_published, published_tiers

    if out is not None:
        check_format(out)
    if to is not None and branch is not None:
        raise UsageError.of("errors.to_writes_every_branch")
    known = open_directory(directory, out)
    opened = open_workspace(workspace, writes=False)
    day = require_month_end(as_of) if as_of else newest_published(opened, version)
    published = published_tiers(opened, day, branch, version)
    if out is not None:
        _write_file(published, out, opened, known, language, marks_bytes=language == "zh" if bom is None else bom)
        say(title_of("customers_in_file", customers=published.height, file=str(out)), err=True)
        say_next("tiers", json)
    if to is not None:
        from segment.warehouse.published_copy import publish_copy

        place = publish_copy(published, day, to)
        say(title_of("customers_in_file", customers=published.height, file=place), err=True)
    if json:
        show_json(published.to_dicts())
    elif out is None and to is None:
        show_frame(tier_table(published, by_branch=False), title_of("tiers", place=branch or title_of("bank"), day=day))
        if GRADE in published.columns:
            show_frame(crosswalk(published), title_of("grades"))


def _write_file(
    published: pl.DataFrame,
    out: Path,
    workspace: Workspace,
    directory: pl.DataFrame | None,
    language: Language,
    *,
    marks_bytes: bool,
) -> None:
    from segment.pages.tiers_sheet import tiers_sheets
    from segment.sentences import Sentences
    from segment.warehouse.export import export_table
    from segment.warehouse.reference_tables import branch_names

    readable = out.suffix == ".xlsx"
    pages = tiers_sheets(published, branch_names(workspace), Sentences(language), directory) if readable else ()
    export_table(published, out, "tiers", pages, marks_bytes=marks_bytes)
