"""The forecast that the model uses where it is given none: from run rates and balances on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from segment.model.columns import baseline_name
from segment.value import FutureValueRegressor, RunRateRegressor


def default_forecast(
    features: Sequence[str], horizon_months: int, parameters: Mapping[str, Any] | None = None, random_state: int = 0
) -> FutureValueRegressor | RunRateRegressor:
    """Build the forecast for some features, not fitted.

    Parameters
    ----------
    features : sequence of str
        Columns that it will read, in their order; the last `horizon_months` must be among them.
    horizon_months : int
        Months ahead.
    parameters : mapping, optional
        Of `FutureValueRegressor`.
    random_state : int, default 0
        Seed.

    Returns
    -------
    RunRateRegressor or FutureValueRegressor
        The latter where `features` hold no run rate.

    Examples
    --------
    >>> default_forecast(["contribution_12m", "run_rate_interest_1m", "closing_current"], 12).rates
    [1]
    """
    baseline = features.index(baseline_name(horizon_months))
    forecast = FutureValueRegressor(baseline=baseline, random_state=random_state, **(parameters or {}))
    rates = [place for place, name in enumerate(features) if name.startswith("run_rate_")]
    if not rates:
        return forecast
    levels = [place for place, name in enumerate(features) if name.startswith("closing_")]
    return RunRateRegressor(forecast, baseline=baseline, rates=rates, levels=levels)
