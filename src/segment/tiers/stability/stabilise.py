"""From what the model proposes to what is published: hysteresis, overrides, and all that follows from the tier."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.policy import Policy
from segment.tiers.describe import describe_customers
from segment.tiers.in_arrears import in_default
from segment.tiers.reasons import AWAITS_FALL, AWAITS_RISE, OVERRIDE, reasons_after_change
from segment.tiers.stability.hysteresis import rank_of, with_hysteresis
from segment.tiers.stability.tier_state import STATE, state_before
from segment.tiers.tier_columns import HIGH_VALUE, LOSS_MAKING, VALUABLE

SOURCE = "hysteresis"
"""`tier_source` of a tier that is not the proposed one, or that a person set."""

ADVISER, BEFORE_ACTION = "relationship_manager", "before_action"
"""Values of `review`: a relationship manager looks at who left high-value; a person decides before anything is done
about a customer who fell to loss-making."""

NO_OVERRIDES = pl.DataFrame(
    schema={"customer_id": pl.String, "tier": pl.String, "role": pl.String, "expires_on": pl.Date}
)
"""Nobody's tier is set by hand."""


def stabilise(
    scored: pl.DataFrame,
    before: pl.DataFrame | None,
    as_of: dt.date,
    policy: Policy,
    overrides: pl.DataFrame = NO_OVERRIDES,
) -> pl.DataFrame:
    """Turn proposed tiers into tiers that last."""
    # The same input gives the same output: the state is read from the tiers published before, never from a file of its
    # own, so that a refresh may be repeated, and tiers and state are published in one commit.
    # Source: The four-tier policy, "hysteresis".
    columns = [name for name in scored.columns if name not in STATE]
    joined = scored.select(columns).join(
        state_before(before, as_of), on="customer_id", how="left", maintain_order="left"
    )
    stable = with_hysteresis(joined, policy.tiers).with_columns(proposed_tier=pl.col("tier"))
    decided = _overridden(stable, overrides)
    described = _described(decided, joined, policy)
    return _dated(described, as_of, policy).select(*columns, *STATE)


def _overridden(frame: pl.DataFrame, overrides: pl.DataFrame) -> pl.DataFrame:
    """Set the tier: a person's where in force and no rule of the policy stands against it, else the stable one."""
    by_hand = overrides.select("customer_id", _by_hand="tier", override_role="role", override_expires_on="expires_on")
    frame = frame.join(by_hand, on="customer_id", how="left", maintain_order="left")
    barred = in_default(frame) & pl.col("_by_hand").is_in([HIGH_VALUE, VALUABLE])
    acts = pl.col("_by_hand").is_not_null() & (pl.col("standing") != "excluded") & ~barred
    frame = frame.with_columns(
        _by_hand=pl.when(acts).then("_by_hand"),
        override_role=pl.when(acts).then("override_role"),
        override_expires_on=pl.when(acts).then("override_expires_on"),
    )
    waiting = pl.col("stable_tier") != pl.col("proposed_tier")
    rises = rank_of("proposed_tier") > rank_of("stable_tier")
    awaits = pl.when(rises).then(pl.lit(AWAITS_RISE)).otherwise(pl.lit(AWAITS_FALL))
    set_by_hand = pl.col("_by_hand").is_not_null()
    return frame.with_columns(
        tier=pl.coalesce("_by_hand", "stable_tier"),
        tier_source=pl.when(set_by_hand | waiting).then(pl.lit(SOURCE)).otherwise("tier_source"),
        tier_note=pl.when(set_by_hand).then(pl.lit(OVERRIDE)).when(waiting).then(awaits).otherwise("tier_note"),
        previous_tier=pl.col("was_tier"),
    )


def _described(frame: pl.DataFrame, scored: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Say anew all that follows from the tier, and the reasons where they may have changed."""
    described = describe_customers(frame, policy)
    other = (
        (described["tier_source"] == SOURCE)
        | (described["tier"] != scored["tier"])
        | (described["main_bank_elsewhere"] != scored["main_bank_elsewhere"])
    )
    again = reasons_after_change(described, policy.tiers)
    return described.with_columns(reasons=pl.when(other).then(again).otherwise(described["reasons"]))


def _dated(frame: pl.DataFrame, as_of: dt.date, policy: Policy) -> pl.DataFrame:
    """Add since when the tier holds, what was left, whether it is taken up again, and who must look at it."""
    rules = policy.tiers.stability
    had_tier, tier, was = pl.col("was_tier").is_not_null(), pl.col("tier"), pl.col("was_tier")
    changed = had_tier & (tier != was)
    recent = pl.col("was_tier_since").dt.offset_by(f"{rules.return_months}mo") >= as_of
    left_high = changed & (was == HIGH_VALUE)
    into_loss = changed & (tier == LOSS_MAKING)
    notice = (
        pl.when(left_high)
        .then(pl.lit(as_of) + dt.timedelta(days=rules.notice_days))
        .when((tier != HIGH_VALUE) & (pl.col("was_notice_until") >= as_of))
        .then("was_notice_until")
    )
    frame = frame.with_columns(
        tier_since=pl.when(changed | ~had_tier).then(pl.lit(as_of)).otherwise("was_tier_since"),
        left_tier=pl.when(changed).then(was).otherwise("was_left_tier"),
        returned=changed & (tier == pl.col("was_left_tier")).fill_null(False) & recent.fill_null(False),
        notice_until=notice,
    )
    kept_review = (tier == LOSS_MAKING) & (pl.col("was_review") == BEFORE_ACTION)
    review = (
        pl.when(into_loss | kept_review)
        .then(pl.lit(BEFORE_ACTION))
        .when(pl.col("notice_until").is_not_null())
        .then(pl.lit(ADVISER))
    )
    typed = [pl.col(name).cast(kind) for name, kind in STATE.items() if name not in ("review",)]
    return frame.with_columns(review=review).with_columns(typed)
