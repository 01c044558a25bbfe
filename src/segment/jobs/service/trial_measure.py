"""What became of everyone in the trial in its months: what they brought, and who was lost; in every arm by one rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.dates import last_months, months_through, next_month
from segment.exceptions import HistoryError
from segment.features.store import month_file, scan_months
from segment.jobs.lists.moves import month_contribution
from segment.jobs.lists.suppressions import ContactSources
from segment.jobs.service.trial_served import trial_of
from segment.policy import Policy
from segment.service.service_trial import ENROLLED
from segment.service.trial_exclusions import in_force, objectors
from segment.store.row_store import read_rows
from segment.store.stored_tables import ENROLMENTS, LIST_ROWS
from segment.workspace import Workspace

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


@dataclass(frozen=True)
class TrialCohort:
    """Everyone who was drawn on one day, with what the ledger shows of customers before and in the months after."""

    rows: pl.DataFrame  # `ENROLLED`
    enrolled_on: dt.date
    until: dt.date
    months: int
    before: pl.DataFrame  # Of the year that ended with the day, as far as the workspace goes back
    after: pl.DataFrame | None  # Null: not all months have passed


@dataclass(frozen=True)
class TrialHistory:
    """What a trial's measurement reads."""

    drawn: int  # People who were ever drawn by the date, whether they objected since or not
    cohorts: tuple[TrialCohort, ...]
    customers: pl.DataFrame  # Of the ledger
    contact_rules: pl.DataFrame
    contacted: pl.DataFrame  # `customer_id`, `list_on`: whom lists had contacted

    @classmethod
    def read(cls, as_of: dt.date, workspace: Workspace, policy: Policy) -> TrialHistory:
        """Read everything up to a date. Who objects to profiling by then is in no cohort."""
        trial, _ = trial_of(policy)
        sources = ContactSources.read(workspace)
        by_now = pl.col("drawn") & (pl.col("enrolled_on") <= as_of) & (pl.col("trial") == trial.name)
        drawn = read_rows(workspace, ENROLMENTS).filter(by_now)
        rules = sources.tables["contact_rules"]
        against = [in_force(rules, ("profiling_objection",), as_of), objectors(sources.objections, as_of)]
        people = drawn.join(pl.concat(against), on="customer_id", how="anti").sort("customer_id")
        cohorts = []
        for (day, last), rows in people.group_by("enrolled_on", "until", maintain_order=True):
            enrolled_on, until = _day(day), _day(last)
            months = months_through(next_month(enrolled_on), until)
            after = None if until > as_of else _read_after(workspace.customer_months, months, policy)
            before = _read_before(workspace.customer_months, enrolled_on)
            cohorts.append(TrialCohort(rows, enrolled_on, until, len(months), before, after))
        contacted = read_rows(workspace, LIST_ROWS)
        contacted = contacted.filter(pl.col("arm") == "contact").select("customer_id", "list_on").drop_nulls()
        return cls(drawn.height, tuple(cohorts), sources.tables["customers"], rules, contacted)


def measure_trial(history: TrialHistory) -> pl.DataFrame:
    """Measure everyone who was drawn, in the arm and tier in which they were drawn."""
    # A customer is lost who left in those months, who has no open account in the last of them, or who did nothing of
    # their own in as many of the last ones as make a customer dormant. Who died is not lost by service.
    # Returns `segment.service.service_trial.ENROLLED` and `MEASURED`: how many months, what the other tier's service
    # costs more in them by the plan's budgets, contributions of the months after (null, as is `lost`: they have not all
    # passed by `as_of`) and of the year before, customer-initiated events of the year before, and whether the customer
    # stands on a list of those months.
    parts = [pl.DataFrame(schema=ENROLLED | MEASURED)]
    for cohort in history.cohorts:
        rows = cohort.rows.join(cohort.before, on="customer_id", how="left").with_columns(
            pl.col("contribution_before", "events_before").fill_null(0.0),
            months=pl.lit(cohort.months, pl.Int64),
            cost_of_months=pl.col("cost_12m") * cohort.months / YEAR,
        )
        if cohort.after is None:
            waiting = {name: pl.lit(None, MEASURED[name]) for name in ("contribution_after", "lost", "on_list")}
            rows = rows.with_columns(**waiting)
        else:
            rows = _with_losses(rows.join(cohort.after, on="customer_id", how="left"), cohort, history)
        parts.append(rows.select(list(ENROLLED | MEASURED)))
    return pl.concat(parts)


def _day(value: object) -> dt.date:
    if not isinstance(value, dt.date):
        raise TypeError(f"a day must be a date. Got {type(value).__name__}")
    return value


def _read_before(folder: Path, enrolled_on: dt.date) -> pl.DataFrame:
    paths = [month_file(folder, month) for month in last_months(enrolled_on, YEAR)]
    written = [path for path in paths if path.is_file()]
    schema = {"customer_id": pl.String, "contribution_before": pl.Float64, "events_before": pl.Float64}
    if not written:
        return pl.DataFrame(schema=schema)
    events = pl.col("initiated_events").cast(pl.Float64).sum()
    sums = (
        scan_months(written)
        .group_by("customer_id", maintain_order=True)
        .agg(contribution_before=month_contribution().sum(), events_before=events)
    )
    return sums.select(list(schema)).collect(engine="in-memory")


def _read_after(folder: Path, months: Sequence[dt.date], policy: Policy) -> pl.DataFrame:
    paths = [month_file(folder, month) for month in months]
    missing = [path.stem for path in paths if not path.is_file()]
    if missing:
        raise HistoryError.of("errors.months_of_trial", missing=missing)
    dormant_from = months[-min(len(months), policy.tiers.dormant_after_months)]
    late, last = pl.col("month") >= dormant_from, pl.col("month") == months[-1]
    return (
        scan_months(paths)
        .group_by("customer_id", maintain_order=True)
        .agg(
            contribution_after=month_contribution().sum(),
            acted=pl.col("initiated_events").cast(pl.Float64).filter(late).sum() > 0.0,
            open_at_last=pl.col("accounts_open").cast(pl.Float64).filter(last).sum() > 0.0,
        )
        .collect(engine="in-memory")
    )


def _with_losses(rows: pl.DataFrame, cohort: TrialCohort, history: TrialHistory) -> pl.DataFrame:
    customers, rules, listed = history.customers, history.contact_rules, history.contacted
    left_on = pl.col("left_on")
    left = customers.filter((left_on > cohort.enrolled_on) & (left_on <= cohort.until))["customer_id"]
    dead = (pl.col("rule").cast(pl.String) == "deceased") & (pl.col("starts_on") <= cohort.until)
    died = rules.filter(dead)["customer_id"]
    on_list = listed.filter(pl.col("list_on").is_between(cohort.enrolled_on, cohort.until))["customer_id"]
    name, here = pl.col("customer_id"), pl.col("open_at_last", "acted")
    gone = name.is_in(left.implode()) | ~pl.col("open_at_last") | ~pl.col("acted")
    return rows.with_columns(here.fill_null(value=False), pl.col("contribution_after").fill_null(0.0)).with_columns(
        lost=gone & ~name.is_in(died.implode()), on_list=name.is_in(on_list.implode())
    )
