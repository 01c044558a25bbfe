"""Forecast what 23,570 customers of a CD shop spend in 39 weeks, from the 39 weeks before (CDNOW master, real).

Everything is learned from purchases up to 1997-09-30; the weeks after it only judge. Snapshots of earlier cut-offs
are stacked: features known at the cut-off, the spending from there to the end of what is known as outcome, and as
baseline the forecast of BG/NBD with gamma-gamma made at the cut-off. An outcome of few weeks is stretched to the
horizon; how (by weeks alone, by how spending declines under BG/NBD, or by the geometric mean of both) was chosen by
`--choose`, which pretends that less of the calibration period is known and judges on the rest of that period: weeks
alone had the smallest bias and decile error on average. The judging weeks chose nothing.

    OMP_WAIT_POLICY=passive .venv/bin/python -m benchmarks.cdnow ../shared/data/clv/CDNOW_master.txt.gz [--choose]

Definitions. Gini: area between the Lorenz curve of actual spending in the order of the forecast and the diagonal, over
that in its own order. Decile MAPE: mean over the ten tenths by forecast of |mean forecast / mean actual - 1|. Bias:
total forecast / total actual - 1. MAE: mean |forecast - actual| in dollars; it rewards forecasting too little, since
seven of ten spend nothing. P10-P90: share of actual amounts between the two, ours alone.
"""

from __future__ import annotations

import datetime as dt
import gzip
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from segment import metrics
from segment.value import FutureValueRegressor
from segment.value.baselines.purchases import PurchaseForecast

CALIBRATION_ENDS = dt.date(1997, 9, 30)
LAST_JOINED = dt.date(1997, 3, 31)
HORIZON_DAYS = 39 * 7
BASELINE = "purchase_forecast"
BETWEEN_CUT_OFFS = 28
LEAST_OUTCOME = 56
MOST_CUT_OFFS = 5
WINDOW_WEEKS = (4, 8, 13, 26)
EARLIER_ENDS = (dt.date(1997, 5, 31), dt.date(1997, 6, 30), dt.date(1997, 7, 31))
STRETCHES = ("weeks", "decline", "both")
STRETCH = "weeks"  # what --choose finds; see docs/adr/0003-future-value.md


def read(path: Path) -> pl.DataFrame:
    """Read `customer_id`, `date`, `cds`, `amount`, one row per purchase."""
    with gzip.open(path, "rt") as lines:
        rows = [line.split() for line in lines if line.split()[0].isdigit()]
    customer, day, cds, dollars = zip(*rows, strict=True)
    columns = {"customer_id": customer, "date": day, "cds": cds, "amount": dollars}
    types = {"cds": pl.Float64, "amount": pl.Float64}
    return pl.DataFrame(columns).with_columns(pl.col("date").str.to_date("%Y%m%d")).cast(types)  # type: ignore[arg-type]


def features(purchases: pl.DataFrame, cut_off: dt.date) -> pl.DataFrame:
    """One row per customer, by id: recency, frequency, money and their trend, from purchases up to the cut-off."""
    known = purchases.filter(pl.col("date") <= cut_off)
    ago = (pl.lit(cut_off) - pl.col("date")).dt.total_days()
    windows = [
        figure.filter(ago < weeks * 7).alias(f"{name}_{weeks}w")
        for weeks in WINDOW_WEEKS
        for name, figure in (("amount", pl.col("amount")), ("days", pl.lit(1.0)))
    ]
    days = known.group_by("customer_id", "date").agg(pl.col("amount", "cds").sum()).sort("customer_id", "date")
    frame = days.group_by("customer_id", maintain_order=True).agg(
        frequency=pl.len().cast(pl.Float64),
        tenure_days=ago.max().cast(pl.Float64),
        recency_days=ago.min().cast(pl.Float64),
        amount=pl.col("amount").sum(),
        cds=pl.col("cds").sum(),
        amount_a_day=pl.col("amount").mean(),
        amount_most=pl.col("amount").max(),
        amount_first=pl.col("amount").first(),
        amount_last=pl.col("amount").last(),
        **{window.meta.output_name(): window.sum() for window in windows},
    )
    gap = (pl.col("tenure_days") - pl.col("recency_days")) / (pl.col("frequency") - 1)
    gap = pl.when(pl.col("frequency") > 1).then(gap)
    return frame.with_columns(gap_days=gap, overdue=pl.col("recency_days") / gap)


