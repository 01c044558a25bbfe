"""The command about fairness."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.limitations import say_limits
from segment.cli.options import (
    JsonOption,
    LanguageOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    may_write,
    open_policy,
    open_tracking,
    open_workspace,
    published_date,
    require_ending,
)
from segment.cli.progress_bar import one_step
from segment.cli.show import say, show_json, show_rows, show_words
from segment.settings import Settings


def audit(
    as_of: PublishedOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write a page (.html), a text (.md), everything (.json) or the table (.csv)."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 2 where a difference is outside the limits and significant.")
    ] = False,
    language: LanguageOption = "en",
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Audit tiers, lists, service and fees of a date by age, sex, region, stage of life and vulnerability.

    Counts alone are shown and kept. A finding is a question to a person, not a fault of the run: the exit code stays 0.

    Example: segment audit --as-of 2025-12-31 --out audit.html
    """
    from segment.exceptions import GateError
    from segment.jobs.fairness.audit import audit as run
    from segment.pages.audit_page import ENDINGS, rate_table, write_audit
    from segment.sentences import Sentences

    require_ending(out, *ENDINGS)
    opened = open_workspace(workspace, writes=may_write(workspace))
    day = published_date(as_of, opened)
    with one_step("audit"):
        report = run(day, opened, open_policy(policy), open_tracking(opened))
    say_limits("audit", opened, day)
    if out is not None:
        write_audit(report.facts, out, language)
    if json:
        show_json(report.facts)
    else:
        show_words(report)
        if report.facts["rates"]:
            t = Sentences(Settings().language)
            show_rows(t("audit.terminal", as_of=report.facts["moment"]), *rate_table(report.facts, t))
        say(f"Kept in {report.file}." if report.file else "Neither kept nor recorded: you may only read.")
        if out is not None:
            say(f"Written to {out}.")
    if strict and report.significant:
        raise GateError.of("errors.strict_audit", significant=report.significant)
