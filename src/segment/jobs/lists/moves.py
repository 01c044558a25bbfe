"""Who moved, by what the ledger shows in the months after a list; in both arms by the same rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.contribution import line_names
from segment.dates import last_months, month_end, next_month
from segment.exceptions import HistoryError
from segment.features.store import month_file, scan_months
from segment.jobs.lists.release import SHOWN
from segment.policy import Policy
from segment.store.records import Record

YEAR = 12
LISTED = {
    "list_id": pl.String,
    "list_on": pl.Date,
    **dict.fromkeys(
        ("customer_id", "household", "branch_id", "tier", "programme", "bundle", "channel", "arm", "stratum"), pl.String
    ),
    "expected_gain_12m": pl.Float64,
    "upgrade_potential_12m": pl.Float64,
    "movable_probability": pl.Float64,
    "cluster": pl.Int64,
    "trigger": pl.String,
    "trigger_evidence": pl.Float64,
}
METRICS = ("salaries", "topups", "deposits", "by_hand", "families", "accounts", "contribution")
BY_HAND = ("count_counter", "count_phone", "visits_counter", "visits_phone", "visits_adviser")


@dataclass(frozen=True)
class CampaignWindow:
    """Everyone on the lists of one day, and what the ledger shows of its customers (`METRICS`) around that day."""

    listed: pl.DataFrame  # `LISTED`, both arms
    before: pl.DataFrame  # Of as many months before as a move is measured over
    year_before: pl.DataFrame
    after: pl.DataFrame | None  # Null: not all of its months have passed


@dataclass(frozen=True)
class Answers:
    """What is known to have come of contacts."""

    handed_in: pl.DataFrame  # Rows of the store
    of_ledger: pl.DataFrame  # `campaign_outcomes`


def read_campaigns(
    as_of: dt.date,
    lists: pl.DataFrame,
    customer_months: Path,
    releases: Iterable[Record],
    answers: Answers,
    policy: Policy,
) -> tuple[CampaignWindow, ...]:
    """Read the lists that left, or of which outcomes tell, with the months around each."""
    released = {str(record.content["list_id"]) for record in releases if record.why != SHOWN}
    with_outcomes = {*answers.handed_in["list_id"], *answers.of_ledger["list_id"]}
    listed = _first_of_programme(
        lists.filter(pl.col("list_id").is_in(released | with_outcomes)).select(list(LISTED)), as_of, policy
    )
    days = listed.group_by("list_on", maintain_order=True)
    return tuple(read_window(as_of, customer_months, day, rows, policy) for (day,), rows in days)


def read_window(
    as_of: dt.date, customer_months: Path, list_on: dt.date, listed: pl.DataFrame, policy: Policy
) -> CampaignWindow:
    """Read the months around the lists of a day."""
    months, own = policy.outcomes.months, listed["customer_id"].unique()
    before, after = _months_before(list_on, YEAR), _months_after(list_on, months)
    return CampaignWindow(
        listed,
        _read_months(customer_months, before[-months:], own, policy),
        _read_months(customer_months, before, own, policy),
        _read_months(customer_months, after, own, policy, needed=True) if month_end(after[-1]) <= as_of else None,
    )


def measure_lists(campaigns: Sequence[CampaignWindow], policy: Policy) -> pl.DataFrame:
    """Measure what became of everyone on the lists that were worked on."""
    # A customer counts once in a programme, from the first list on which they stood in it: who is drawn stays in the
    # arm.
    # Returns `list_id`, `list_on`, `customer_id`, `household`, `programme`, `bundle`, `channel`, `arm` and further
    # columns of the list; `moved` (null: its months have not all passed by `as_of`), `contribution_after` (of those
    # months) and `contribution_before` (of the twelve months before the list), in book currency; what was known before
    # (`salaries`, `topups`, `deposits`, `by_hand`, `families` of the months before).
    if not campaigns:
        numbers = ("contribution_after", "contribution_before", *METRICS[:-1])
        return pl.DataFrame(schema={**LISTED, "moved": pl.Boolean, **dict.fromkeys(numbers, pl.Float64)})
    parts = []
    for window in campaigns:
        year = window.year_before.select("customer_id", contribution_before="contribution")
        rows = window.listed.join(window.before.drop("contribution"), on="customer_id", how="left")
        rows = rows.join(year, on="customer_id", how="left")
        if window.after is None:
            waiting = {"moved": pl.lit(None, pl.Boolean), "contribution_after": pl.lit(None, pl.Float64)}
            parts.append(rows.with_columns(**waiting))
            continue
        after = window.after.rename({name: f"{name}_after" for name in METRICS})
        parts.append(_with_moves(rows.join(after, on="customer_id", how="left"), policy))
    return pl.concat(parts, how="diagonal").drop([f"{name}_after" for name in METRICS[:-1]], strict=False)


def _first_of_programme(rows: pl.DataFrame, as_of: dt.date, policy: Policy) -> pl.DataFrame:
    """Rows of both arms, each customer on the first list of a programme."""
    whole = rows.filter((pl.col("list_on") <= as_of) & pl.col("programme").is_in(list(policy.programmes)))
    return whole.sort("list_on", "list_id").unique(["programme", "customer_id"], keep="first", maintain_order=True)


def _months_after(list_on: dt.date, count: int) -> list[dt.date]:
    """First days of the full months that begin after a day."""
    return [next_month(list_on, ahead) for ahead in range(1, count + 1)]


def _months_before(list_on: dt.date, count: int) -> list[dt.date]:
    """First days of the full months that ended by a day, the earliest first."""
    return last_months(list_on if month_end(list_on) == list_on else next_month(list_on, -1), count)


def _read_months(
    folder: Path, months: Sequence[dt.date], customers: pl.Series, policy: Policy, *, needed: bool = False
) -> pl.DataFrame:
    """Metrics of some customers over some months: means of a month, and the contribution of all of them."""
    paths = {month: month_file(folder, month) for month in months}
    missing = [f"{month:%Y-%m}" for month, path in paths.items() if not path.is_file()]
    if needed and missing:
        raise HistoryError.of("errors.months_after_list", missing=missing)
    written = [path for path in paths.values() if path.is_file()]
    if not written:
        return pl.DataFrame(schema={"customer_id": pl.String, **dict.fromkeys(METRICS, pl.Float64)})
    balances = [f"balance_{name}" for name in policy.products_of("deposit", "wealth")]
    paid_in = pl.max_horizontal("flow_salary", "flow_pension", "flow_benefit") > 0
    return (
        scan_months(written)
        .filter(pl.col("customer_id").is_in(customers.implode()))
        .group_by("customer_id", maintain_order=True)
        .agg(
            salaries=paid_in.cast(pl.Float64).sum(),
            topups=pl.col("own_in_other_bank").cast(pl.Float64).sum() / len(months),
            deposits=pl.sum_horizontal(pl.col(*balances).cast(pl.Float64)).sum() / len(months),
            by_hand=pl.sum_horizontal(pl.col(*BY_HAND).cast(pl.Float64)).sum() / len(months),
            families=pl.col("product_families").cast(pl.Float64).max(),
            accounts=pl.col("accounts_open").cast(pl.Float64).last(),
            contribution=month_contribution().sum(),
        )
        .collect(engine="in-memory")
    )


def month_contribution() -> pl.Expr:
    """A customer's income less cost of one month."""
    income, cost = (pl.sum_horizontal(pl.col(*line_names(side)).cast(pl.Float64)) for side in ("income", "cost"))
    return income - cost


