"""Forecast what customers of a shop spend, from a log of dated purchases, and judge it by what came (CDNOW, real).

    OMP_WAIT_POLICY=passive .venv/bin/python -m benchmarks.cdnow ../shared/data/clv/CDNOW_master.txt.gz
        known to 1997-09-30, judged by the 39 weeks after it
    ... --choose
        only what is known to 1997-09-30, cut in two at three earlier days: what choices were made by
    ... --small 600
        as --choose, for ten parts of so many customers each
    ... LOG.csv --until 2025-06-30 --days 180
        any other log, CSV or Parquet, with the columns `customer_id`, `date` and `amount`

Definitions. Gini: area between the Lorenz curve of actual spending in the order of the forecast and the diagonal, over
that in its own order. Decile MAPE: mean over the ten tenths by forecast of |mean forecast / mean actual - 1|. Bias:
total forecast / total actual - 1. MAE: mean |forecast - actual|; it rewards forecasting too little, since most spend
nothing. ±: standard error were the customers drawn anew (50 resamples). The bound is a learner that is told what four
fifths of the customers spent in the days that judge, and asked for the other fifth: no forecast can know so much.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold, cross_val_predict

from segment import PurchaseForecast, metrics
from segment.arrays import Floats
from segment.statistics import Resamples, standard_error
from segment.value.purchases.purchase_forecast import cut_offs
from segment.value.purchases.purchase_log import PurchaseLog, purchase_log
from segment.value.purchases.purchase_snapshot import Snapshot, take_snapshot

CALIBRATION_ENDS = dt.date(1997, 9, 30)
HORIZON_DAYS = 39 * 7
EARLIER_ENDS = (dt.date(1997, 5, 31), dt.date(1997, 6, 30), dt.date(1997, 7, 31))
RESAMPLES, PARTS = 50, 10
HEAD = f"{'':34}{'Gini':>15}{'decile MAPE':>13}{'bias':>16}{'MAE':>9}"


def read(path: Path) -> pl.DataFrame:
    """Read `customer_id`, `date`, `amount`, one row per purchase."""
    if path.name.endswith(".parquet"):
        return pl.read_parquet(path, glob=False)
    if not path.name.endswith(".txt.gz"):
        return pl.read_csv(path, glob=False, try_parse_dates=True)
    with gzip.open(path, "rt") as lines:
        rows = [line.split() for line in lines if line.split()[0].isdigit()]
    customer, day, _, dollars = zip(*rows, strict=True)
    frame = pl.DataFrame({"customer_id": customer, "date": day, "amount": dollars})
    return frame.with_columns(pl.col("date").str.to_date("%Y%m%d"), pl.col("amount").cast(pl.Float64))


def spent(purchases: pl.DataFrame, customers: pl.Series, after: dt.date, days: int) -> Floats:
    """Spending in so many days after a day, in the order of the customers."""
    within = purchases.filter(
        pl.col("date").cast(pl.Date).is_between(after + dt.timedelta(1), after + dt.timedelta(days))
    )
    sums = within.group_by("customer_id", maintain_order=True).agg(pl.col("amount").sum())
    known = pl.DataFrame({"customer_id": customers})
    return known.join(sums, on="customer_id", how="left", maintain_order="left")["amount"].fill_null(0.0).to_numpy()


def others(log: PurchaseLog, now: Snapshot, days: int) -> Iterator[tuple[str, Floats]]:
    """Every other forecast by name."""
    length = min(days, (log.until - log.start).days)
    before = log.until - dt.timedelta(length)
    yield f"persistence (last {length // 7} weeks)", log.spent(now.customers, before, length) * (days / length)
    bg_nbd, pareto_nbd = now.classic(days)
    yield "BG/NBD + gamma-gamma", bg_nbd
    yield "Pareto/NBD + gamma-gamma", pareto_nbd
    yield "geometric mean of both", np.sqrt(bg_nbd * pareto_nbd)
    tables, outcomes = [], []
    for day in cut_offs(log, days):
        snapshot, ahead = take_snapshot(log, day), min(days, (log.until - day).days)
        tables.append(snapshot.features)
        outcomes.append(log.spent(snapshot.customers, day, ahead) * (days / ahead))
    if tables:
        trees = HistGradientBoostingRegressor(random_state=0).fit(np.vstack(tables), np.concatenate(outcomes))
        yield "plain boosting, by weeks", trees.predict(now.features)


def bound(now: Snapshot, actual: Floats) -> Floats:
    """What a learner says that was told the truth of four fifths of the customers."""
    trees = HistGradientBoostingRegressor(
        loss="poisson", learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=100, random_state=0
    )
    folds = KFold(5, shuffle=True, random_state=0)
    return np.asarray(cross_val_predict(trees, now.features, np.maximum(actual, 0.0), cv=folds))


def line(name: str, actual: Floats, mean: Floats) -> str:
    """Figures of one forecast."""
    figures = Resamples(len(actual), RESAMPLES).figures(
        lambda counts: {
            "gini": metrics.normalised_gini(actual, mean, counts=counts),
            "total": metrics.total_ratio(actual, mean, counts=counts),
        }
    )
    gini, total = ((float(figures[name][0]), standard_error(figures[name])) for name in ("gini", "total"))
    deciles = metrics.decile_calibration(actual, mean)
    return (
        f"{name:34}{gini[0]:9.3f} ±{gini[1]:.3f}{np.nanmean(np.abs(deciles.ratio - 1.0)):13.3f}"
        f"{total[0] - 1:+10.1%} ±{total[1]:.1%}{metrics.mean_absolute_error(actual, mean):9.2f}"
    )


def judge(purchases: pl.DataFrame, until: dt.date, days: int, *, everything: bool) -> None:
    """Print the table of one day looked back from."""
    begun = time.process_time()
    forecast = PurchaseForecast(days).fit(purchases, until)
    told, took = forecast.predict(), time.process_time() - begun
    log, begun = purchase_log(purchases, until), time.process_time()
    now = take_snapshot(log, until)
    classic = time.process_time() - begun
    actual = spent(purchases, told["customer_id"], until, days)
    print(
        f"\nknown to {until}, judged by {days} days: {len(told):,} customers, {(actual <= 0).mean():.0%} spend nothing"
    )
    print(HEAD)
    for name, found in others(log, now, days):
        if everything or "NBD" in name:
            print(line(name, actual, found), flush=True)
    print(line("PurchaseForecast", actual, told["expected_spend"].to_numpy()))
    if everything:
        print(line("bound: told four fifths", actual, bound(now, actual)))
    low, high = (end / actual.sum() - 1 for end in (forecast.total_.low, forecast.total_.high))
    print(f"80% interval of the total {low:+.1%} to {high:+.1%}")
    print(f"fitted in {took:.1f} s of processor, of which {classic:.1f} s the classic models and features of one day")
    print("shape " + ", ".join(f"{name} {weight:.2f}" for name, weight in forecast.shape_weights_.items()))
    print("level " + ", ".join(f"{name} {weight:.2f}" for name, weight in forecast.level_weights_.items()), flush=True)


def small(purchases: pl.DataFrame, customers: int) -> None:
    """Judge small parts of the log on the earlier days."""
    ids = purchases["customer_id"].unique().sort().sample(fraction=1.0, shuffle=True, seed=0)
    rows = []
    for part in range(min(PARTS, len(ids) // customers)):
        chosen = ids.slice(part * customers, customers).to_list()
        some = purchases.filter(pl.col("customer_id").is_in(chosen))
        for until in EARLIER_ENDS:
            days = (CALIBRATION_ENDS - until).days
            forecast = PurchaseForecast(days).fit(some, until)
            told = forecast.predict()
            actual = spent(some, told["customer_id"], until, days)
            bg_nbd, _ = take_snapshot(purchase_log(some, until), until).classic(days)
            total = forecast.total_
            rows.append(
                [
                    *(metrics.normalised_gini(actual, each) for each in (bg_nbd, told["expected_spend"].to_numpy())),
                    *(each / actual.sum() - 1 for each in (bg_nbd.sum(), total.expected)),
                    float(total.low <= actual.sum() <= total.high),
                ]
            )
    table = np.array(rows)
    print(f"{len(table)} forecasts of parts of {customers} customers\n{'':24}{'Gini':>7}{'bias, least to most':>28}")
    for at, name in enumerate(("BG/NBD + gamma-gamma", "PurchaseForecast")):
        bias = table[:, 2 + at]
        print(f"{name:24}{table[:, at].mean():7.3f}{bias.mean():+10.1%} ({bias.min():+.0%} to {bias.max():+.0%})")
    print(f"the 80% interval held {table[:, 4].mean():.0%} of the totals")


def main() -> None:
    """Choose on earlier days, judge small parts, or judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", nargs="?", type=Path, default=Path("../shared/data/clv/CDNOW_master.txt.gz"))
    parser.add_argument("--until", type=dt.date.fromisoformat, default=CALIBRATION_ENDS)
    parser.add_argument("--days", type=int, default=HORIZON_DAYS)
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("--small", type=int)
    asked = parser.parse_args()
    purchases = read(asked.log)
    known = purchases.filter(pl.col("date").cast(pl.Date) <= CALIBRATION_ENDS)
    if asked.small:
        small(known, asked.small)
    elif asked.choose:
        for until in EARLIER_ENDS:
            judge(known, until, (CALIBRATION_ENDS - until).days, everything=False)
    else:
        judge(purchases, asked.until, asked.days, everything=True)


if __name__ == "__main__":
    main()
