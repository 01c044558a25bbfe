"""What would lift each break-even and loss-making customer: levers, the smallest set of them, and the best one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.contribution import LINE_NAMES
from segment.dates import same_day
from segment.exceptions import HistoryError
from segment.policy import Policy
from segment.sentences import Sentences
from segment.tiers.in_arrears import service_may_change, with_hardship
from segment.upgrade.levers import best_levers, lever_candidates, smallest_sets
from segment.upgrade.offers import NEXT_TIER
from segment.warehouse.reference_tables import read_reference
from segment.workspace import Workspace

LIFTED = ("loss_making", "break_even")
LEVER_SUMS = (
    "count_counter", "count_phone", "visits_counter", "visits_phone", "visits_adviser", "adviser_minutes",
    "salary_months", "own_in_other_bank", "fee_income",
)  # fmt: skip
"""Sums of twelve months that levers are made of, beside the balances of every product."""


@dataclass(frozen=True)
class CustomerLevers:
    """Levers of a date's break-even and loss-making customers."""

    candidates: pl.DataFrame  # Every lever, as `segment.upgrade.levers.lever_candidates` returns them
    sets: pl.DataFrame  # The smallest set that reaches the next tier's border, for the customers who can reach it
    best: pl.DataFrame  # `customer_id`, `name`, `gain_12m`: the lever with the best expected gain


def customer_levers(as_of: dt.date, tiers: pl.DataFrame, workspace: Workspace, policy: Policy) -> CustomerLevers:
    """Find the levers of published customers.

    Parameters
    ----------
    as_of : datetime.date
        The date.
    tiers : polars.DataFrame
        Published for it; customers left out of the tiers, new ones, those in arrears or hardship and those whose loss
        is one by credit are not asked for anything.
    workspace : Workspace
        Holds the date's snapshot and the last extract's small tables.
    policy : Policy
        Prices, borders and levers.

    Returns
    -------
    CustomerLevers

    Raises
    ------
    HistoryError
        Where the snapshot of the date is missing.
    """
    snapshot = read_lever_snapshot(workspace.snapshot(as_of), policy)
    return find_levers(as_of, tiers, snapshot, read_reference(workspace), policy)


def read_lever_snapshot(file: Path, policy: Policy) -> pl.DataFrame:
    """Read of a date's snapshot what levers are made of."""
    if not file.is_file():
        raise HistoryError.of("errors.no_snapshot", day=file.stem)
    return pl.read_parquet(file, columns=lever_columns(policy), glob=False)


def lever_columns(policy: Policy) -> list[str]:
    """Name the columns of a snapshot that levers are made of."""
    counted = [f"{name}_12m" for name in LEVER_SUMS]
    return ["customer_id", "holds_everyday", *counted, *(f"balance_{name}_12m" for name in policy.products)]


def find_levers(
    as_of: dt.date,
    tiers: pl.DataFrame,
    snapshot: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    policy: Policy,
    until: dt.date | None = None,
) -> CustomerLevers:
    """Find the levers of published customers from the date's snapshot and the small tables of the ledger."""
    # `until`: the last day on which anybody may be asked, where that is not the date itself.
    tiers = with_hardship(tiers, tables["contact_rules"], as_of)
    asked = ~pl.col("standing").is_in(["new", "excluded"]) & service_may_change()
    below = tiers.filter(pl.col("tier").is_in(LIFTED) & asked)
    customers = below.join(snapshot, on="customer_id").join(
        tables["customers"].select("customer_id", "birth_date"), on="customer_id", how="left"
    )
    unused = unused_accounts(customers, tables, policy, as_of)
    candidates = lever_candidates(customers, unused, policy, as_of, until)
    return CustomerLevers(candidates, smallest_sets(candidates, gaps(below, policy)), best_levers(candidates))


