"""Future value: the next twelve months' contribution, and how good a forecast of it is."""

from __future__ import annotations

from segment.value.regressor import FutureValueRegressor
from segment.value.run_rate import RunRateRegressor

__all__ = ["FutureValueRegressor", "RunRateRegressor"]
