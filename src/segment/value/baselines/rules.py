"""Forecasts that need no learning: what was is what will be."""

from __future__ import annotations

from typing import Self

import numpy as np
import polars as pl

from segment.value.baselines.known import MONTHS_A_YEAR, Floats, Known


class _Rule:
    """A forecast that learns nothing."""

    def fit(self, known: Known, y: Floats) -> Self:
        """Learn nothing.

        Parameters
        ----------
        known : Known
            Not read.
        y : array of shape (n,)
            Not read.

        Returns
        -------
        _Rule
            Itself.
        """
        return self


class Persistence(_Rule):
    """The last months again: twelve, or as many as the horizon has, taken to a year."""

    name = "persistence"

    def predict(self, known: Known) -> Floats:
        """Forecast the next twelve months.

        Parameters
        ----------
        known : Known
            With `contribution_12m`, or the window nearest below the horizon.

        Returns
        -------
        array of shape (n,)
        """
        window = max(one for one in (1, 3, 6, 12) if one <= known.horizon_months)
        return np.asarray(known.column(f"contribution_{window}m") * (MONTHS_A_YEAR / window))


class LastQuarter(_Rule):
    """The last three months, four times."""

    name = "last_3_months"

    def predict(self, known: Known) -> Floats:
        """Forecast the next twelve months.

        Parameters
        ----------
        known : Known
            With `contribution_3m`.

        Returns
        -------
        array of shape (n,)
        """
        return np.asarray(known.column("contribution_3m") * 4.0)


class BranchMean(_Rule):
    """The mean of the last twelve months' contribution over the customer's branch."""

    name = "branch_mean"

    def predict(self, known: Known) -> Floats:
        """Forecast the next twelve months.

        Parameters
        ----------
        known : Known
            One moment, with `branch_id` and `contribution_12m`.

        Returns
        -------
        array of shape (n,)
        """
        mean = pl.col("contribution_12m").fill_null(0.0).mean().over("branch_id")
        return known.snapshot.select(mean.cast(pl.Float64)).to_series().to_numpy()
