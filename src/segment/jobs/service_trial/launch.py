"""What a trial is large enough to show, said before anyone is served otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from segment.policy import Policy
from segment.policy.trial import WAYS
from segment.service.trial import AS_IS
from segment.upgrade import detectable_difference, detectable_mean_difference

YEAR = 12


def launch_table(enrolled: pl.DataFrame, tiers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Count the arms of each tier that is tried, and what difference they show four times in five.

    Parameters
    ----------
    enrolled : polars.DataFrame
        `segment.service.trial.ENROLLED` of the trial so far.
    tiers : polars.DataFrame
        The moment's; the contribution of the last twelve months is taken from them.
    policy : Policy
        Its trial, and the quantile at which contributions are cut.

    Returns
    -------
    polars.DataFrame
        `way`, `tier`, `served_as`, `served` and `as_is` (households), `cost_12m` (of one customer), `months`,
        `detectable_lost` (a share), `detectable_contribution` (a customer, over the trial's months).
    """
    trial = policy.trial
    if trial is None:
        return pl.DataFrame()
    people = enrolled.filter("drawn").join(tiers.select("customer_id", "contribution_12m"), on="customer_id")
    rows: list[dict[str, Any]] = []
    for way in WAYS:
        for tier, step in trial.steps[way].items():
            part = people.filter((pl.col("way") == way) & (pl.col("tier") == tier))
            served, as_is = (
                part.filter((pl.col("arm") == AS_IS) == kept)["household"].n_unique() for kept in (False, True)
            )
            spread = _spread(part["contribution_12m"].drop_nulls().to_numpy(), policy.outcomes.winsorise)
            spread *= trial.months / YEAR
            rows.append(
                {
                    "way": way,
                    "tier": tier,
                    "served_as": step,
                    "served": served,
                    "as_is": as_is,
                    "cost_12m": part["cost_12m"].mean(),
                    "months": trial.months,
                    "detectable_lost": _told(detectable_difference(trial.expected_lost_share, served, as_is)),
                    "detectable_contribution": _told(detectable_mean_difference(spread, served, as_is)),
                }
            )
    return pl.DataFrame(rows, infer_schema_length=None)


def sentence(row: dict[str, Any]) -> str:
    """Say what one tier's arms can show.

    Parameters
    ----------
    row : dict
        Of `launch_table`.

    Returns
    -------
    str
    """
    arms = (
        f"{row['tier']} served as {row['served_as']}: {row['served']:,} households, beside {row['as_is']:,} served as "
        "they are."
    )
    if row["detectable_lost"] is None:
        return f"{arms} An effect cannot be measured without both."
    return (
        f"{arms} In {row['months']} months a difference below {100 * row['detectable_lost']:.1f} points of customers "
        f"lost, or {row['detectable_contribution']:,.0f} of contribution a customer, cannot be shown."
    )


def _spread(values: np.ndarray, cut: float) -> float:
    """Standard deviation once the contributions are cut as they will be when the trial is measured."""
    if len(values) < 2:
        return 0.0
    return float(np.clip(values, *np.quantile(values, [1.0 - cut, cut])).std(ddof=1))


def _told(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
