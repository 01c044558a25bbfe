"""How long customer months and snapshots take, and what the cube saves against filtered group-bys.

    python benchmarks/features.py --customers 20000 --months 36

Seconds depend on the machine; the ratio at the end is measured within one run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from segment.banks.simulator import simulate_bank
from segment.dates import month_end, next_month
from segment.features import build_cube, measures, months_written, snapshot, write_customer_months
from segment.features.store import month_file
from segment.features.windows import cumulative, window_at
from segment.ledger import check_ledger
from segment.policy import Policy, load_policy

WINDOWS = (1, 3, 6, 12)
MOMENTS = 12


@contextmanager
def timed(what: str, rows: Callable[[], int] | None = None) -> Iterator[list[float]]:
    """Print how long a block took, and rows a second."""
    seconds: list[float] = []
    start, busy = time.perf_counter(), time.process_time()
    yield seconds
    seconds.append(time.perf_counter() - start)
    speed = f", {rows() / seconds[0]:,.0f} rows/s" if rows else ""
    print(f"{what}: {seconds[0]:.1f} s, {time.process_time() - busy:.1f} s of processor{speed}", flush=True)


def by_cube(folder: Path, months: tuple[dt.date, ...], policy: Policy, customers: int) -> float:
    """Sum every window of every date with cumulative sums, bucket by bucket; seconds of processor."""
    start = time.process_time()
    buckets = max(1, customers // 2000)
    for bucket in range(buckets):
        cube = build_cube(folder, bucket, buckets, months, measures(policy))
        totals, counts = cumulative(cube.values)
        for end in range(len(months) - MOMENTS + 1, len(months) + 1):
            for window in WINDOWS:
                window_at(totals, counts, end, window)
    return time.process_time() - start


def by_group_by(folder: Path, months: tuple[dt.date, ...], policy: Policy) -> float:
    """Sum the same windows by a filtered group-by over the long table each; seconds of processor."""
    start = time.process_time()
    long = pl.scan_parquet([month_file(folder, month) for month in months])
    for moment in months[-MOMENTS:]:
        for window in WINDOWS:
            recent = pl.col("month").is_between(next_month(moment, 1 - window), moment)
            long.filter(recent).group_by("customer_id").agg(pl.col(*measures(policy)).sum()).collect()
    return time.process_time() - start


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--engine", choices=("polars", "duckdb"), default="polars")
    parser.add_argument("--n-jobs", type=int, default=1)
    arguments = parser.parse_args()
    policy = load_policy(Path(__file__).parents[1] / "models" / "retail.toml")
    with tempfile.TemporaryDirectory() as work:
        simulate_bank(Path(work), arguments.customers, arguments.months, seed=1)
        run(Path(work), policy, arguments)


def run(work: Path, policy: Policy, arguments: argparse.Namespace) -> None:
    """Time each step on a simulated bank."""
    tables = check_ledger(work / "ledger", list(policy.products), policy.ledger.tolerated_bad_row_share).tables
    booked, folder = len(tables["transactions"]), work / "customer_months"
    as_of = month_end(tables["balances"]["month"].sort()[-1])
    with timed(f"customer months of {booked:,} transactions", lambda: booked) as first:
        write_customer_months(tables, policy, as_of, folder, engine=arguments.engine)
    with timed("the same again, nothing changed"):
        write_customer_months(tables, policy, as_of, folder, engine=arguments.engine)
    months = months_written(folder, as_of)
    moments = [month_end(month) for month in months[-MOMENTS:]]
    with timed(f"{MOMENTS} snapshots in one pass") as second:
        snapshot(tables, folder, policy, moments, n_jobs=arguments.n_jobs)
    print(f"months and snapshots together: {first[0] + second[0]:.1f} s")
    cube, long = by_cube(folder, months, policy, arguments.customers), by_group_by(folder, months, policy)
    print(f"{MOMENTS} dates x {len(WINDOWS)} windows: {cube:.1f} s of processor, by group-bys {long:.1f} s")
    print(f"ratio {long / cube:.1f}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB")


if __name__ == "__main__":
    main()
