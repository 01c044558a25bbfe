"""What a user would pick instead, on the same rows in the same run: each in a process of its own, of limited memory.

    python benchmarks/rivals.py roll-up --customers 10000 --copies 10 --months 36
    python benchmarks/rivals.py purchases --customers 200000 --lifetimes ENV/bin/python --pymc ENV/bin/python

`roll-up`: sums by customer and month of one ledger (45 conditional ones, balances by product, visits by channel) by
Polars, by DuckDB's SQL and by pandas, beside `segment extract` of that ledger, which does the accounting as well.
`purchases`: what customers will spend within a year, from a log of their purchases: `PurchaseForecast` beside BG/NBD
with gamma-gamma of `lifetimes` and of `pymc-marketing` (most likely parameters, no sampling), each run by a Python of
an environment that has it. Who dies of memory or time is run again with half the customers.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

MOST_MEMORY, MOST_SECONDS = 12 * 2**30, 20 * 60
KNOWN_DAYS, AHEAD_DAYS = 730, 365
FIRST = dt.datetime(2023, 1, 1)
LEAST_CUSTOMERS = 1_000

DUCKDB = """
import sys, duckdb
ledger, out = sys.argv[1:3]
sys.path[:0] = sys.argv[4:]
from segment.ledger.vocabulary import CHANNELS, KINDS, SERVICE_CHANNELS
from segment.policy import load_policy
products = sorted(load_policy("retail").products)
con = duckdb.connect()
con.execute("SET memory_limit = '9GB'; SET temp_directory = '" + out + "'; SET preserve_insertion_order = false")
con.execute("SET threads = 2")
table = lambda name: f"read_parquet('{ledger}/{name}.parquet')"
v, away = "t.amount * h.share", "t.counterparty_bank IS NOT NULL"
sums = [f"sum({v}) FILTER (t.kind = '{kind}') AS flow_{kind}" for kind in KINDS]
sums += [f"sum(h.share) FILTER (t.channel = '{channel}') AS count_{channel}" for channel in CHANNELS]
for sign, side in (("in", "t.amount > 0"), ("out", "t.amount < 0")):
    sums += [f"sum({v}) FILTER ({side}) AS all_{sign}", f"sum({v}) FILTER ({side} AND {away}) AS elsewhere_{sign}"]
    sums += [f"max({v}) FILTER ({side}) AS largest_{sign}", f"count(*) FILTER ({side}) AS bookings_{sign}"]
    sums += [f"count(DISTINCT t.booked_on) FILTER ({side}) AS days_{sign}"]
held = [
    f"sum(b.{figure} * h.share) FILTER (a.product = '{product}') AS {figure}_{product}"
    for figure in ("average_balance", "closing_balance") for product in products
]
visits = [f"count(*) FILTER (channel = '{channel}') AS visits_{channel}" for channel in SERVICE_CHANNELS]
month = lambda name: f"date_trunc('month', {name}) AS month"
con.execute(f'''
COPY (
  WITH owned AS (SELECT account_id, customer_id, share FROM {table("holdings")} WHERE share > 0),
  flows AS (SELECT h.customer_id, {month("t.booked_on")}, {", ".join(sums)}
            FROM {table("transactions")} t JOIN owned h USING (account_id) GROUP BY ALL),
  balances AS (SELECT h.customer_id, {month("b.month")}, {", ".join(held)} FROM {table("balances")} b
               JOIN owned h USING (account_id) JOIN {table("accounts")} a USING (account_id) GROUP BY ALL),
  events AS (SELECT customer_id, {month("occurred_on")}, {", ".join(visits)}
             FROM {table("service_events")} GROUP BY ALL)
  SELECT * FROM flows FULL JOIN balances USING (customer_id, month) LEFT JOIN events USING (customer_id, month)
) TO '{out}/duckdb.parquet' (FORMAT parquet)''')
"""

PANDAS = """
import sys
import pandas as pd
ledger, out = sys.argv[1:3]
read = lambda name, columns=None: pd.read_parquet(f"{ledger}/{name}.parquet", columns=columns, dtype_backend="pyarrow")
owned = read("holdings", ["account_id", "customer_id", "share"]).query("share > 0")
columns = ["account_id", "amount", "kind", "channel", "booked_on", "counterparty_bank"]
rows = read("transactions", columns).merge(owned, on="account_id")
rows["value"] = rows["amount"] * rows["share"]
rows["month"] = rows["booked_on"].astype("datetime64[ns]").dt.to_period("M")
by = ["customer_id", "month"]
parts = [
    rows.pivot_table(index=by, columns="kind", values="value", aggfunc="sum", observed=True).add_prefix("flow_"),
    rows.pivot_table(index=by, columns="channel", values="share", aggfunc="sum", observed=True).add_prefix("count_"),
]
for sign, side in (("in", rows["amount"] > 0), ("out", rows["amount"] < 0)):
    some = rows[side].groupby(by)
    parts.append(some.agg(**{
        f"all_{sign}": ("value", "sum"), f"largest_{sign}": ("value", "max"),
        f"bookings_{sign}": ("value", "size"), f"days_{sign}": ("booked_on", "nunique"),
    }))
    parts.append(rows[side & rows["counterparty_bank"].notna()].groupby(by)["value"].sum().rename(f"elsewhere_{sign}"))
