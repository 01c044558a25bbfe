"""What would lift each break-even and loss-making customer: levers, the smallest set of them, and the best one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from segment.contribution import LINE_NAMES
from segment.exceptions import HistoryError
from segment.jobs.reference import read_reference
from segment.policy import Policy
from segment.upgrade.levers import best_levers, lever_candidates, said, smallest_sets
from segment.upgrade.offers import NEXT_TIER
from segment.warehouse import Workspace

LIFTED = ("loss_making", "break_even")
_COUNTED = ("count_counter", "count_phone", "visits_counter", "visits_phone", "visits_adviser", "adviser_minutes")
_OTHERS = ("salary_months", "own_in_other_bank", "fee_income")


@dataclass(frozen=True)
class CustomerLevers:
    """Levers of a moment's break-even and loss-making customers.

    Attributes
    ----------
    candidates : polars.DataFrame
        Every lever, as `segment.upgrade.levers.lever_candidates` returns them.
    sets : polars.DataFrame
        The smallest set that reaches the next tier's border, for the customers who can reach it.
    best : polars.DataFrame
        `customer_id`, `lever` in plain words, `lever_gain_12m`: the lever with the best expected gain.
    """

    candidates: pl.DataFrame
    sets: pl.DataFrame
    best: pl.DataFrame


def customer_levers(as_of: dt.date, tiers: pl.DataFrame, workspace: Workspace, policy: Policy) -> CustomerLevers:
    """Find the levers of published customers.

    Parameters
    ----------
    as_of : datetime.date
        The moment.
    tiers : polars.DataFrame
        Published for it; customers left out of the tiers, and new ones, are not asked for anything.
    workspace : Workspace
        Holds the moment's snapshot and the last extract's small tables.
    policy : Policy
        Prices, borders and levers.

    Returns
    -------
    CustomerLevers

    Raises
    ------
    HistoryError
        Where the snapshot of the moment is missing.
    """
    path = workspace.snapshots / f"{as_of.isoformat()}.parquet"
    if not path.is_file():
        raise HistoryError.with_hint(
            f"The snapshot of {as_of} must be there for levers. It is not.", f"segment extract LEDGER --as-of {as_of}"
        )
    tables = read_reference(workspace)
    below = tiers.filter(pl.col("tier").is_in(LIFTED) & ~pl.col("standing").is_in(["new", "excluded"]))
    counted = [f"{name}_12m" for name in (*_COUNTED, *_OTHERS)]
    balances = [f"balance_{name}_12m" for name in policy.products]
    snapshot = pl.read_parquet(path, columns=["customer_id", "holds_everyday", *counted, *balances])
    customers = below.join(snapshot, on="customer_id").join(
        tables["customers"].select("customer_id", "birth_date"), on="customer_id", how="left"
    )
    candidates = lever_candidates(customers, unused_accounts(customers, tables, policy, as_of), policy, as_of)
    return CustomerLevers(candidates, smallest_sets(candidates, gaps(below, policy)), best_levers(candidates))


def lever_table(found: CustomerLevers, tiers: pl.DataFrame) -> pl.DataFrame:
    """Say what would lift each customer: the smallest set, a row per change, in lines of the accounting.

    Parameters
    ----------
    found : CustomerLevers
        From `customer_levers`.
    tiers : polars.DataFrame
        Published for the same moment.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `branch_id`, `tier`, `target_tier`, `lever`, `change` in plain words, `units` (events, salaries
        or accounts), `gain_12m`, and the change of every line that a lever can touch. The largest change first.
    """
    lines = [name for name in LINE_NAMES if found.candidates.select((pl.col(name) != 0.0).any()).item()]
    below = tiers.filter(pl.col("tier").is_in(LIFTED))
    who = below.select("customer_id", "branch_id", "tier", target_tier=pl.col("tier").replace_strict(NEXT_TIER))
    joined = found.sets.join(who, on="customer_id").sort(
        ["branch_id", "customer_id", "gain_12m", "lever"], descending=[False, False, True, False]
    )
    return joined.select(*who.columns, "lever", said().alias("change"), "units", "gain_12m", *lines)


def lever_summary(found: CustomerLevers, tiers: pl.DataFrame) -> pl.DataFrame:
    """Count how many customers of each tier the levers lift, and by how much.

    Parameters
    ----------
    found : CustomerLevers
        From `customer_levers`.
    tiers : polars.DataFrame
        Published for the same moment.

    Returns
    -------
    polars.DataFrame
        `tier`, `customers`, `with_a_lever`, `lifted`, `changes` (of those lifted, together), `gain_12m` (theirs).
    """
    of_sets = found.sets.group_by("customer_id").agg(changes=pl.len(), gain_12m=pl.col("gain_12m").sum())
    any_lever = found.candidates.select("customer_id", has=pl.lit(value=True)).unique()
    asked = tiers.filter(pl.col("tier").is_in(LIFTED))
    joined = asked.join(of_sets, on="customer_id", how="left").join(any_lever, on="customer_id", how="left")
    return (
        joined.group_by("tier")
        .agg(
            customers=pl.len(),
            with_a_lever=pl.col("has").is_not_null().sum(),
            lifted=pl.col("changes").is_not_null().sum(),
            changes=pl.col("changes").sum(),
            gain_12m=pl.col("gain_12m").sum(),
        )
        .sort("tier")
    )


def gaps(tiers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Say how far each customer is from the next tier, and how the border moves with the customer's cost.

    Parameters
    ----------
    tiers : polars.DataFrame
        Break-even and loss-making customers: `tier`, `blended_contribution_12m`, `border_low`, `border_break_even`,
        `mean_cost`, `cost_12m`, `months_observed`.
    policy : Policy
        The band around break-even.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `gap`, `beyond`, `border_share`, `upward`, as `segment.upgrade.levers.smallest_sets` reads them.
    """
    rules, loses = policy.tiers, pl.col("tier") == "loss_making"
    below, above = round(1.0 - rules.coverage_low, 12), round(rules.coverage_high - 1.0, 12)
    cost = pl.col("cost_12m") * 12.0 / pl.col("months_observed").clip(1, 12)
    # within epsilon the border is the bank's own, and a cost that falls does not move it
    still = below * cost <= rules.epsilon_of_mean_cost * pl.col("mean_cost")
    border = pl.when(loses).then("border_low").otherwise("border_break_even")
    share = pl.when(loses).then(pl.when(still).then(0.0).otherwise(below)).otherwise(above)
    return tiers.select(
        "customer_id", gap=border - pl.col("blended_contribution_12m"), beyond=~loses, border_share=share, upward=loses
    )


