"""What a trial is large enough to show, said before anyone is served otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from segment.effects.intention import finite
from segment.messages import Message
from segment.policy.trial import WAYS, Trial
from segment.service.service_trial import AS_IS
from segment.statistics import winsorised
from segment.upgrade.power import detectable_difference, detectable_mean_difference

YEAR = 12


@dataclass(frozen=True)
class TierLaunch:
    """The arms of one tier that is tried, and what difference they show four times in five."""

    way: str
    tier: str
    served_as: str
    served: int  # served, as_is: Households.
    as_is: int
    cost_12m: float | None  # Of one customer
    months: int
    detectable_lost: float | None  # A share
    detectable_contribution: float | None  # Of a customer, over the trial's months

    @property
    def message(self) -> Message:
        """What the arms can show."""
        arms = Message("service_trial.arms", vars(self))
        code = "results.no_effect" if self.detectable_lost is None else "service_trial.launch"
        return Message(code, {**vars(self), "arms": arms})


def launch_of(enrolled: pl.DataFrame, tiers: pl.DataFrame, trial: Trial, cut: float) -> tuple[TierLaunch, ...]:
    """Count the arms of each tier that is tried; `cut`: Quantile at which contributions are cut."""
    people = enrolled.filter("drawn").join(tiers.select("customer_id", "contribution_12m"), on="customer_id")
    launches = []
    for way, (tier, step) in ((side, steps) for side in WAYS for steps in trial.steps[side].items()):
        part = people.filter((pl.col("way") == way) & (pl.col("tier") == tier))
        served, as_is = (
            part.filter((pl.col("arm") == AS_IS) == unchanged)["household"].n_unique() for unchanged in (False, True)
        )
        spread = _spread(part["contribution_12m"].drop_nulls().to_numpy(), cut) * (trial.months / YEAR)
        lost = finite(detectable_difference(trial.expected_lost_share, served, as_is))
        contribution = finite(detectable_mean_difference(spread, served, as_is))
        cost: float | None = part["cost_12m"].mean()  # type: ignore[assignment]
        launches.append(TierLaunch(way, tier, step, served, as_is, cost, trial.months, lost, contribution))
    return tuple(launches)


def _spread(values: np.ndarray, cut: float) -> float:
    """Standard deviation once the contributions are cut as they will be when the trial is measured."""
    if len(values) < 2:
        return 0.0
    return float(winsorised(values, cut).std(ddof=1))
