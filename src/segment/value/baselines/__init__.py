"""Simpler forecasts of a customer's value, to stand beside the model in every comparison."""

from segment.value.baselines.holt_winters import HoltWinters
from segment.value.baselines.known import Forecast, Known
from segment.value.baselines.learned import PlainBoosting, Ridge
from segment.value.baselines.rules import BranchMean, LastQuarter, Persistence

__all__ = [
    "BranchMean",
    "Forecast",
    "HoltWinters",
    "Known",
    "LastQuarter",
    "Persistence",
    "PlainBoosting",
    "Ridge",
    "every_forecast",
]


def every_forecast(seed: int = 0) -> tuple[Forecast, ...]:
    """Forecasts that always stand beside the model, persistence first.

    Parameters
    ----------
    seed : int
        Of those that draw by chance.

    Returns
    -------
    tuple of Forecast

    Examples
    --------
    >>> [forecast.name for forecast in every_forecast()][:2]
    ['persistence', 'last_3_months']
    """
    return (Persistence(), LastQuarter(), BranchMean(), HoltWinters(), Ridge(), PlainBoosting(seed))
