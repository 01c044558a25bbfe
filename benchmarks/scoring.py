"""How fast a forecast is asked: in one pass, one method at a time, and by plain boosted trees; how fast one is learned.

    python benchmarks/scoring.py --customers 10000 --columns 241

Prints customers per second of one core, and the seconds of one core that 300 rows of 250 columns take to learn from.
The data are invented: the time depends on their size alone.
"""

from __future__ import annotations

import argparse
import os

os.environ["OMP_NUM_THREADS"] = "1"

import time
from collections.abc import Callable
from unittest import mock

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from segment import FutureValueRegressor


def invented(customers: int, columns: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Make features and the value of the next twelve months."""
    rng = np.random.default_rng(seed)
    X = rng.lognormal(1.0, 1.0, (customers, columns)) * rng.choice([-1.0, 1.0], (customers, columns))
    return X, X[:, 0] * rng.uniform(0.5, 1.2, customers) + X[:, 1] + 0.3 * X[:, 2] * (X[:, 3] > 0)


def per_second(ask: Callable[[], object], customers: int, times: int) -> float:
    """Customers per processor second: the best of some tries."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        ask()
        taken.append(time.process_time() - start)
    return customers / min(taken)


def ensembles_asked(ask: Callable[[], object]) -> int:
    """Rows that ensembles of trees are asked of, each ensemble counted by itself."""
    rows, plain = 0, HistGradientBoostingRegressor.predict

    def counted(model: HistGradientBoostingRegressor, X: np.ndarray) -> np.ndarray:
        nonlocal rows
        rows += len(X)
        return np.asarray(plain(model, X))

    with mock.patch.object(HistGradientBoostingRegressor, "predict", counted):
        ask()
    return rows


def main() -> None:
    """Fit both, and time what is asked of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--columns", type=int, default=241)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    X, y = invented(given.customers, given.columns)
    amounts = np.quantile(y, [0.25, 0.5, 0.75, 0.9])
    model = FutureValueRegressor(baseline=0).fit(X, y)
    plain = HistGradientBoostingRegressor(max_iter=model.n_iter_).fit(X, y)

    def in_one_pass() -> None:
        forecast = model.predict_all(X)
        forecast.mean, forecast.quantiles, forecast.below(amounts)  # noqa: B018

    def one_at_a_time() -> None:
        model.predict(X), model.predict_quantiles(X), model.predict_below(X, amounts)

    for name, ask in (
        ("mean, quantiles and chances in one pass", in_one_pass),
        ("mean, quantiles and chances one at a time", one_at_a_time),
        (f"plain HistGradientBoosting, {plain.n_iter_} trees, mean alone", lambda: plain.predict(X)),
    ):
        rate, asked = per_second(ask, given.customers, given.times), ensembles_asked(ask) / given.customers
        print(f"{name:56} {asked:3,.0f} ensembles of trees {rate:10,.0f} customers a second")
    few, value = invented(300, 250)
    seconds = 300 / per_second(lambda: FutureValueRegressor(baseline=0).fit(few, value), 300, given.times)
    print(f"fit on 300 rows of 250 columns: {seconds:.1f} s")


if __name__ == "__main__":
    main()
