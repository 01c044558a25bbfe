"""Commands about runs: runs and verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    IgnoreOption,
    JsonOption,
    LanguageOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    open_policy,
    open_tracking,
    open_workspace,
    require_ending,
    require_month_end,
)
from segment.cli.progress_bar import one_step
from segment.cli.show import say, show_json, show_result, show_rows
from segment.settings import Settings


def runs(
    run: Annotated[str | None, typer.Argument(help="One run, or the first letters of its name.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the run's page: a .html file.")] = None,
    language: LanguageOption = "en",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """List what refreshes did, newest first, or show one.

    Example: segment runs refresh-2025-12-31 --out run.html
    """
    from segment.jobs.publish.list_runs import find_run, list_runs
    from segment.pages.run_page import run_text, write_page
    from segment.sentences import Sentences

    opened = open_workspace(workspace, writes=False)
    if run is None:
        reports = list_runs(opened)
        t = Sentences(Settings().language)
        rows = [
            (run.run_id, run.as_of, run.started_at, run.status, t.figure(run.failed_gates, "list")) for run in reports
        ]
        columns = ("run", "as of", "started", "ended", "gates that failed")
        show_json([run.to_dict() for run in reports]) if json else show_rows("Runs", columns, rows)
        return
    report = find_run(opened, run).to_dict()
    require_ending(out, ".html")
    if out is not None:
        write_page(report, out, language)
        say(f"Written to {out}.", err=True)
    if json:
        show_json(report)
    elif out is None:
        say(run_text(report, language))


def verify(
    ledger: Annotated[
        str | None, typer.Argument(help="A folder of tables or a database URL, to build all of it again from.")
    ] = None,
    as_of: PublishedOption = None,
    version: Annotated[
        int | None, typer.Option("--version", min=0, help="Version of the published table; the newest by default.")
    ] = None,
    ignore: IgnoreOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Replay the proof that published contributions and named unallocated lines add up to the ledger.

    Example: segment verify bank/ledger --as-of 2025-12-31
    """
    from segment.jobs.publish.verify import verify as run

    opened, rules = open_workspace(workspace, writes=False), open_policy(policy)
    tracking = open_tracking(opened)
    with one_step("verify"):
        verified = run(
            opened,
            rules,
            tracking,
            location=ledger,
            as_of=require_month_end(as_of) if as_of else None,
            version=version,
            n_jobs=Settings().jobs,
        )
    show_result(verified, json)
    verified.require()
