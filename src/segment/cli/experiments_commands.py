"""Commands about experiments: compare, search, card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from segment.cli.options import (
    AsOfOption,
    ExtractedLedgerArgument,
    IgnoreOption,
    JsonOption,
    LanguageOption,
    PolicyOption,
    WorkspaceOption,
    date_option,
    newest_date,
    open_policy,
    open_spec,
    open_tracking,
    open_workspace,
    require_month_end,
)
from segment.cli.progress_bar import progress_bars
from segment.cli.show import say, show_json, show_result, show_rows, title_of
from segment.settings import Settings


def compare(
    first: Annotated[str, typer.Argument(help="A version, `champion`, `challenger`, or the id of a run.")],
    second: Annotated[str, typer.Argument(help="The one to compare it with.")],
    as_of: Annotated[
        dt.datetime | None,
        date_option(
            "--as-of",
            "Also fit both specs again on outcomes before the newest that are known on this day, and compare "
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
    from segment.jobs.learn.compare_runs import compare as run
    from segment.jobs.learn.compare_runs import compare_forecasts
    from segment.sentences import Sentences

    opened = open_workspace(workspace, writes=False)
    tracking = open_tracking(opened)
    run(first, second, tracking)  # unknown runs stop here, before any fit
    paired = None
    if as_of is not None:
        day = require_month_end(as_of)
        with progress_bars() as progress:
            jobs, rules = Settings().jobs, open_policy(policy)
            paired = compare_forecasts(first, second, day, opened, rules, tracking, n_jobs=jobs, progress=progress)
    comparison = run(first, second, tracking, paired)
    if json:
        show_json(comparison.to_dict())
        return
    t = Sentences(Settings().language)
    show_rows(title_of("parameters_that_differ"), ("parameter", first, second), comparison.params)
    show_rows(title_of("figures"), ("figure", first, second, "difference"), map(_digits, _figures(comparison.metrics)))
    say(title_of("errors"))
    if comparison.intervals:
        rows = [(name, *(_interval(ends, t) for ends in both)) for name, *both in comparison.intervals]
        show_rows(title_of("with_intervals"), ("figure", first, second), rows)
    if comparison.paired:
        title = title_of("fitted_again", customers=comparison.paired.customers, as_of=comparison.paired.as_of)
        headings = ("figure", first, second, "difference", "from", "to")
        show_rows(title, headings, [_digits(row) for row in comparison.paired.figures])
    for note in t.each(comparison.notes):
        say(t("terminal.note", note=note))


def search(
    spec: Annotated[Path, typer.Option("--spec", help="Model spec that declares a space under [search].")],
    as_of: AsOfOption = None,
    ledger: ExtractedLedgerArgument = None,
    trials: Annotated[int, typer.Option(min=1, help="Settings to try.")] = 30,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the best as a new spec, if it beats this one.")
    ] = None,
    ignore: IgnoreOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Search a spec's space, scored on outcomes older than those that judge a training; needs the extra `search`.

    Example: segment search bank/ledger --spec models/retail-default.toml --as-of 2025-12-31 --out models/found.toml
    """
    from segment.jobs.learn.search_spec import search as run

    opened, tried = open_workspace(workspace, writes=True), open_spec(spec)
    rules = open_policy(policy, tried.policy or "retail.toml")
    with progress_bars() as progress:
        result = run(
            ledger,
            newest_date(as_of, ledger, opened, rules),
            opened,
            rules,
            open_tracking(opened),
            tried,
            trials=trials,
            out=out,
            n_jobs=Settings().jobs,
            progress=progress,
        )
    show_result(result, json)


def card(
    version: Annotated[str, typer.Argument(help="Version as `segment train` prints it, champion or challenger.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of cards.")] = Path("models/cards"),
    language: LanguageOption = "en",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write a version's model card as a self-contained HTML page and as Markdown.

    Example: segment card 2 --out models/cards
    """
    from segment.jobs.learn.model_card import write_card

    page, plain = write_card(version, open_tracking(open_workspace(workspace, writes=False)), out, language)
    show_json({"html": str(page), "markdown": str(plain)}) if json else say(f"Wrote {page} and {plain}.")


def _digits(row: Sequence[Any]) -> list[Any]:
    """Numbers as text with three digits: shares and correlations need them, and signs belong to differences."""
    return [f"{value:,.3f}" if isinstance(value, float) else value for value in row]


def _figures(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Each run's figures with their standard errors, and the differences."""
    from segment.numbers import measured

    first, second = ({row[0]: row[side] for row in rows} for side in (1, 2))
    left, right = measured(first), measured(second)
    return [[name, left.get(name), right.get(name), gap] for name, *_, gap in rows if name in {**left, **right}]


def _interval(estimate: list[float | None], t: Callable[..., str]) -> str | None:
    figure, low, high = estimate
    return None if figure is None else t("words.interval", figure=figure, low=low, high=high)
