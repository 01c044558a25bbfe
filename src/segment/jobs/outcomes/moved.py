"""Who moved, by what the ledger shows in the months after a list; in both arms by the same rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from segment.contribution import line_names
from segment.exceptions import HistoryError
from segment.features.known import month_end, next_month
from segment.jobs.reference import read_reference
from segment.jobs.release import RELEASED, SHOWN
from segment.policy import Policy
from segment.warehouse import Workspace
from segment.warehouse.kept import OUTCOMES, read_kept
from segment.warehouse.records import records

YEAR = 12
LISTED = (
    "list_id",
    "list_on",
    "customer_id",
    "household",
    "branch_id",
    "programme",
    "bundle",
    "channel",
    "arm",
    "stratum",
    "expected_gain_12m",
    "upgrade_potential_12m",
)
FIGURES = ("salaries", "topups", "deposits", "families", "accounts", "contribution")


def measure_lists(as_of: dt.date, workspace: Workspace, policy: Policy) -> pl.DataFrame:
    """Measure what became of everyone on the lists that were worked on.

    A customer counts once in a programme, from the first list on which they stood in it: who is drawn stays in the arm.

    Parameters
    ----------
    as_of : datetime.date
        Nothing after it is read.
    workspace : Workspace
        Holds the lists' analytics copies and the customer months.
    policy : Policy
        What a move is (`[outcomes]`, and `moved_when` of each programme).

    Returns
    -------
    polars.DataFrame
        `list_id`, `list_on`, `customer_id`, `household`, `programme`, `bundle`, `channel`, `arm` and further columns of
        the list; `moved` (null: its months have not all passed by `as_of`), `contribution_after` (of those months) and
        `contribution_before` (of the twelve months before the list), in book currency; what was known before
        (`salaries`, `topups`, `deposits`, `families` of the months before).

    Raises
    ------
    HistoryError
        Where a month that has passed is missing from the workspace.
    """
    listed = _listed(workspace, as_of, policy)
    parts = []
    for (day,), rows in listed.group_by("list_on", maintain_order=True):
        list_on: dt.date = day
        after = _months_after(list_on, policy.outcomes.months)
        before = _months_before(list_on, YEAR)
        known = rows.join(_figures(workspace, before[-policy.outcomes.months :], policy), on="customer_id", how="left")
        year = _figures(workspace, before, policy).select("customer_id", contribution_before="contribution")
        known = known.drop("contribution").join(year, on="customer_id", how="left")
        if month_end(after[-1]) > as_of:
            parts.append(
                known.with_columns(moved=pl.lit(None, pl.Boolean), contribution_after=pl.lit(None, pl.Float64))
            )
            continue
        then = _figures(workspace, after, policy, needed=True).rename({name: f"{name}_after" for name in FIGURES})
        parts.append(_judged(known.join(then, on="customer_id", how="left"), policy))
    if not parts:
        nothing = {"moved": pl.Boolean, "contribution_after": pl.Float64, "contribution_before": pl.Float64}
        figures = dict.fromkeys([name for name in FIGURES if name != "contribution"], pl.Float64)
        return listed.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in (nothing | figures).items())
    return pl.concat(parts, how="diagonal").drop([f"{name}_after" for name in FIGURES[:-1]], strict=False)


def _listed(workspace: Workspace, as_of: dt.date, policy: Policy) -> pl.DataFrame:
    """Both arms of the lists that left, or of which outcomes tell."""
    left = {str(one.content["list_id"]) for one in records(workspace, RELEASED) if one.why != SHOWN}
    told = {*read_kept(workspace, OUTCOMES)["list_id"], *read_reference(workspace)["campaign_outcomes"]["list_id"]}
    paths = sorted(path for path in workspace.lists.glob("*.parquet") if path.stem in left | told)
    parts = [pl.scan_parquet(path) for path in paths]
    copies = [part.select(LISTED).collect() for part in parts if set(LISTED) <= set(part.collect_schema())]
    if not copies:
        others = {"list_on": pl.Date, "expected_gain_12m": pl.Float64, "upgrade_potential_12m": pl.Float64}
        return pl.DataFrame(schema={name: others.get(name, pl.String) for name in LISTED})
    whole = pl.concat(copies).filter((pl.col("list_on") <= as_of) & pl.col("programme").is_in(list(policy.programmes)))
    return whole.sort("list_on", "list_id").unique(["programme", "customer_id"], keep="first", maintain_order=True)


def _months_after(list_on: dt.date, count: int) -> list[dt.date]:
    """First days of the full months that begin after a day."""
    return [next_month(list_on, ahead) for ahead in range(1, count + 1)]


def _months_before(list_on: dt.date, count: int) -> list[dt.date]:
    """First days of the full months that ended by a day, the earliest first."""
    first = list_on.replace(day=1)
    last = first if month_end(first) == list_on else next_month(first, -1)
    return [next_month(last, -back) for back in range(count - 1, -1, -1)]


def _figures(workspace: Workspace, months: Sequence[dt.date], policy: Policy, *, needed: bool = False) -> pl.DataFrame:
    """Each customer's figures over some months: means of a month, and the contribution of all of them."""
    paths = {month: workspace.customer_months / f"{month:%Y-%m}.parquet" for month in months}
    missing = [f"{month:%Y-%m}" for month, path in paths.items() if not path.is_file()]
    if needed and missing:
        raise HistoryError.with_hint(
            f"Every month after a list must be extracted before its effect is measured. Missing: {', '.join(missing)}.",
            "segment extract LEDGER --as-of DATE",
        )
    there = [path for path in paths.values() if path.is_file()]
    if not there:
        return pl.DataFrame(schema={"customer_id": pl.String, **dict.fromkeys(FIGURES, pl.Float64)})
    balances = [f"balance_{name}" for name in policy.products_of("deposit", "wealth")]
    income, cost = (pl.sum_horizontal(pl.col(*line_names(side)).cast(pl.Float64)) for side in ("income", "cost"))
    paid_in = pl.max_horizontal("flow_salary", "flow_pension", "flow_benefit") > 0
    return (
        pl.scan_parquet(there)
        .group_by("customer_id")
        .agg(
            salaries=paid_in.cast(pl.Float64).sum(),
            topups=pl.col("own_in_other_bank").cast(pl.Float64).sum() / len(months),
            deposits=pl.sum_horizontal(pl.col(*balances).cast(pl.Float64)).sum() / len(months),
            families=pl.col("product_families").cast(pl.Float64).max(),
            accounts=pl.col("accounts_open").cast(pl.Float64).last(),
            contribution=(income - cost).sum(),
        )
        .collect()
    )