del rows
products = owned.merge(read("accounts", ["account_id", "product"]), on="account_id")
held = read("balances").merge(products, on="account_id")
held["month"] = held["month"].astype("datetime64[ns]").dt.to_period("M")
for figure in ("average_balance", "closing_balance"):
    held[figure] = held[figure] * held["share"]
    table = held.pivot_table(index=by, columns="product", values=figure, aggfunc="sum", observed=True)
    parts.append(table.add_prefix(f"{figure}_"))
del held
events = read("service_events", ["customer_id", "occurred_on", "channel"])
events["month"] = events["occurred_on"].astype("datetime64[ns]").dt.to_period("M")
visits = events.groupby([*by, "channel"], observed=True).size().unstack().add_prefix("visits_")
whole = pd.concat(parts, axis=1).join(visits).reset_index()
whole["month"] = whole["month"].astype(str)
whole.columns = [str(name) for name in whole.columns]
whole.to_parquet(f"{out}/pandas.parquet")
"""

_SUMMARY = """
import sys, json
import pandas as pd
log = pd.read_csv(sys.argv[1], parse_dates=["date"])
until, days = log["date"].max(), int(sys.argv[2])
daily = log.groupby(["customer_id", "date"], as_index=False)["amount"].sum()
by = daily.groupby("customer_id")
first, last, count = by["date"].min(), by["date"].max(), by.size() - 1
later = daily[daily["date"] > daily["customer_id"].map(first)]
summary = pd.DataFrame({
    "frequency": count.astype(float), "recency": (last - first).dt.days / 7, "T": (until - first).dt.days / 7,
    "monetary_value": later.groupby("customer_id")["amount"].mean(),
}).fillna({"monetary_value": 0.0})
repeat = summary[summary["frequency"] > 0]
weeks = days / 7
"""

LIFETIMES = (
    _SUMMARY
    + """
from lifetimes import BetaGeoFitter, GammaGammaFitter
counts, value = BetaGeoFitter(), GammaGammaFitter()
counts.fit(summary["frequency"], summary["recency"], summary["T"])
value.fit(repeat["frequency"], repeat["monetary_value"])
expected = counts.conditional_expected_number_of_purchases_up_to_time(
    weeks, summary["frequency"], summary["recency"], summary["T"]
) * value.conditional_expected_average_profit(summary["frequency"], summary["monetary_value"])
expected.rename("expected").reset_index().to_csv(sys.argv[3], index=False)
"""
)

PYMC = (
    _SUMMARY
    + """
