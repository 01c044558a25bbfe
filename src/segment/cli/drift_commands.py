"""The command about drift."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    JsonOption,
    LanguageOption,
    PolicyOption,
    WorkspaceOption,
    date_option,
    open_policy,
    open_tracking,
    open_workspace,
    require_ending,
    require_month_end,
)
from segment.cli.progress_bar import one_step
from segment.cli.show import say, show_frame, show_json, title_of
from segment.settings import Settings


def drift(
    as_of: Annotated[
        dt.datetime | None, date_option("--as-of", "A month's last day; else the newest date there is.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write a page with plots: a .html file.")] = None,
    language: LanguageOption = "en",
    again: Annotated[
        bool, typer.Option("--again", help="Judge now, by the present champion and limits, not as the refresh did.")
    ] = False,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show how far the customers of a date are from those that the champion was trained on, and since when.

    Example: segment drift --as-of 2025-12-31 --out drift.html
    """
    from segment.jobs.publish.drift_summary import drift_table, find_drift
    from segment.jobs.publish.drift_trend import drift_trend

    require_ending(out, ".html")
    opened = open_workspace(workspace, writes=False)
    day = require_month_end(as_of) if as_of else None
    with one_step("drift"):
        report = find_drift(day, opened, open_policy(policy), open_tracking(opened), rejudge=again)
    if out is not None:
        from segment.pages.drift_page import write_page

        write_page(report, drift_trend(opened.runs, dt.date.fromisoformat(report["as_of"])), out, language)
    if json:
        show_json(report)
        return
    from segment.pages.gate_sentences import finding_of
    from segment.sentences import Sentences

    say(Sentences(Settings().language).figure(finding_of(report["gate"])))
    if report["judged"]:
        show_frame(drift_table(report), title_of("drift", as_of=report["as_of"]))
    if out is not None:
        say(f"Written to {out}.")