def unused_accounts(
    customers: pl.DataFrame, tables: dict[str, pl.DataFrame], policy: Policy, as_of: dt.date
) -> pl.DataFrame:
    """Find the accounts that cost and bring nothing: open for a year, no balance in it, and no fee paid.

    A customer keeps one account at least; joint accounts and those of customers with a basic account stay.

    Parameters
    ----------
    customers : polars.DataFrame
        `customer_id`, `fee_income_12m`, `balance_<product>_12m`.
    tables : dict of str to polars.DataFrame
        From `segment.jobs.reference.read_reference`.
    policy : Policy
        Names the families that may be closed.
    as_of : datetime.date
        The moment.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `product`, a row per account.
    """
    closing = policy.upgrade.levers.closing
    families = closing.families if closing is not None else ()
    basic = tables["contact_rules"].filter(pl.col("rule").cast(pl.String) == "basic_account")
    owned = (
        tables["holdings"]
        .filter(pl.col("share") > 0.0)
        .join(tables["accounts"], on="account_id")
        .filter((pl.col("opened_on") <= as_of) & (pl.col("closed_on").is_null() | (pl.col("closed_on") > as_of)))
        .with_columns(pl.col("product").cast(pl.String), held=pl.len().over("customer_id"))
    )
    balances = customers.select("customer_id", "fee_income_12m", "^balance_.*_12m$").unpivot(
        index=["customer_id", "fee_income_12m"], variable_name="product", value_name="balance"
    )
    balances = balances.with_columns(pl.col("product").str.strip_prefix("balance_").str.strip_suffix("_12m"))
    idle = (
        owned.filter(
            pl.col("family").is_in(families)
            & (pl.col("opened_on") <= pl.lit(as_of).dt.offset_by("-1y"))
            & (pl.col("share") >= 1.0)
        )
        .join(balances, on=["customer_id", "product"])
        .filter((pl.col("balance") == 0.0) & (pl.col("fee_income_12m") <= 0.0))
        .join(basic, on="customer_id", how="anti")
        .sort("customer_id", "account_id")
    )
    rest = pl.col("held") - pl.len().over("customer_id")
    place = pl.int_range(pl.len()).over("customer_id")
    return idle.filter((rest > 0) | (place > 0)).select("customer_id", "product")
