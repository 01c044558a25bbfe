"""Where in the tier a customer stands: sub-state, main-bank flag, potential and ratios."""

from __future__ import annotations

from statistics import NormalDist

import polars as pl

from segment.policy import Policy
from segment.tiers.columns import BREAK_EVEN, LOSS_MAKING, require
from segment.tiers.odds import ODDS
from segment.tiers.outlook import chance_of_lower_tier, growth_potential

MAIN_ELSEWHERE = "main_elsewhere"
"""The main-bank state that the flag asks for: probable, and proven by a link to another bank."""

CEILING = "wallet_elsewhere_p80"
"""The wallet's higher quantile, its realistic ceiling."""

NORMAL = NormalDist()

_READ = (
    "tier",
    "branch_id",
    "standing",
    "branch_reference",
    "blended_contribution_12m",
    "income_12m",
    "cost_12m",
    "contribution_12m",
    "direct_contribution_12m",
    "main_bank_elsewhere_probability",
    "main_bank_state",
    "wallet_elsewhere_12m",
    *ODDS,
)


def describe_customers(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Add what follows from a customer's tier. To be repeated when the tier changes, as hysteresis makes it do.

    - `main_bank_elsewhere`: break-even, not excluded, main bank elsewhere by probability and by a proven link, and a
      wallet elsewhere that with a chance of `worth_moving_chance` is worth moving: of at least
      `worth_moving_of_reference` references of the branch, or enough for a contact to pay; or among the largest
      `worth_moving_top_share` of such customers' wallets. The chance is that of a log-normal between the wallet's two
      quantiles; without `wallet_elsewhere_p80` the first of them decides. A contact pays where what a move brings in a
      year makes up for the incentive and for the contacts that it takes to win one such customer.
    - `sub_state`: `excluded`, `new`, `be_main_elsewhere`, `dormant`, `provisional`; of the other break-even customers
      `be_potential` where P90 of the future value passes their border, else `be_mass`; of the other loss-making ones
      `loss_direct` where the direct contribution is negative, else `loss_full_only`; null for valuable and high-value.
    - `growth_potential`, `chance_of_lower_tier`: probabilities of a higher and of a lower tier in twelve months.
    - `upgrade_potential_12m`: what could be gained in twelve months: the wallet elsewhere of flagged customers; of
      others P90 of the future value less the blended contribution; never negative, zero for excluded customers.
    - `branch_multiple`: contribution over the mean contribution of all customers of the branch in the frame; null where
      that mean is zero. Where the branch as a whole loses, its sign is turned: `branch_reference`, which is always
      positive, is the yardstick of the tiers.
    - `cost_coverage`: income over cost; null without cost.

    Parameters
    ----------
    frame : polars.DataFrame
        One row per customer, with a `tier`.
    policy : segment.policy.Policy

    Returns
    -------
    polars.DataFrame
        The frame with these seven columns, replaced where they were there.

    Raises
    ------
    ModelError
        If a column is missing.

    References
    ----------
    The four-tier policy, "sub-states"; the contract's published tiers.

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> people = pl.DataFrame({
    ...     "tier": ["break_even"], "branch_id": ["b"], "standing": ["active"], "branch_reference": [100.0],
    ...     "blended_contribution_12m": [10.0], "income_12m": [90.0], "cost_12m": [80.0], "contribution_12m": [10.0],
    ...     "direct_contribution_12m": [30.0], "main_bank_elsewhere_probability": [0.8],
    ...     "main_bank_state": ["main_elsewhere"], "wallet_elsewhere_12m": [250.0], "future_value_p90": [30.0],
    ...     "border_break_even": [50.0], "chance_high_value": [0.0], "chance_valuable": [0.1],
    ...     "chance_break_even": [0.8], "chance_loss_making": [0.1]})
    >>> described = describe_customers(people, load_policy("models/retail.toml"))
    >>> described.select("main_bank_elsewhere", "sub_state", "upgrade_potential_12m", "cost_coverage").row(0)
    (True, 'be_main_elsewhere', 250.0, 1.125)
    """
    require(frame, _READ, "The description of a customer")
    mean = pl.col("contribution_12m").mean().over("branch_id")
    frame = frame.with_columns(
        growth_potential(frame),
        chance_of_lower_tier(frame),
        main_bank_elsewhere=_main_bank_elsewhere(frame, policy).fill_null(False),
        branch_multiple=pl.when(mean != 0).then(pl.col("contribution_12m") / mean),
        cost_coverage=pl.when(pl.col("cost_12m") > 0).then(pl.col("income_12m") / pl.col("cost_12m")),
    )
    return frame.with_columns(sub_state=_sub_state(), upgrade_potential_12m=_upgrade_potential())


def _main_bank_elsewhere(frame: pl.DataFrame, policy: Policy) -> pl.Expr:
    """Whom marketing should win over: probable, proven and worth it."""
    wallet = pl.col("wallet_elsewhere_12m")
    candidate = (
        (pl.col("tier") == BREAK_EVEN)
        & (pl.col("standing") != "excluded")
        & (pl.col("main_bank_state") == MAIN_ELSEWHERE)
        & (pl.col("main_bank_elsewhere_probability") >= policy.main_bank.elsewhere_from)
        & (wallet > 0)
    ).fill_null(False)
    place = pl.when(candidate).then(wallet).rank("min", descending=True)
    among_largest = place <= policy.wallet.worth_moving_top_share * candidate.sum()
    reference = policy.wallet.worth_moving_of_reference * pl.col("branch_reference")
    worth = _within_reach(frame, policy) >= pl.min_horizontal(reference, pl.lit(_least_worth_a_contact(policy)))
    return candidate & (worth | among_largest)


def _least_worth_a_contact(policy: Policy) -> float:
    """Smallest wallet with which the best offer through the best channel earns what it costs."""
    offers = [
        (channel.cost / channel.conversion_probability + bundle.incentive) / bundle.moved_share
        for bundle in policy.upgrade.bundles.values()
        if bundle.for_main_bank_elsewhere and BREAK_EVEN in bundle.for_tiers and bundle.moved_share > 0
        for channel in policy.upgrade.channels.values()
        if channel.conversion_probability > 0
    ]
    return min(offers, default=float("inf"))


def _within_reach(frame: pl.DataFrame, policy: Policy) -> pl.Expr:
    """Wallet elsewhere that is passed with the policy's chance."""
    wallet = pl.col("wallet_elsewhere_12m")
    if CEILING not in frame.columns:
        return wallet
    low, high = (NORMAL.inv_cdf(level) for level in policy.wallet.quantiles)
    steps = (NORMAL.inv_cdf(1.0 - policy.wallet.worth_moving_chance) - low) / (high - low)
    return wallet * (pl.col(CEILING).fill_null(wallet).clip(lower_bound=wallet) / wallet) ** steps


def _sub_state() -> pl.Expr:
    """The first state that fits."""
    standing, tier = pl.col("standing"), pl.col("tier")
    potential = pl.col("future_value_p90") > pl.col("border_break_even")
    break_even = pl.when(potential).then(pl.lit("be_potential")).otherwise(pl.lit("be_mass"))
    direct = pl.col("direct_contribution_12m") < 0
    loss = pl.when(direct).then(pl.lit("loss_direct")).otherwise(pl.lit("loss_full_only"))
    return (
        pl.when(standing.is_in(["excluded", "new"]) & ~pl.col("main_bank_elsewhere"))
        .then(standing)
        .when(pl.col("main_bank_elsewhere"))
        .then(pl.lit("be_main_elsewhere"))
        .when(standing.is_in(["dormant", "provisional"]))
        .then(standing)
        .when(tier == BREAK_EVEN)
        .then(break_even)
        .when(tier == LOSS_MAKING)
        .then(loss)
    )


def _upgrade_potential() -> pl.Expr:
    """What could be gained in twelve months."""
    headroom = pl.col("future_value_p90") - pl.col("blended_contribution_12m")
    gain = pl.when(pl.col("main_bank_elsewhere")).then("wallet_elsewhere_12m").otherwise(headroom)
    return pl.when(pl.col("standing") == "excluded").then(0.0).otherwise(gain.clip(lower_bound=0.0)).fill_null(0.0)
