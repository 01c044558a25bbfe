"""Commands about experiments: compare, search, card."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from segment.cli.options import (
    AsOfOption,
    JsonOption,
    PolicyOption,
    WorkspaceOption,
    month_end,
    open_policy,
    open_spec,
    open_tracking,
    open_workspace,
)
from segment.cli.progress import progress_bars
from segment.cli.show import show_json, show_rows
from segment.settings import Settings


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    for command in (compare, search, card):
        app.command()(command)


def compare(
    first: Annotated[str, typer.Argument(help="A version, `champion`, `challenger`, or the id of a run.")],
    second: Annotated[str, typer.Argument(help="The one to compare it with.")],
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            help="Also fit both specs again on outcomes before the newest that are known on this day, and compare "
            "their forecasts customer by customer.",
        ),
    ] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Put two runs side by side: parameters that differ, figures and their differences.

    Example: segment compare champion challenger --as-of 2025-12-31
    """
    from segment.jobs.compare import compare as run
    from segment.jobs.compare import judge_both

    opened = open_workspace(workspace)
    tracking = open_tracking(opened)
    run(first, second, tracking)  # unknown runs stop here, before any fit
    paired = None
    if as_of is not None:
        day = month_end(as_of)
        with progress_bars() as progress:
            jobs, held = Settings().jobs, open_policy(policy)
            paired = judge_both(first, second, day, opened, held, tracking, n_jobs=jobs, progress=progress)
    made = run(first, second, tracking, paired)
    if json:
        show_json(made.to_dict())
        return
    show_rows("Parameters that differ", ("parameter", first, second), made.params)
    show_rows("Figures", ("figure", first, second, "difference"), [_digits(row) for row in made.metrics])
    if made.intervals:
        rows = [(name, _interval(one), _interval(other)) for name, one, other in made.intervals]
        show_rows("With 95 % intervals, each on its own", ("figure", first, second), rows)
    if made.paired:
        title = f"Both specs fitted again and judged on the same {made.paired['customers']:,} customers as of "
        headings = ("figure", first, second, "difference", "from", "to")
        show_rows(title + made.paired["moment"], headings, [_digits(row) for row in made.paired["figures"]])
    for note in made.notes:
        typer.echo(f"Note: {note}")


def search(
    as_of: AsOfOption,
    spec: Annotated[Path, typer.Option("--spec", help="Model spec that declares a space under [search].")],
    ledger: Annotated[
        str | None, typer.Argument(help="A folder of tables or a database URL; without it, the last one extracted.")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Settings to try.")] = 30,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the best as a new spec, if it beats this one.")
    ] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Search a spec's space, scored on outcomes older than those that judge a training; needs the extra `search`.

    Example: segment search bank/ledger --spec models/retail-default.toml --as-of 2025-12-31 --out models/found.toml
    """
    from segment.jobs.search import search as run

    opened, tried = open_workspace(workspace), open_spec(spec)
    with progress_bars() as progress:
        made = run(
            ledger,
            month_end(as_of),
            opened,
            open_policy(policy, tried.policy or "retail.toml"),
            open_tracking(opened),
            tried,
            trials=trials,
            out=out,
            n_jobs=Settings().jobs,
            progress=progress,
        )
    show_json(made.to_dict()) if json else typer.echo(str(made))


def card(
    version: Annotated[str, typer.Argument(help="Version as `segment train` prints it, champion or challenger.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of cards.")] = Path("models/cards"),
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write a version's model card as an HTML page that needs nothing else, and as Markdown.

    Example: segment card 2 --out models/cards
    """
    from segment.jobs.card import write_card

    page, plain = write_card(version, open_tracking(open_workspace(workspace)), out)
    show_json({"html": str(page), "markdown": str(plain)}) if json else typer.echo(f"Wrote {page} and {plain}.")


def _digits(row: list[Any]) -> list[Any]:
    """Numbers as text with three digits: shares and correlations need them, and signs belong to differences."""
    return [f"{value:,.3f}" if isinstance(value, float) else value for value in row]


def _interval(found: list[float | None]) -> str | None:
    figure, low, high = found
    return None if figure is None else f"{figure:,.3f} ({low:,.3f} to {high:,.3f})"
