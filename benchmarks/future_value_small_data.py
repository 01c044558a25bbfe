"""Compare the forecast of future value with simpler ones where rows are few.

Two panels, each judged by five-fold cross-validation with customers kept together:

- Berka (real): 740 half years of 500 accounts of the PKDD'99 bank, forecasting a plain contribution of the next half
  year (`berka_panel.py` says how it is made). Skipped where the folder is missing.
- Synthetic: 640 customers at three moments, heavy-tailed, with maturities and customers who leave.

Compared: persistence (the last period again), ridge on asinh-scaled columns, scikit-learn's
HistGradientBoostingRegressor with its defaults, and FutureValueRegressor with its defaults. Run from the repository's
root:

    OMP_WAIT_POLICY=passive .venv/bin/python -m benchmarks.future_value_small_data ../shared/data/berka
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from benchmarks import berka_panel
from segment import metrics
from segment.value import FutureValueRegressor
from tests.value import panel

Forecast = Callable[[pd.DataFrame, np.ndarray, np.ndarray, pd.DataFrame], np.ndarray]


def main(folder: Path) -> None:
    """Print one table per panel."""
    if folder.is_dir():
        X, y, groups = berka_panel.berka_panel(folder)
        compare(f"Berka, {len(y)} rows", X, y, groups, berka_panel.BASELINE)
    else:
        print(f"Berka left out: no folder {folder.name}")
    for seed in (1, 2, 3):
        made = panel.make_panel(640, seed)
        compare(f"synthetic, seed {seed}, {len(made.y)} rows", made.X, made.y, made.groups, panel.BASELINE)


def compare(title: str, X: pd.DataFrame, y: np.ndarray, groups: np.ndarray, baseline: str) -> None:
    """Forecast every row by models that have not seen its customer, and print the figures."""
    X = X.dropna(axis="columns", how="all")  # the plain trees cannot bear empty columns
    naive = X[baseline].to_numpy()
    print(f"\n{title}\n{'':22}{'Spearman':>9}{'MAE':>9}{'skill':>7}{'total':>7}{'top 10%':>8}{'P10-P90':>8}")
    for name, forecast in forecasts(baseline).items():
        found = np.empty((len(y), 3))
        for train, new in GroupKFold(5, shuffle=True, random_state=0).split(X, groups=groups):
            found[new] = forecast(X.iloc[train], y[train], groups[train], X.iloc[new])
        mean, low, high = found.T
        covered = f"{metrics.coverage(y, low, high):8.3f}" if (low < high).any() else f"{'-':>8}"
        print(
            f"{name:22}{metrics.spearman(y, mean):9.3f}{metrics.mean_absolute_error(y, mean):9.2f}"
            f"{metrics.skill(y, mean, naive):7.3f}{metrics.total_ratio(y, mean):7.3f}"
            f"{metrics.top_decile_capture(y, mean):8.3f}{covered}"
        )


def forecasts(baseline: str) -> dict[str, Forecast]:
    """Name each way to forecast; those without an interval repeat the mean as both ends."""

    def persistence(X: pd.DataFrame, y: np.ndarray, groups: np.ndarray, new: pd.DataFrame) -> np.ndarray:
        return thrice(new[baseline].to_numpy())

    def ridge(X: pd.DataFrame, y: np.ndarray, groups: np.ndarray, new: pd.DataFrame) -> np.ndarray:
        size = X.abs().median().replace(0.0, 1.0)
        model = make_pipeline(
            FunctionTransformer(lambda frame: np.arcsinh(frame / size)),
            SimpleImputer(),
            StandardScaler(),
            RidgeCV(np.logspace(-1, 4, 11)),
        )
        return thrice(model.fit(X, y).predict(new))

    def trees(X: pd.DataFrame, y: np.ndarray, groups: np.ndarray, new: pd.DataFrame) -> np.ndarray:
        return thrice(HistGradientBoostingRegressor(random_state=0).fit(X, y).predict(new))

    def ours(X: pd.DataFrame, y: np.ndarray, groups: np.ndarray, new: pd.DataFrame) -> np.ndarray:
        model = FutureValueRegressor(baseline).fit(X, y, groups=groups)
        return np.column_stack([model.predict(new), model.predict_quantiles(new)[:, [0, 2]]])

    return {"persistence": persistence, "ridge": ridge, "plain boosted trees": trees, "FutureValueRegressor": ours}


def thrice(mean: np.ndarray) -> np.ndarray:
    """Mean as mean, P10 and P90."""
    return np.column_stack([mean, mean, mean])


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/berka"))