def _judged(rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Whether each customer moved; who has left the ledger has not, and brought nothing since."""
    since = [f"{name}_after" for name in FIGURES]
    filled = rows.with_columns(pl.col(*since).fill_null(0.0), pl.col(*FIGURES[:-1]).fill_null(0.0))
    rules = policy.outcomes
    rise = (pl.col("deposits_after") >= pl.col("deposits") * (1.0 + rules.balance_rise)) & (
        pl.col("deposits_after") - pl.col("deposits") >= rules.least_rise
    )
    salary = (pl.col("salaries") < rules.salary_months) & (pl.col("salaries_after") >= rules.salary_months)
    fewer_topups = (pl.col("topups") > 0) & (pl.col("topups_after") <= rules.topups_left * pl.col("topups"))
    still_here = pl.col("accounts_after") > 0
    judged = {
        "main_account_here": salary | (fewer_topups & rise),
        "grows": still_here & ((pl.col("families_after") > pl.col("families")) | rise),
        "stays": still_here & (pl.col("deposits_after") >= rules.balance_kept * pl.col("deposits")),
    }
    moved = pl.coalesce(
        pl.when(pl.col("programme") == code).then(judged[programme.moved_when])
        for code, programme in policy.programmes.items()
    )
    return filled.with_columns(moved=moved)
