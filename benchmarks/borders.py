"""Say what one customer more moves at a border in the number of customers, and beside it.

For each border: the figures of a bank of one customer less than the border, and of a bank at the border, compared; and
the same one customer earlier, where no rule changes. Where both are alike, the border is no cliff. Run from the root:

    OMP_WAIT_POLICY=passive .venv/bin/python -m benchmarks.borders
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from sklearn.metrics import adjusted_rand_score

from segment.clustering import TierClustering
from segment.features.peers import with_clipped_contribution
from segment.policy import load_policy
from segment.tiers.branch_reference import learn_references
from segment.value import FutureValueRegressor
from tests.value import panel

TIERS = load_policy("models/retail.toml").tiers


def main() -> None:
    """Print a line per border."""
    print(f"{'border':46}{'beside':>9}{'at':>9}")
    for rows in (250, 500, 3_000, 6_000):
        report(f"forecast, {rows:,} rows: change of a forecast", rows, forecast)
    for customers in (160, 240, 320):
        report(f"clusters, {customers} customers: 1 - adjusted Rand", customers, clusters)
    report("peers' quantiles, 200 customers: group's mean", 200, clipped_mean)
    report("outlet average, 30 customers: its reference", 30, reference)


def report(name: str, border: int, change: Callable[[int], float]) -> None:
    """Compare the step onto the border with the one before it."""
    print(f"{name:46}{change(border - 1):>9.2%}{change(border):>9.2%}", flush=True)


def forecast(rows: int) -> float:
    """Mean change of the forecasts of 600 new customers by the last row, over their mean size."""
    made, new = panel.make_panel(rows // 3 + 1, 7), panel.make_panel(200, 8)
    order = np.random.default_rng(0).permutation(len(made.y))[:rows]

    def fitted(rows: np.ndarray) -> np.ndarray:
        model = FutureValueRegressor(baseline=panel.BASELINE)
        return model.fit(made.X.iloc[rows], made.y[rows], groups=made.groups[rows]).predict(new.X)

    before, now = fitted(order[:-1]), fitted(order)
    return float(np.abs(now - before).mean() / np.abs(before).mean())


def clusters(customers: int) -> float:
    """Share of pairs that the last customer puts together or apart, beyond chance."""
    X = panel.make_panel(customers, 7, noise_columns=0).X.iloc[:customers].fillna(0.0)
    X = np.arcsinh(X[["contribution_12m", "visits_12m", "deposits", "loan"]].to_numpy())
    before, now = (TierClustering(random_state=0).fit(part).predict(X) for part in (X[:-1], X))
    return 1.0 - float(adjusted_rand_score(before, now))


def clipped_mean(customers: int) -> float:
    """Mean over draws of the change of a peer group's mean contribution, among 4,000 customers of the bank."""
    return float(np.mean([abs(_mean_of_group(customers, draw) / _mean_of_group(customers - 1, draw) - 1.0)
                          for draw in range(20)]))  # fmt: skip


def _mean_of_group(customers: int, draw: int) -> float:
    y = np.random.default_rng(draw).permutation(panel.make_panel(4_000, 7).y)[:4_000]
    rows = pl.DataFrame({"peer_group": ["own"] * customers + ["other"] * (4_000 - customers), "fee_income": y})
    own = with_clipped_contribution(rows.with_columns(_no_other_line()), TIERS).filter(pl.col("peer_group") == "own")
    return float(own["contribution_clipped"].mean())  # type: ignore[arg-type]


def _no_other_line() -> list[pl.Expr]:
    from segment.contribution import line_names

    lines = (*line_names("income"), *line_names("cost"))
    return [pl.lit(0.0).alias(name) for name in lines if name != "fee_income"]


def reference(customers: int) -> float:
    """Mean over draws of the change of a branch's reference, beside twelve branches of 300."""
    return float(np.mean([abs(_reference(customers, draw) / _reference(customers - 1, draw) - 1.0)
                          for draw in range(20)]))  # fmt: skip


def _reference(customers: int, draw: int) -> float:
    y = np.random.default_rng(draw).permutation(panel.make_panel(4_000, 7).y)
    sizes = [customers, *[300] * 12]
    names = np.repeat([f"B{number:02d}" for number in range(13)], sizes)
    frame = pl.DataFrame({
        "branch_id": names, "peer_group": "all", "standing": "active", "blended_contribution_12m": y[: len(names)],
        "cost_annual": 40.0,
    })  # fmt: skip
    return learn_references(frame, TIERS).branches["B00"]


if __name__ == "__main__":
    main()
