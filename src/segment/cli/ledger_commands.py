"""Commands about the ledger: simulate, import-berka, check, extract, features."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from segment.cli.limitations import say_switched_off
from segment.cli.options import (
    AsOfOption,
    IgnoreOption,
    JsonOption,
    LedgerArgument,
    MasterOption,
    PolicyOption,
    UnreadWorkspaceOption,
    WorkspaceOption,
    as_date,
    date_option,
    newest_date,
    open_master,
    open_policy,
    open_workspace,
)
from segment.cli.progress_bar import one_step, progress_bars
from segment.cli.show import say, say_next, show_json, show_result, show_rows, show_words
from segment.settings import Settings

if TYPE_CHECKING:
    from segment.ledger import CheckReport


def simulate(
    out: Annotated[Path, typer.Argument(help="Folder to write: OUT/ledger and OUT/truth.parquet.")],
    customers: Annotated[int, typer.Option(min=50, help="How many customers at the end.")] = 5000,
    months: Annotated[int, typer.Option(min=2, help="How many months.")] = 36,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bank.")] = 0,
    setting: Annotated[
        Literal["base", "cn", "thin"],
        typer.Option(help="How dear its service is: cost over income about .49, .28 or .45."),
    ] = "base",
    run_on: Annotated[
        int, typer.Option(min=0, help="Months that it lives on after them, in which nobody new joins.")
    ] = 0,
    acts: Annotated[
        Path | None,
        typer.Option(
            help="What is done to customers: CSV or Parquet with customer_id, acted_on, kind, what, channel, amount."
        ),
    ] = None,
    effect: Annotated[
        Literal["half", "one", "double"], typer.Option(help="How strong the effects of acts are.")
    ] = "one",
    workspace: UnreadWorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write a simulated bank whose true figures are known: a bank to try things on, by `ledger/trial.toml`.

    With --acts it is the same bank on the same dice: the difference to the bank without them is their true effect.

    Example: segment simulate bank --customers 5000 --months 36 --seed 7 --setting base
    """
    from segment.banks.simulator import simulate_bank
    from segment.banks.simulator.act_parameters import EFFECTS
    from segment.banks.simulator.acts_file import read_acts

    done = None if acts is None else read_acts(acts)
    with progress_bars() as progress:
        summary = simulate_bank(
            out,
            customers,
            months,
            seed,
            setting=setting,
            run_on=run_on,
            acts=done,
            effect=EFFECTS[effect],
            progress=lambda lived, total: progress("months simulated", lived, total),
        )
    if json:
        show_json(asdict(summary))
    else:
        show_words(summary)


def import_berka(
    source: Annotated[Path, typer.Argument(help="Folder with the PKDD'99 tables, .asc or Parquet.")],
    out: Annotated[Path, typer.Argument(help="Folder for the ledger.")],
    trial_day: Annotated[
        dt.datetime | None,
        date_option("--trial-day", "Which day it is there; by default the last month's end that most accounts reach."),
    ] = None,
    policy: PolicyOption = None,
    workspace: UnreadWorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Turn the Berka (PKDD'99) tables into a ledger to try things on.

    The loan rate is not recorded there: it is an assumption of the policy (models/berka.toml).

    Example: segment import-berka shared/data/berka ledger
    """
    from segment.banks.berka import import_berka as run
    from segment.exceptions import PolicyError

    assumptions = open_policy(policy, default="berka.toml").assumptions
    if assumptions is None:
        raise PolicyError.of("errors.no_imported_loan_rate")
    with progress_bars() as progress:
        summary = run(
            source,
            out,
            loan_rate_annual=assumptions.imported_loan_rate_annual,
            trial_day=as_date(trial_day),
            progress=progress,
        )
    show_result(summary, json)


def check(
    ledger: LedgerArgument,
    show: Annotated[
        str | None, typer.Option("--show", help="Write rows that break this rule to the workspace's quarantine folder.")
    ] = None,
    engine: Annotated[
        Literal["polars", "spark"], typer.Option(help="What asks the rules; spark does it on a cluster.")
    ] = "polars",
    master: MasterOption = None,
    ignore: IgnoreOption = None,
    policy: PolicyOption = None,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", help="Folder where --show writes, and Spark works [env: SEGMENT_WORKSPACE]"),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check a ledger against the contract and print what was found.

    Example: segment check bank/ledger
    """
    from segment.jobs.build.source_ledger import check_report
    from segment.ledger import TooManyBadRowsError

    rules, cluster = open_policy(policy), open_master(engine, master)
    if show is not None:
        from segment.jobs.build.bad_row_examples import write_examples

        show_result(write_examples(ledger, show, open_workspace(workspace, writes=True), rules), json)
        return
    try:
        with one_step("check"):
            if engine == "spark":
                from segment.jobs.build.distributed_extract import check_on_spark

                report = check_on_spark(ledger, rules, cluster, open_workspace(workspace, writes=True))
            else:
                report = check_report(ledger, rules)
    except TooManyBadRowsError as error:
        _say_report(error.report, json)
        raise
    _say_report(report, json)
    say_next("check", json)


def _say_report(report: CheckReport, json: bool) -> None:
    from segment.pages.check_page import check_content, check_text

    if json:
        show_json(check_content(report))
    else:
        say(check_text(report, Settings().language))
        say_switched_off(report.switched_off)


def extract(
    ledger: LedgerArgument,
    as_of: AsOfOption = None,
    engine: Annotated[
        Literal["polars", "duckdb", "spark"],
        typer.Option(help="What sums the months; spark does the whole extract on a cluster, and builds every month."),
    ] = "polars",
    master: MasterOption = None,
    ignore: IgnoreOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Build or refresh customer months and the snapshot.

    Example: segment extract bank/ledger --as-of 2025-12-31
    """
    from segment.jobs.build.extract import extract as run

    cluster = open_master(engine, master)
    opened, rules = open_workspace(workspace, writes=True), open_policy(policy)
    day = newest_date(as_of, ledger, opened, rules)
    with progress_bars() as progress:
        if engine == "spark":
            from segment.jobs.build.distributed_extract import extract_on_spark

            extracted = extract_on_spark(ledger, day, opened, rules, cluster, progress=progress)
        else:
            extracted = run(ledger, day, opened, rules, engine=engine, n_jobs=Settings().jobs, progress=progress)
    show_result(extracted, json)
    say_next("extract", json)


def features(
    policy: PolicyOption = None,
    workspace: UnreadWorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Print every feature with its unit, window, meaning and use.

    Example: segment features
    """
    from segment.features.catalogue import catalogue

    columns = ("name", "unit", "window_months", "meaning", "used_by")
    rows = [[getattr(feature, column) for column in columns] for feature in catalogue(open_policy(policy))]
    if json:
        show_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        show_rows("Features of a snapshot", columns, ([*row[:-1], ", ".join(row[-1])] for row in rows))
