"""The command about fairness."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    JsonOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    open_policy,
    open_tracking,
    open_workspace,
    published_moment,
)
from segment.cli.show import show_json, show_rows


def register(app: typer.Typer) -> None:
    """Add this command to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(audit)


def audit(
    as_of: PublishedOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write a page (.html), a text (.md), everything (.json) or the table (.csv)."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 2 where a difference is outside the limits and no chance.")
    ] = False,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Audit tiers, lists, service and fees of a moment by age, sex, region, stage of life and vulnerability.

    Counts alone are shown and kept. A finding is a question to a person, not a fault of the run: the exit code stays 0.

    Example: segment audit --as-of 2025-12-31 --out audit.html
    """
    from segment.exceptions import PublishError
    from segment.jobs.audit.page import ENDINGS, write_audit
    from segment.jobs.audit.run import audit as run
    from segment.jobs.card.fairness import rate_table

    if out is not None and out.suffix not in ENDINGS:
        raise typer.BadParameter(f"--out must end in {', '.join(ENDINGS)}. Got {out.suffix or 'no ending'}.")
    opened = open_workspace(workspace)
    made = run(published_moment(as_of, opened), opened, open_policy(policy), open_tracking(opened))
    if out is not None:
        write_audit(made, out)
    if json:
        show_json(made.facts)
    else:
        if made.facts["rates"]:
            table = rate_table(made.facts)
            show_rows(f"Fairness as of {made.facts['moment']}", table.headings, table.rows)
        typer.echo(str(made))
        typer.echo(f"Kept in {made.file}." + (f" Written to {out}." if out is not None else ""))
    if strict and made.significant:
        raise PublishError.with_hint(
            f"With --strict no difference may be outside the limits and no chance. {made.significant} are.",
            "see the report; document the business need, or change the policy",
        )
