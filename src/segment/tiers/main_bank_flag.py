"""Whom marketing should win over: the flag, and how many customers each of its gates leaves out."""

from __future__ import annotations

from statistics import NormalDist

import polars as pl

from segment.policy import Policy
from segment.policy.offer_odds import least_wallet_worth_a_contact
from segment.tiers.in_arrears import in_arrears
from segment.tiers.tier_columns import BREAK_EVEN

MAIN_ELSEWHERE = "main_elsewhere"
"""The main-bank state that the flag asks for: probable, and proven by a link to another bank."""

CEILING = "wallet_elsewhere_p80"
"""The wallet's higher quantile, its realistic ceiling."""

CUT = "main_bank_elsewhere_from"
"""Probability from which the state is said; what was published before it went by the policy's."""

NORMAL = NormalDist()


def asked_of(frame: pl.DataFrame) -> pl.Expr:
    """Say of whom the flag is asked: break-even customers who are neither excluded nor in arrears."""
    return (pl.col("tier") == BREAK_EVEN) & (pl.col("standing") != "excluded") & ~in_arrears(frame)


def flag_gates(tiers: pl.DataFrame) -> dict[str, int]:
    """Count whom the flag is asked of, whom each gate leaves out, in their order, and who is flagged."""
    # `tiers`: Published. Returns nothing for what was published before the cut was.
    if CUT not in tiers.columns or tiers[CUT].null_count():
        return {}
    asked = tiers.filter(asked_of(tiers).fill_null(value=False))
    probable = asked.filter(pl.col("main_bank_elsewhere_probability") >= pl.col(CUT))
    proven = probable.filter(pl.col("main_bank_state") == MAIN_ELSEWHERE)
    flagged = proven.filter("main_bank_elsewhere")
    return {
        "asked": asked.height,
        "probability": asked.height - probable.height,
        "link": probable.height - proven.height,
        "worth_moving": proven.height - flagged.height,
        "flagged": flagged.height,
    }


def main_bank_elsewhere(frame: pl.DataFrame, policy: Policy) -> pl.Expr:
    """Whom marketing should win over: probable, proven and worth it."""
    wallet = pl.col("wallet_elsewhere_12m")
    cut = pl.col(CUT) if CUT in frame.columns else pl.lit(policy.main_bank.elsewhere_from)
    probable = pl.col("main_bank_elsewhere_probability") >= cut
    proven = pl.col("main_bank_state") == MAIN_ELSEWHERE
    candidate = (asked_of(frame) & probable & proven & (wallet > 0)).fill_null(False)
    place = pl.when(candidate).then(wallet).rank("min", descending=True)
    among_largest = place <= policy.wallet.worth_moving_top_share * candidate.sum()
    reference = policy.wallet.worth_moving_of_reference * pl.col("branch_reference")
    worth = _within_reach(frame, policy) >= pl.min_horizontal(
        reference, pl.lit(least_wallet_worth_a_contact(policy, BREAK_EVEN))
    )
    return candidate & (worth | among_largest)


def _within_reach(frame: pl.DataFrame, policy: Policy) -> pl.Expr:
    """Wallet elsewhere that is passed with the policy's chance."""
    wallet = pl.col("wallet_elsewhere_12m")
    if CEILING not in frame.columns:
        return wallet
    low, high = (NORMAL.inv_cdf(level) for level in policy.wallet.quantiles)
    steps = (NORMAL.inv_cdf(1.0 - policy.wallet.worth_moving_chance) - low) / (high - low)
    return wallet * (pl.col(CEILING).fill_null(wallet).clip(lower_bound=wallet) / wallet) ** steps