@dataclass(frozen=True)
class Snapshot:
    """What is known of each customer at a cut-off, and the purchase forecast made then."""

    known: pl.DataFrame
    forecast: PurchaseForecast


class Shop:
    """Purchases, with snapshots that are built once."""

    def __init__(self, purchases: pl.DataFrame) -> None:
        self.purchases = purchases
        self.at = cache(self._at)

    def _at(self, cut_off: dt.date) -> Snapshot:
        return Snapshot(features(self.purchases, cut_off), PurchaseForecast().fit(self.purchases, cut_off))

    def table(self, cut_off: dt.date, days: int) -> pd.DataFrame:
        """Features at a cut-off with the forecast of so many days as baseline."""
        snapshot = self.at(cut_off)
        ids, told = snapshot.forecast.customers_, snapshot.forecast.predict(days)
        return snapshot.known.join(pl.DataFrame({"customer_id": ids, BASELINE: told}), on="customer_id").to_pandas()

    def spent(self, customers: pd.Series, after: dt.date, days: int) -> np.ndarray:
        """Spending in so many days after a cut-off."""
        within = pl.col("date").is_between(after + dt.timedelta(1), after + dt.timedelta(days))
        sums = self.purchases.filter(within).group_by("customer_id").agg(pl.col("amount").sum())
        return pd.Series(dict(sums.iter_rows())).reindex(customers).fillna(0.0).to_numpy()

    def training(self, end: dt.date, horizon: int, stretch: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
        """Stack snapshots whose outcomes end by `end`, each stretched to the horizon: features, outcome, customer."""
        tables, outcomes = [], []
        for cut_off in cut_offs(end):
            days = (end - cut_off).days
            table = self.table(cut_off, horizon)
            decline = table[BASELINE].sum() / self.at(cut_off).forecast.predict(days).sum()
            factor = {"weeks": horizon / days, "decline": decline, "both": np.sqrt(horizon / days * decline)}[stretch]
            outcomes.append(self.spent(table["customer_id"], cut_off, days) * factor)
            tables.append(table)
        stacked = pd.concat(tables, ignore_index=True)
        return stacked.drop(columns="customer_id"), np.concatenate(outcomes), stacked["customer_id"].to_numpy()


def cut_offs(end: dt.date) -> list[dt.date]:
    """Newest first: every four weeks, with at least eight weeks of outcome, once everyone has joined."""
    newest = end - dt.timedelta(LEAST_OUTCOME)
    every = [newest - dt.timedelta(BETWEEN_CUT_OFFS * number) for number in range(MOST_CUT_OFFS)]
    return [cut_off for cut_off in every if cut_off >= LAST_JOINED] or [LAST_JOINED]


def ours(shop: Shop, end: dt.date, horizon: int, stretch: str, new: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Mean and quantiles of FutureValueRegressor with its defaults."""
    X, y, groups = shop.training(end, horizon, stretch)
    model = FutureValueRegressor(BASELINE).fit(X, y, groups=groups)
    return model.predict(new[X.columns]), model.predict_quantiles(new[X.columns])


def others(shop: Shop, end: dt.date, horizon: int, new: pd.DataFrame) -> Iterator[tuple[str, np.ndarray | str]]:
    """Every other forecast by name; a text where one cannot be had."""
    yield "persistence (last 39 weeks)", new["amount"].to_numpy()
    yield "BG/NBD + gamma-gamma", new[BASELINE].to_numpy()
    yield "Pareto/NBD + gamma-gamma", pareto(shop, end, horizon, new)
    for stretch in ("weeks", "decline"):
        X, y, _ = shop.training(end, horizon, stretch)
        size = X.abs().median().replace(0.0, 1.0)

        def prepared(frame: pd.DataFrame, size: pd.Series = size) -> np.ndarray:
            return np.asarray(np.nan_to_num(np.arcsinh((frame / size).to_numpy())))

        ridge = make_pipeline(FunctionTransformer(prepared), StandardScaler(), RidgeCV(np.logspace(-1, 4, 11)))
        yield f"ridge, by {stretch}", ridge.fit(X, y).predict(new[X.columns])
        trees = HistGradientBoostingRegressor(random_state=0).fit(X, y)
        yield f"plain boosting, by {stretch}", trees.predict(new[X.columns])


def pareto(shop: Shop, end: dt.date, horizon: int, new: pd.DataFrame) -> np.ndarray | str:
    """Pareto/NBD in place of BG/NBD, at its mode under the library's priors; a text where the library is missing."""
    try:
        from pymc_marketing import clv
    except ImportError as error:
        return f"left out: {error}"
    weeks = pd.DataFrame(
        {
            "customer_id": new["customer_id"],
            "frequency": new["frequency"] - 1,
            "recency": (new["tenure_days"] - new["recency_days"]) / 7,
            "T": new["tenure_days"] / 7,
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the library's own dependencies
        model = clv.ParetoNBDModel()
        model.fit(data=weeks, method="map", progressbar=False)
        often = (
            model.expected_purchases(data=weeks, future_t=np.full(len(weeks), horizon / 7))
            .mean(("chain", "draw"))
            .to_numpy()
        )
    days = 7
    forecast = shop.at(end).forecast
    purchases_bg = forecast._often.expected_purchases(data=forecast._summary, future_t=days / 7)
    # the gamma-gamma half of the BG/NBD forecast is the same: what is left after dividing by its purchases
    return np.asarray(often * forecast.predict(days) / purchases_bg.mean(("chain", "draw")).to_numpy())


def line(name: str, actual: np.ndarray, mean: np.ndarray) -> str:
    """Figures of one forecast."""
    deciles = metrics.decile_calibration(actual, mean)
    return (
        f"{name:34}{metrics.normalised_gini(actual, mean):7.3f}{metrics.spearman(actual, mean):9.3f}"
        f"{np.nanmean(np.abs(deciles.ratio - 1.0)):12.3f}{metrics.total_ratio(actual, mean) - 1:+8.1%}"
        f"{metrics.mean_absolute_error(actual, mean):7.2f}"
    )


HEAD = f"{'':34}{'Gini':>7}{'Spearman':>9}{'decile MAPE':>12}{'bias':>8}{'MAE':>7}"


def choose(shop: Shop) -> None:
    """Compare the ways to stretch on earlier windows: what is known ends earlier, the rest up to 1997-09-30 judges."""
    for end in EARLIER_ENDS:
        days = (CALIBRATION_ENDS - end).days
        new = shop.table(end, days)
        actual = shop.spent(new["customer_id"], end, days)
        print(f"\nknown to {end}, judged on the {days} days after it\n{HEAD}")
        print(line("BG/NBD + gamma-gamma", actual, new[BASELINE].to_numpy()))
        for stretch in STRETCHES:
            print(line(f"ours, by {stretch}", actual, ours(shop, end, days, stretch, new)[0]), flush=True)


def judge(shop: Shop) -> None:
    """Print the table of the 39 weeks."""
    new = shop.table(CALIBRATION_ENDS, HORIZON_DAYS)
    actual = shop.spent(new["customer_id"], CALIBRATION_ENDS, HORIZON_DAYS)
    print(f"{len(new):,} customers, {(actual == 0).mean():.0%} spend nothing\n{HEAD}")
    for name, found in others(shop, CALIBRATION_ENDS, HORIZON_DAYS, new):
        print(f"{name:34}{found}" if isinstance(found, str) else line(name, actual, found), flush=True)
    mean, bands = ours(shop, CALIBRATION_ENDS, HORIZON_DAYS, STRETCH, new)
    print(line("FutureValueRegressor", actual, mean))
    print(f"{'':34}P10-P90 {metrics.coverage(actual, bands[:, 0], bands[:, 2]):.3f}")


def main(path: Path, choosing: bool) -> None:
    """Choose on earlier windows, or judge."""
    purchases = read(path)
    if choosing:
        choose(Shop(purchases.filter(pl.col("date") <= CALIBRATION_ENDS)))
    else:
        judge(Shop(purchases))


if __name__ == "__main__":
    paths = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    main(Path(paths[0] if paths else "../shared/data/clv/CDNOW_master.txt.gz"), "--choose" in sys.argv)