def lever_table(levers: CustomerLevers, tiers: pl.DataFrame) -> pl.DataFrame:
    """Say what would lift each customer: the smallest set, a row per change, in lines of the accounting.

    Parameters
    ----------
    levers : CustomerLevers
        From `customer_levers`.
    tiers : polars.DataFrame
        Published for the same date.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `branch_id`, `tier`, `target_tier`, `lever`, `change` in plain words, `units` (events, salaries
        or accounts), `gain_12m`, and the change of every line that a lever can touch. The largest change first.
    """
    lines = [name for name in LINE_NAMES if levers.candidates.select((pl.col(name) != 0.0).any()).item()]
    below = tiers.filter(pl.col("tier").is_in(LIFTED))
    customers = below.select("customer_id", "branch_id", "tier", target_tier=pl.col("tier").replace_strict(NEXT_TIER))
    joined = levers.sets.join(customers, on="customer_id").sort(
        ["branch_id", "customer_id", "gain_12m", "lever"], descending=[False, False, True, False]
    )
    return joined.with_columns(change=levers_in_words(joined)).select(
        *customers.columns, "lever", "change", "units", "gain_12m", *lines
    )


def levers_in_words(levers: pl.DataFrame) -> pl.Series:
    """Make the sentence of each lever from its `name` and `gain_12m`."""
    t, gains = Sentences(), levers["gain_12m"].round(0).cast(pl.Int64)
    sentences = [t("words.lever", name=name, gain=gain) for name, gain in zip(levers["name"], gains, strict=True)]
    return pl.Series(sentences, dtype=pl.String)


def lever_summary(levers: CustomerLevers, tiers: pl.DataFrame) -> pl.DataFrame:
    """Count how many customers of each tier the levers lift, and by how much.

    Parameters
    ----------
    levers : CustomerLevers
        From `customer_levers`.
    tiers : polars.DataFrame
        Published for the same date.

    Returns
    -------
    polars.DataFrame
        `tier`, `customers`, `with_a_lever`, `lifted`, `changes` (of those lifted, together), `gain_12m` (theirs).
    """
    of_sets = levers.sets.group_by("customer_id", maintain_order=True).agg(
        changes=pl.len(), gain_12m=pl.col("gain_12m").sum()
    )
    any_lever = levers.candidates.select("customer_id", has=pl.lit(value=True)).unique()
    asked = tiers.filter(pl.col("tier").is_in(LIFTED))
    joined = asked.join(of_sets, on="customer_id", how="left").join(any_lever, on="customer_id", how="left")
    return (
        joined.group_by("tier", maintain_order=True)
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
    """Say how far each customer is from the next tier, and how the border moves with the customer's cost."""
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
    customers: pl.DataFrame, tables: Mapping[str, pl.DataFrame], policy: Policy, as_of: dt.date
) -> pl.DataFrame:
    """Find the accounts that cost and bring nothing: open for a year, no balance in it, and no fee paid."""
    # A customer keeps one account at least; joint accounts and those of customers with a basic account stay.
    closing = policy.upgrade.levers.closing
    families = closing.families if closing is not None else ()
    basic = tables["contact_rules"].filter(pl.col("rule").cast(pl.String) == "basic_account")
    owned = (
        tables["holdings"]
        .filter(pl.col("share") > 0.0)
        .join(tables["accounts"], on="account_id")
        .filter((pl.col("opened_on") <= as_of) & (pl.col("closed_on").is_null() | (pl.col("closed_on") > as_of)))
        .with_columns(pl.col("product").cast(pl.String), accounts=pl.len().over("customer_id"))
    )
    balances = customers.select("customer_id", "fee_income_12m", "^balance_.*_12m$").unpivot(
        index=["customer_id", "fee_income_12m"], variable_name="product", value_name="balance"
    )
    balances = balances.with_columns(pl.col("product").str.strip_prefix("balance_").str.strip_suffix("_12m"))
    idle = (
        owned.filter(
            pl.col("family").is_in(families) & (pl.col("opened_on") <= same_day(as_of, -12)) & (pl.col("share") >= 1.0)
        )
        .join(balances, on=["customer_id", "product"])
        .filter((pl.col("balance") == 0.0) & (pl.col("fee_income_12m") <= 0.0))
        .join(basic, on="customer_id", how="anti")
        .sort("customer_id", "account_id")
    )
    rest = pl.col("accounts") - pl.len().over("customer_id")
    place = pl.int_range(pl.len()).over("customer_id")
    return idle.filter((rest > 0) | (place > 0)).select("customer_id", "product")
