"""Plain learners on the same features: what the model must be worth beyond them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from segment.trees import usable_columns
from segment.value.baselines.known import MONTHS_A_YEAR, Floats, Known

PENALTIES = tuple(float(penalty) for penalty in np.logspace(-1, 5, 13))


class _Learned:
    """A regressor of the features, with its defaults."""

    def __init__(self, regressor: Any) -> None:
        self._regressor = regressor

    def fit(self, known: Known, y: Floats) -> Self:
        """Learn from past moments.

        Parameters
        ----------
        known : Known
            Stacked snapshots.
        y : array of shape (n,)
            Contribution of the horizon's months.

        Returns
        -------
        _Learned
            Itself.
        """
        numbers = known.numbers()
        self._said = usable_columns(numbers)
        self._regressor.fit(numbers[:, self._said], y)
        return self

    def predict(self, known: Known) -> Floats:
        """Forecast the next twelve months.

        Parameters
        ----------
        known : Known
            A snapshot.

        Returns
        -------
        array of shape (n,)
        """
        found = self._regressor.predict(known.numbers()[:, self._said]) * (MONTHS_A_YEAR / known.horizon_months)
        return np.asarray(found, dtype=np.float64)


class Ridge(_Learned):
    """Linear regression on standardised features, missing ones at their median, penalty by leave-one-out error."""

    name = "ridge"

    def __init__(self) -> None:
        super().__init__(make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), RidgeCV(alphas=PENALTIES)))


class PlainBoosting(_Learned):
    """Gradient boosting as scikit-learn sets it up, on the amounts as they are.

    Parameters
    ----------
    random_state : int
        The same seed gives the same trees.
    """

    name = "plain_boosting"

    def __init__(self, random_state: int = 0) -> None:
        super().__init__(HistGradientBoostingRegressor(random_state=random_state))
