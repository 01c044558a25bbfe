"""What became of everyone in the trial in its months: what they brought, and who was lost; in every arm by one rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from segment.contribution import line_names
from segment.exceptions import HistoryError
from segment.features.known import next_month
from segment.jobs.reference import read_reference
from segment.jobs.service_trial.served import read_enrolled, trial_of
from segment.policy import Policy
from segment.service.protection import in_force, objectors
from segment.service.trial import ENROLLED
from segment.warehouse import Workspace
from segment.warehouse.kept import OBJECTIONS, read_kept

YEAR = 12
MEASURED: dict[str, type[pl.DataType]] = {
    "months": pl.Int64,
    "cost_of_months": pl.Float64,
    "contribution_after": pl.Float64,
    "contribution_before": pl.Float64,
    "events_before": pl.Float64,
    "lost": pl.Boolean,
    "on_list": pl.Boolean,
}


def measure_trial(as_of: dt.date, workspace: Workspace, policy: Policy) -> pl.DataFrame:
    """Measure everyone who was drawn, in the arm and tier in which they were drawn.

    A customer is lost who left in those months, who has no open account in the last of them, or who did nothing of
    their own in as many of the last ones as make a customer dormant. Who died is not lost by service.

    Parameters
    ----------
    as_of : datetime.date
        Nothing after it is read.
    workspace : Workspace
        Holds who is enrolled, the customer months and the small tables of the last extract.
    policy : Policy
        Its `[trial]`, and when a customer is dormant.

    Returns
    -------
    polars.DataFrame
        `segment.service.trial.ENROLLED` and `MEASURED`: how many months, what the other tier's service costs more in
        them by the plan's budgets, contributions of the months after (null, as is `lost`: they have
        not all passed by `as_of`) and of the year before, customer-initiated events of the year before, and whether the
        customer stands on a list of those months. Who objects to profiling by now is left out.

    Raises
    ------
    HistoryError
        Where a month that has passed is missing from the workspace.
    """
    trial, _ = trial_of(policy)
    enrolled = read_enrolled(workspace, trial).filter(pl.col("drawn") & (pl.col("enrolled_on") <= as_of))
    rules = in_force(read_reference(workspace)["contact_rules"], ("profiling_objection",), as_of)
    against = pl.concat([rules, objectors(read_kept(workspace, OBJECTIONS), as_of)])
    people = enrolled.join(against, on="customer_id", how="anti")
    parts = [pl.DataFrame(schema=ENROLLED | MEASURED)]
    for (day, last), rows in people.sort("customer_id").group_by("enrolled_on", "until", maintain_order=True):
        enrolled_on, until = _day(day), _day(last)
        before = _before(workspace, enrolled_on)
        known = rows.join(before, on="customer_id", how="left")
        months = _months(enrolled_on, until)
        known = known.with_columns(
            pl.col("contribution_before", "events_before").fill_null(0.0),
            months=pl.lit(len(months), pl.Int64),
            cost_of_months=pl.col("cost_12m") * len(months) / YEAR,
        )
        if until > as_of:
            waiting = {name: pl.lit(None, MEASURED[name]) for name in ("contribution_after", "lost", "on_list")}
            parts.append(known.with_columns(**waiting).select(list(ENROLLED | MEASURED)))
            continue
        after = _after(workspace, months, policy)
        then = known.join(after, on="customer_id", how="left")
        parts.append(_judged(then, workspace, enrolled_on, until).select(list(ENROLLED | MEASURED)))
    return pl.concat(parts)


def _day(value: object) -> dt.date:
    if not isinstance(value, dt.date):
        raise TypeError(f"a day must be a date. Got {type(value).__name__}")
    return value


def _months(enrolled_on: dt.date, until: dt.date) -> list[dt.date]:
    """First days of the full months after a moment."""
    months, month = [], next_month(enrolled_on)
    while month <= until:
        months.append(month)
        month = next_month(month)
    return months


def _paths(workspace: Workspace, months: Sequence[dt.date]) -> list[Path]:
    return [workspace.customer_months / f"{month:%Y-%m}.parquet" for month in months]


def _contribution() -> pl.Expr:
    income, cost = (pl.sum_horizontal(pl.col(*line_names(side)).cast(pl.Float64)) for side in ("income", "cost"))
    return income - cost


def _before(workspace: Workspace, enrolled_on: dt.date) -> pl.DataFrame:
    """The year that ended with the moment, as far as the workspace goes back."""
    months = [next_month(enrolled_on, -back) for back in range(YEAR)]
    there = [path for path in _paths(workspace, months) if path.is_file()]
    schema = {"customer_id": pl.String, "contribution_before": pl.Float64, "events_before": pl.Float64}
    if not there:
        return pl.DataFrame(schema=schema)
    events = pl.col("initiated_events").cast(pl.Float64).sum()
    sums = (
        pl.scan_parquet(there)
        .group_by("customer_id")
        .agg(contribution_before=_contribution().sum(), events_before=events)
    )
    return sums.select(list(schema)).collect()


def _after(workspace: Workspace, months: Sequence[dt.date], policy: Policy) -> pl.DataFrame:
    missing = [path.stem for path in _paths(workspace, months) if not path.is_file()]
    if missing:
        raise HistoryError.with_hint(
            f"Every month of a trial must be extracted before its effect is measured. Missing: {', '.join(missing)}.",
            "segment extract LEDGER --as-of DATE",
        )
    quiet_from = months[-min(len(months), policy.tiers.dormant_after_months)]
    late, last = pl.col("month") >= quiet_from, pl.col("month") == months[-1]
    return (
        pl.scan_parquet(_paths(workspace, months))
        .group_by("customer_id")
        .agg(
            contribution_after=_contribution().sum(),
            acted=pl.col("initiated_events").cast(pl.Float64).filter(late).sum() > 0.0,
            open_at_last=pl.col("accounts_open").cast(pl.Float64).filter(last).sum() > 0.0,
        )
        .collect()
    )


def _judged(rows: pl.DataFrame, workspace: Workspace, enrolled_on: dt.date, until: dt.date) -> pl.DataFrame:
    tables = read_reference(workspace)
    within = (pl.col("left_on") > enrolled_on) & (pl.col("left_on") <= until)
    left = tables["customers"].filter(within)["customer_id"]
    rules = tables["contact_rules"]
    died = rules.filter((pl.col("rule").cast(pl.String) == "deceased") & (pl.col("starts_on") <= until))["customer_id"]
    name, here = pl.col("customer_id"), pl.col("open_at_last", "acted")
    gone = name.is_in(left.implode()) | ~pl.col("open_at_last") | ~pl.col("acted")
    return rows.with_columns(here.fill_null(value=False), pl.col("contribution_after").fill_null(0.0)).with_columns(
        lost=gone & ~name.is_in(died.implode()),
        on_list=name.is_in(_listed(workspace, enrolled_on, until).implode()),
    )


def _listed(workspace: Workspace, enrolled_on: dt.date, until: dt.date) -> pl.Series:
    """Customers whom a list of those months had contacted."""
    parts = [pl.scan_parquet(path) for path in sorted(workspace.lists.glob("*.parquet"))]
    dated = [part for part in parts if {"customer_id", "list_on", "arm"} <= set(part.collect_schema())]
    within = (pl.col("list_on") >= enrolled_on) & (pl.col("list_on") <= until) & (pl.col("arm") == "contact")
    found = [part.filter(within).select("customer_id").collect()["customer_id"] for part in dated]
    return pl.concat([pl.Series("customer_id", [], dtype=pl.String), *found])
