"""When a proposed tier becomes the customer's tier: rises that are probable or last, falls that last."""

from __future__ import annotations

import polars as pl

from segment.policy.decisions import Tiers
from segment.policy.stability import Stability
from segment.tiers.in_arrears import in_default
from segment.tiers.odds import ODDS
from segment.tiers.tier_columns import BREAK_EVEN, HIGH_VALUE, LOSS_MAKING, TIERS, VALUABLE, require

UNMEASURED = ("excluded", "new")
"""Standings whose tier is the policy's word, not a judgement of figures: entering and leaving them does not wait."""

_RANKS = {tier: rank for rank, tier in enumerate(reversed(TIERS))}
_ROUNDING = 1e-9
_HIGH, _BREAK_EVEN = _RANKS[HIGH_VALUE], _RANKS[BREAK_EVEN]
_READ = ("tier", "tier_note", "standing", "branch_id", "cluster_tier", "blended_contribution_12m", *ODDS)
_BORDERS = ("border_low", "border_break_even", "border_high")


def with_hysteresis(frame: pl.DataFrame, tiers: Tiers) -> pl.DataFrame:
    """Add the stable tier and the candidate to replace it."""
    # - A rise is applied at once to the highest tier, up to the proposed one, that the next twelve months reach with
    # the policy's chance; else after `rise_refreshes` refreshes in a row that propose more than the stable tier, to the
    # least that they proposed. High-value from two tiers below takes `high_jump_refreshes` in any case. - A fall is
    # applied after `fall_refreshes` refreshes in a row that propose less and in which the blended contribution lies
    # `fall_margin` below the stable tier's border; one tier, then the count starts anew. Where it is not the own
    # figures near the border that propose less (a cluster that the guard lets have its way is lower, high-value is out
    # of reach, the branch's managers have no place left, or the odds decide), no margin is asked for. - After a move to
    # another branch the refreshes count from the next one on. - Customers who are new or left out, now or before, and
    # those whom nobody knew before, get the proposed tier. - Who is in default falls to break-even at once.
    # With the same history a higher blended contribution never gives a lower tier.
    # Source: The four-tier policy, "hysteresis".
    require(frame, (*_READ, *_BORDERS), "Hysteresis")
    rules = tiers.stability
    frame = frame.with_columns(
        _now=rank_of("was_stable_tier"), _proposed=rank_of("tier"), _candidate=rank_of("was_candidate_tier")
    )
    frame = frame.with_columns(_at_once=_probable(frame, rules), _falls=_clearly_below(frame, tiers))
    frame = _counted(frame)
    risen, fallen = _risen(rules), _fallen(rules)
    waits = pl.lit(rules.hysteresis) & pl.col("_now").is_not_null() & _measured()
    new = pl.when(~waits).then("_proposed").when(pl.col("_rising") > 0).then(risen).otherwise(fallen)
    # who is in default is not above break-even, whatever lasts
    kept_down = pl.when(in_default(frame)).then(pl.min_horizontal(new, _BREAK_EVEN)).otherwise(new)
    frame = frame.with_columns(_new=kept_down, _waits=waits)
    going = (pl.col("_new") != pl.col("_proposed")) & pl.col("_waits")
    on_the_way_up = going & (pl.col("_rising") > 0)
    still_up = pl.when(pl.col("_new") == pl.col("_now")).then("_least").otherwise("_proposed")
    still_falling = going & pl.col("_falls") & (pl.col("_new") == pl.col("_now"))
    count = pl.when(pl.col("_new") == pl.col("_now")).then("_rising").otherwise(1)
    return frame.with_columns(
        stable_tier=_tier("_new"),
        candidate_tier=pl.when(on_the_way_up).then(_name(still_up)).when(still_falling).then("tier"),
        candidate_refreshes=pl.when(on_the_way_up).then(count).when(still_falling).then("_falling").otherwise(0),
    ).drop(name for name in _WORKING if name in frame.columns)


_WORKING = ("_now", "_proposed", "_candidate", "_at_once", "_falls", "_rising", "_falling", "_least", "_new", "_waits")


def rank_of(column: str) -> pl.Expr:
    """Place of a tier, to compare tiers by."""
    return pl.col(column).replace_strict(_RANKS, default=None, return_dtype=pl.Int64)


def _name(rank: pl.Expr) -> pl.Expr:
    return rank.replace_strict({rank: tier for tier, rank in _RANKS.items()}, default=None, return_dtype=pl.String)