def _with_moves(rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Whether each customer moved; who has left the ledger has not, and brought nothing since."""
    after = [f"{name}_after" for name in METRICS]
    filled = rows.with_columns(pl.col(*after).fill_null(0.0), pl.col(*METRICS[:-1]).fill_null(0.0))
    rules = policy.outcomes
    rise = (pl.col("deposits_after") >= pl.col("deposits") * (1.0 + rules.balance_rise)) & (
        pl.col("deposits_after") - pl.col("deposits") >= rules.least_rise
    )
    salary = (pl.col("salaries") < rules.salary_months) & (pl.col("salaries_after") >= rules.salary_months)
    fewer_topups = (pl.col("topups") > 0) & (pl.col("topups_after") <= rules.topups_left * pl.col("topups"))
    still_here = pl.col("accounts_after") > 0
    rules_met = {
        "main_account_here": salary | (fewer_topups & rise),
        "grows": still_here & ((pl.col("families_after") > pl.col("families")) | rise),
        "cheaper_ways": still_here
        & (pl.col("by_hand") > 0.0)
        & (pl.col("by_hand_after") <= pl.col("by_hand") * (1.0 - rules.by_hand_less)),
        "stays": still_here & (pl.col("deposits_after") >= rules.balance_kept * pl.col("deposits")),
    }
    moved = pl.coalesce(
        pl.when(pl.col("programme") == code).then(rules_met[programme.moved_when])
        for code, programme in policy.programmes.items()
    )
    return filled.with_columns(moved=moved)
