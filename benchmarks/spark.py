"""What an extract on Spark costs beside one machine's, on the same ledger: processor time by step, bytes laid down.

`python benchmarks/spark.py --customers 2000 --months 12` simulates a bank, cuts its long tables into files, builds it
on Polars and on Spark's `local[2]`, and holds the customer months of both to each other. The processor time of Spark is
that of the driver, the JVM and every Python worker.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
import time
from pathlib import Path

import polars as pl

from segment.banks.simulator import simulate_bank
from segment.features import months_written
from segment.features.store import month_file
from segment.files import files_below
from segment.jobs.build.distributed_extract import extract_on_spark
from segment.jobs.build.extract import extract
from segment.policy import load_policy
from segment.spark.session import spark_session
from segment.workspace import Workspace

LONG = ("transactions", "balances", "service_events")
LAST = dt.date(2025, 12, 31)
TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(root: int) -> float:
    """Seconds of a process and all below it, those that ended included."""
    parents: dict[int, tuple[int, float]] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it ended just now
        parents[int(place.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / TICKS)
    below, total = {root}, parents[root][1]
    while new := {pid for pid, (parent, _) in parents.items() if parent in below} - below:
        total += sum(parents[pid][1] for pid in new)
        below |= new
    return total


def cut(ledger: Path, files: int) -> int:
    """Write each long table as a folder of files; return the bookings."""
    rows = 0
    for name in LONG:
        path = ledger / f"{name}.parquet"
        table = pl.read_parquet(path)
        path.unlink()
        (ledger / name).mkdir()
        size = -(-table.height // files)
        for number in range(files):
            table.slice(number * size, size).write_parquet(ledger / name / f"part-{number}.parquet")
        rows += table.height if name == "transactions" else 0
    return rows


def main() -> None:
    """Measure both ways and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--files", type=int, default=4)
    parser.add_argument("--buckets", type=int, default=2)
    options = parser.parse_args()
    policy = load_policy("models/retail.toml")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        simulate_bank(root / "bank", customers=options.customers, months=options.months, seed=7)
        ledger = root / "bank" / "ledger"
        bookings = cut(ledger, options.files)
        print(f"{bookings:,} bookings, {sum(file.stat().st_size for file in files_below(ledger)):,} bytes in files")
        polars, spark = Workspace(root / "polars"), Workspace(root / "spark")
        began, wall = processor_seconds(os.getpid()), time.monotonic()
        extract(str(ledger), LAST, polars, policy, n_jobs=1)
        print(f"polars: {processor_seconds(os.getpid()) - began:.1f} s of processor, {time.monotonic() - wall:.0f} s")
        marks = {}

        def mark(step: str, done: int, total: int) -> None:
            marks[f"{step} {done}"] = processor_seconds(os.getpid())
            if (step, done) == ("customer months", 1):
                laid = next(spark.root.glob(".spark-*"))
                for name in ("read", "laid", "months"):
                    print(f"{name}: {sum(file.stat().st_size for file in files_below(laid / name)):,} bytes")

        wall, began = time.monotonic(), processor_seconds(os.getpid())
        with spark_session("local[2]"):
            print(f"spark, session: {processor_seconds(os.getpid()) - began:.1f} s of processor")
            extract_on_spark(str(ledger), LAST, spark, policy, "local[2]", buckets=options.buckets, progress=mark)
            ended = processor_seconds(os.getpid())
        steps = [("check", "check 0", "check 1"), ("months", "customer months 0", "customer months 1")]
        for name, first, last in steps:
            print(f"spark, {name}: {marks[last] - marks[first]:.1f} s of processor")
        print(f"spark, snapshot and reconciliation: {ended - marks['customer months 1']:.1f} s of processor")
        print(f"spark, in all: {ended - began:.1f} s of processor, {time.monotonic() - wall:.0f} s")
        unlike = 0
        for month in months_written(polars.customer_months):
            one, other = (pl.read_parquet(month_file(of.customer_months, month)) for of in (polars, spark))
            figures = [name for name, kind in one.schema.items() if kind.is_float()]
            unlike += sum(
                int(((one[name] - other[name]).abs() > 1e-9 * one[name].abs().clip(lower_bound=1e-3)).sum())
                for name in figures
            )
        print(f"cells of customer months that differ by more than 1e-9: {unlike}")


if __name__ == "__main__":
    main()