def _tier(column: str) -> pl.Expr:
    return _name(pl.col(column))


def _measured() -> pl.Expr:
    """Whether figures decided the tier, now and before."""
    return ~pl.col("standing").is_in(UNMEASURED) & ~pl.col("was_standing").is_in(UNMEASURED).fill_null(False)


def _probable(frame: pl.DataFrame, rules: Stability) -> pl.Series:
    """Best tier that the next twelve months reach with the policy's chance."""
    high, valuable, break_even, _ = (pl.col(name).fill_null(0.0) for name in ODDS)
    least = rules.rise_at_once_from - _ROUNDING  # sums of chances differ in the last digits
    place = (
        pl.when(high >= least)
        .then(_RANKS[HIGH_VALUE])
        .when(high + valuable >= least)
        .then(_RANKS[VALUABLE])
        .when(high + valuable + break_even >= least)
        .then(_RANKS[BREAK_EVEN])
        .otherwise(_RANKS[LOSS_MAKING])
    )
    return frame.select(place.cast(pl.Int64)).to_series()


def _clearly_below(frame: pl.DataFrame, tiers: Tiers) -> pl.Series:
    """Whether a lower proposal counts."""
    reach = pl.col("border_high_reachable") if "border_high_reachable" in frame.columns else pl.col("border_high")
    now = pl.col("_now")
    border = (
        pl.when(now == _HIGH)
        .then(reach)
        .when(now == _RANKS[VALUABLE])
        .then(pl.col("border_break_even"))
        .when(now == _BREAK_EVEN)
        .then(pl.col("border_low"))
    )
    # below a negative border is further from zero, so the margin is of its amount
    below = pl.col("blended_contribution_12m") < border - tiers.stability.fall_margin * border.abs()
    others_agree = (
        (pl.lit(tiers.guard_margin_of_mean_cost > 0) & (rank_of("cluster_tier") < now)).fill_null(False)
        | (pl.col("tier_note") == "rm_capacity").fill_null(False)
        | pl.lit(tiers.decide_by != "borders")
    )
    falls = (pl.col("_proposed") < now) & (below.fill_null(True) | others_agree)
    return frame.select(falls.fill_null(False)).to_series()


def _counted(frame: pl.DataFrame) -> pl.DataFrame:
    """Count the refreshes in a row, this one included, that point up or down, and the least that those up proposed."""
    now, proposed, candidate = pl.col("_now"), pl.col("_proposed"), pl.col("_candidate")
    before = pl.col("was_candidate_refreshes").fill_null(0)
    was_rising, was_falling = (candidate > now).fill_null(False), (candidate < now).fill_null(False)
    moved = (pl.col("branch_id") != pl.col("was_branch_id")).fill_null(False)
    falling = pl.when(moved).then(0).when(was_falling).then(before + 1).otherwise(1)
    return frame.with_columns(
        _rising=pl.when(proposed > now).then(pl.when(was_rising).then(before + 1).otherwise(1)).otherwise(0),
        _least=pl.when(was_rising).then(pl.min_horizontal(candidate, proposed)).otherwise(proposed),
        _falling=pl.when(pl.col("_falls")).then(falling).otherwise(0),
    )


def _risen(rules: Stability) -> pl.Expr:
    """Where a rise leads: what is probable or has lasted, and high-value from afar only after some refreshes."""
    now, count = pl.col("_now"), pl.col("_rising")
    probable = pl.min_horizontal("_at_once", "_proposed")
    lasted = pl.when(count >= rules.rise_refreshes).then("_least").otherwise(now)
    afar = (now <= _BREAK_EVEN) & (count < rules.high_jump_refreshes)
    most = pl.when(afar).then(_RANKS[VALUABLE]).otherwise(_HIGH)
    # two refreshes in a row must have proposed high-value itself, not merely more than before
    unseen = (now <= _BREAK_EVEN) & (pl.col("_least") < _HIGH)
    most = pl.when(unseen).then(pl.min_horizontal(most, _RANKS[VALUABLE])).otherwise(most)
    return pl.max_horizontal(now, pl.min_horizontal(pl.max_horizontal(probable, lasted), most))


def _fallen(rules: Stability) -> pl.Expr:
    """One tier down where the fall has lasted, else the tier as it was."""
    return pl.when(pl.col("_falling") >= rules.fall_refreshes).then(pl.col("_now") - 1).otherwise("_now")