from pymc_marketing.clv import BetaGeoModel, GammaGammaModel
data = summary.reset_index()
counts = BetaGeoModel(data=data[["customer_id", "frequency", "recency", "T"]])
counts.fit(method="map")
value = GammaGammaModel(data=data[data["frequency"] > 0][["customer_id", "frequency", "monetary_value"]])
value.fit(method="map")
number = counts.expected_purchases(data=data, future_t=weeks).mean(("chain", "draw"))
spend = value.expected_customer_spend(data=data[["customer_id", "frequency", "monetary_value"]]).mean(("chain", "draw"))
pd.DataFrame({"customer_id": data["customer_id"], "expected": number.values * spend.values}).to_csv(
    sys.argv[3], index=False
)
"""
)

OWN = """
import sys
sys.path[:0] = sys.argv[4:]
import polars as pl
from segment import PurchaseForecast
forecast = PurchaseForecast(int(sys.argv[2])).fit(pl.read_csv(sys.argv[1], try_parse_dates=True))
told = forecast.predict()
told = told if isinstance(told, pl.DataFrame) else pl.from_pandas(told)
told.select("customer_id", expected="expected_spend").write_csv(sys.argv[3])
"""

POLARS = """
import runpy, sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
scale = runpy.run_path(sys.argv[4] + "/../benchmarks/scale.py")
scale["roll_up"](Path(sys.argv[1]), int(sys.argv[3]), Path(sys.argv[2]))
"""

EXTRACT = """
import runpy, sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
scale = runpy.run_path(sys.argv[4] + "/../benchmarks/scale.py")
scale["extract_in_steps"](sys.argv[1], Path(sys.argv[2]) / "workspace")
"""


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))


def timed(python: str, code: str, *arguments: str) -> dict[str, float] | str:
    """Run a program and say what it took, or how it died."""
    source = str(Path(__file__).resolve().parents[1] / "src")
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [python, "-c", code, *arguments, source], stdout=said, stderr=said, preexec_fn=_limit,
            env={**os.environ, "SEGMENT_JOBS": "1"},
        )  # fmt: skip
        while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
            time.sleep(0.05)
            if time.perf_counter() - begun > MOST_SECONDS:
                process.kill()
        _, status, used = ended
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            last = (said.read().strip().splitlines() or [""])[-1]
            late = time.perf_counter() - begun > MOST_SECONDS
            return "more than 20 minutes" if late else f"ended with {process.returncode}: {last[:90]}"
    return {
        "processor": used.ru_utime + used.ru_stime,
        "wall": time.perf_counter() - begun,
        "peak": used.ru_maxrss / 1024,
    }


def show(name: str, found: dict[str, float] | str, yardstick: float | None = None, more: str = "") -> None:
    """Print a line of the table."""
    if isinstance(found, str):
        print(f"{name:<34}{found}", flush=True)
        return
    ratio = f"{found['processor'] / yardstick:>8.2f}" if yardstick else ""
    print(
        f"{name:<34}{found['processor']:>9.1f} s{found['wall']:>9.1f} s{found['peak']:>9,.0f} MB{ratio}{more}",
        flush=True,
    )


def roll_ups(arguments: argparse.Namespace, folder: Path) -> None:
    """Print what the same sums cost by each engine."""
    scale = runpy.run_path(str(Path(__file__).with_name("scale.py")))
    ledger = scale["make_ledger"](folder, arguments)
    rows = pl.scan_parquet(ledger / "transactions.parquet").select(pl.len()).collect().item()
    print(f"{arguments.customers * arguments.copies:,} customers x {arguments.months} months, {rows:,} bookings")
    print(f"{'':<34}{'processor':>11}{'wall':>11}{'peak':>12}{'times':>8}")
    yardstick: float | None = None
    for name, code in (("Polars", POLARS), ("DuckDB SQL", DUCKDB), ("pandas", PANDAS), ("segment extract", EXTRACT)):
        (out := folder / name.replace(" ", "-")).mkdir()
        found = timed(sys.executable, code, str(ledger), str(out), str(arguments.months))
        yardstick = found["processor"] if yardstick is None and isinstance(found, dict) else yardstick
        show(name, found, yardstick)


def simulated_purchases(customers: int, seed: int = 7) -> pl.DataFrame:
    """Draw purchases of a shop whose customers buy at rates of their own until they leave."""
    rng = np.random.default_rng(seed)
    begun = rng.integers(0, KNOWN_DAYS // 2, customers)
    rate, leaves = rng.gamma(0.7, 1 / 60, customers), rng.exponential(900, customers)
    stays = np.minimum(leaves, KNOWN_DAYS + AHEAD_DAYS - begun)
    repeats = rng.poisson(rate * stays)
    who = np.concatenate([np.arange(customers), np.repeat(np.arange(customers), repeats)])
    after = np.concatenate([np.zeros(customers), rng.uniform(0, 1, repeats.sum()) * np.repeat(stays, repeats)])
    level = rng.gamma(6.0, 8.0, customers)
    day = np.datetime64(FIRST) + (begun[who] + after).astype("timedelta64[D]")
    amounts = rng.gamma(4.0, level[who] / 4.0)
    return pl.DataFrame({"customer_id": who, "date": day, "amount": amounts}).cast({"date": pl.Datetime("us")})


def purchases(arguments: argparse.Namespace, folder: Path) -> None:
    """Print what a forecast of purchases costs by each library, and how good it is."""
    print(f"{'':<34}{'processor':>11}{'wall':>11}{'peak':>12}   customers, Gini, total against what came")
    rivals: Sequence[tuple[str, str | None, str]] = (
        ("PurchaseForecast", sys.executable, OWN),
        ("lifetimes BG/NBD + gamma-gamma", arguments.lifetimes, LIFETIMES),
        ("pymc-marketing, most likely", arguments.pymc, PYMC),
    )
    for name, python, code in rivals:
        if python is None:
            print(f"{name:<34}no environment was given")
            continue
        size = arguments.customers
        found: dict[str, float] | str = "not run"
        while isinstance(found, str) and size >= LEAST_CUSTOMERS:
            found, quality = one_size(folder, size, python, code)
            show(name, found, more=f"   {size:,}{quality}")
            size //= 2


def one_size(folder: Path, customers: int, python: str, code: str) -> tuple[dict[str, float] | str, str]:
    """Run one library on so many customers."""
    from segment import metrics

    every, cut = simulated_purchases(customers), FIRST + dt.timedelta(KNOWN_DAYS)
    log, told = folder / "log.csv", folder / "told.csv"
    every.filter(pl.col("date") < cut).write_csv(log, datetime_format="%Y-%m-%d")
    found = timed(python, code, str(log), str(AHEAD_DAYS), str(told))
    if isinstance(found, str):
        return found, ""
    came = every.filter(pl.col("date") >= cut).group_by("customer_id", maintain_order=True).agg(pl.col("amount").sum())
    both = pl.read_csv(told).with_columns(pl.col("customer_id").cast(pl.Int64))
    both = both.join(came, on="customer_id", how="left").with_columns(pl.col("amount").fill_null(0.0))
    actual, expected = both["amount"].to_numpy(), both["expected"].to_numpy()
    gini = float(metrics.normalised_gini(actual, expected))
    return found, f", {gini:.3f}, {expected.sum() / actual.sum() - 1:+.1%}"


def main() -> None:
    """Run one of the two comparisons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("roll-up", "purchases"))
    parser.add_argument("--customers", type=int, default=4_000)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--keep", type=float, default=1.0)
    parser.add_argument("--lifetimes", help="Python of an environment with lifetimes and pyarrow")
    parser.add_argument("--pymc", help="Python of an environment with pymc-marketing and pyarrow")
    arguments = parser.parse_args()
    arguments.layout = "file"
    with tempfile.TemporaryDirectory(prefix="segment-rivals-") as folder:
        (roll_ups if arguments.what == "roll-up" else purchases)(arguments, Path(folder))


if __name__ == "__main__":
    main()
