"""Where in the tier a customer stands: sub-state, main-bank flag, potential and ratios."""

from __future__ import annotations

import polars as pl

from segment.policy import Policy
from segment.tiers.in_arrears import LOSS_CREDIT, SUB_STATE, in_arrears, loses_by_credit
from segment.tiers.main_bank_flag import main_bank_elsewhere
from segment.tiers.odds import ODDS
from segment.tiers.outlook import chance_of_lower_tier, growth_potential
from segment.tiers.tier_columns import BREAK_EVEN, LOSS_MAKING, require

WALLET_MEAN = "wallet_elsewhere_mean_12m"
"""Mean of the wallet elsewhere; what was published before it has the median alone."""

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
    """Add what follows from a customer's tier. To be repeated when the tier changes, as hysteresis makes it do."""
    # - `main_bank_elsewhere`: break-even, not excluded, not in arrears, main bank elsewhere by probability and by
    #   a proven link, and a wallet elsewhere that with a chance of `worth_moving_chance` is worth moving: of at
    #   least `worth_moving_of_reference` references of the branch, or enough for a contact to pay; or among the
    #   largest `worth_moving_top_share` of such customers' wallets. The chance is that of a log-normal between
    #   the wallet's two quantiles; without `wallet_elsewhere_p80` the first of them decides. A contact pays where
    #   what a move brings in a year makes up for the incentive and for the contacts that it takes to win one such
    #   customer.
    # - `sub_state`: `excluded`, `in_arrears` (default included), `new`, `be_main_elsewhere`, `dormant`,
    #   `provisional`; of the other break-even customers `be_potential` where P90 of the future value passes their
    #   border, else `be_mass`; of the other loss-making ones `loss_credit` where what credit cost is
    #   `credit_share_of_loss` of the loss or more, `loss_direct` where the direct contribution is negative, else
    #   `loss_full_only`; null for valuable and high-value.
    # - `growth_potential`, `chance_of_lower_tier`: probabilities of a higher and of a lower tier in twelve
    #   months.
    # - `upgrade_potential_12m`: what could be gained in twelve months, by means: the wallet elsewhere of flagged
    #   customers; of others the future value less the blended contribution; never negative, zero for excluded
    #   customers and for those in arrears.
    # - `branch_multiple`: contribution over `branch_reference`, the yardstick that decides the tier, so that its
    #   sign is the contribution's; null where the reference is zero, as at a bank without cost.
    # - `cost_coverage`: income over cost; null without cost.
    # Source: The four-tier policy, "sub-states"; the contract's published tiers.
    require(frame, _READ, "The description of a customer")
    reference = pl.col("branch_reference")
    frame = frame.with_columns(
        growth_potential(frame),
        chance_of_lower_tier(frame),
        main_bank_elsewhere=main_bank_elsewhere(frame, policy).fill_null(False),
        branch_multiple=pl.when(reference > 0).then(pl.col("contribution_12m") / reference),
        cost_coverage=pl.when(pl.col("cost_12m") > 0).then(pl.col("income_12m") / pl.col("cost_12m")),
    )
    by_credit = loses_by_credit(frame, policy.tiers)
    return frame.with_columns(
        sub_state=_sub_state(in_arrears(frame), by_credit), upgrade_potential_12m=_upgrade_potential(frame)
    )


def _sub_state(late: pl.Expr, by_credit: pl.Expr) -> pl.Expr:
    """The first state that fits."""
    standing, tier = pl.col("standing"), pl.col("tier")
    potential = pl.col("future_value_p90") > pl.col("border_break_even")
    break_even = pl.when(potential).then(pl.lit("be_potential")).otherwise(pl.lit("be_mass"))
    direct = pl.col("direct_contribution_12m") < 0
    by_service = pl.when(direct).then(pl.lit("loss_direct")).otherwise(pl.lit("loss_full_only"))
    loss = pl.when(by_credit).then(pl.lit(LOSS_CREDIT)).otherwise(by_service)
    return (
        pl.when(late & (standing != "excluded"))
        .then(pl.lit(SUB_STATE))
        .when(standing.is_in(["excluded", "new"]) & ~pl.col("main_bank_elsewhere"))
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


def _upgrade_potential(frame: pl.DataFrame) -> pl.Expr:
    """What could be gained in twelve months: sums over customers are made of it, so it is a mean."""
    wallet = pl.col(WALLET_MEAN if WALLET_MEAN in frame.columns else "wallet_elsewhere_12m")
    headroom = pl.col("future_value_12m") - pl.col("blended_contribution_12m")
    gain = pl.when(pl.col("main_bank_elsewhere")).then(wallet).otherwise(headroom)
    nothing = (pl.col("standing") == "excluded") | in_arrears(frame)
    return pl.when(nothing).then(0.0).otherwise(gain.clip(lower_bound=0.0)).fill_null(0.0)
