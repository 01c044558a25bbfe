"""What the odds of the next twelve months say about moving up or down."""

from __future__ import annotations

import numpy as np
import polars as pl

from segment.policy.decisions import Tiers
from segment.tiers.odds import ODDS
from segment.tiers.tier_columns import TIERS, require

GROWTH = "growth_probability"
"""Column of the probability that the next twelve months pass `growth_amount`."""

LOWER_TIER = "chance_of_lower_tier"
"""Column of the early warning: the probability of a lower tier in twelve months than today's."""


def growth_amount(tiers: Tiers) -> pl.Expr:
    """Contribution from which the next twelve months cover their cost well enough to be valuable."""
    # The cost is taken to stay, so that coverage above `growth_coverage` is a future value above `(growth_coverage - 1)
    # cost`; the future value must also pass the customer's own border of break-even, so that cents decide here as
    # little as they do there.
    # Source: The four-tier policy, "exception to break-even".
    return pl.max_horizontal((tiers.growth_coverage - 1.0) * pl.col("cost_annual"), "border_break_even")


def chance_of_lower_tier(frame: pl.DataFrame) -> pl.Series:
    """Early warning: the probability of a lower tier in twelve months than the one in `tier`."""
    return _chance_of_move(frame, lower=True).rename(LOWER_TIER)


def growth_potential(frame: pl.DataFrame) -> pl.Series:
    """Return the probability of a higher tier in twelve months than the one in `tier`."""
    return _chance_of_move(frame, lower=False).rename("growth_potential")


def _chance_of_move(frame: pl.DataFrame, *, lower: bool) -> pl.Series:
    """Add up the odds of the tiers below (or above) each customer's."""
    require(frame, ("tier", *ODDS), "The outlook")
    places = {tier: number for number, tier in enumerate(TIERS)}
    place = frame["tier"].replace_strict(places, return_dtype=pl.Int64).to_numpy().reshape(-1, 1)
    columns = np.arange(len(TIERS))
    counted = columns > place if lower else columns < place
    return pl.Series(np.clip((frame.select(ODDS).to_numpy() * counted).sum(axis=1), 0.0, 1.0))
