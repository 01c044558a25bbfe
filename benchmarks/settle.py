"""What scoring on a cluster leaves to the machine of the command: processor and memory of each step, by customer.

`python benchmarks/settle.py bank/workspace --copies 1000` takes the champion and the newest snapshot of a workspace and
scores a bank of so many times its customers. On a cluster tasks forecast; the command reads narrow rows and settles.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from segment.tracking.registry import Tracking
from segment.warehouse.stored_snapshots import CustomerSnapshot, read_newest_snapshot
from segment.workspace import Workspace


def memory(name: str) -> int:
    """Bytes that this process holds (`VmRSS`), or held at most (`VmHWM`)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def timed(name: str, work: Callable[[], Any], customers: int) -> Any:
    """Do something and print what it took."""
    began, wall = time.process_time(), time.monotonic()
    done = work()
    taken = time.process_time() - began
    print(f"{name}: {taken:.1f} s of processor, {taken / customers * 1e6:.1f} for a million, "
          f"{time.monotonic() - wall:.1f} s")  # fmt: skip
    return done


def multiplied(rows: pl.DataFrame, copies: int) -> pl.DataFrame:
    """Rows of so many times as many customers; every copy has branches and households of its own."""
    named = ("customer_id", "branch_id", "household_id")

    def copied(number: int) -> pl.DataFrame:
        return rows.with_columns(pl.format("{}-{}", name, pl.lit(number)).alias(name) for name in named)

    return pl.concat(copied(number) for number in range(copies))


def main() -> None:
    """Forecast once, settle the copies, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--copies", type=int, default=1_000)
    options = parser.parse_args()
    workspace = Workspace(options.workspace)
    model, _ = Tracking(workspace.root).load()
    snapshot: CustomerSnapshot = read_newest_snapshot(workspace)
    stored = snapshot.rows
    narrow = timed("forecast, in tasks", lambda: model.forecast_rows(stored), stored.height)
    print(f"a customer of the snapshot: {stored.estimated_size() / stored.height:,.0f} bytes in memory, "
          f"{len(stored.columns)} columns")  # fmt: skip
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    held = memory("VmRSS")
    rows = multiplied(narrow, options.copies)
    print(f"a narrow row: {rows.estimated_size() / rows.height:,.0f} bytes, {len(rows.columns)} columns")
    managers = {f"{branch}-{at}": n for branch, n in snapshot.managers.items() for at in range(options.copies)}
    scored = timed(f"settle {rows.height:,} customers", lambda: model.settle_tiers(rows, managers), rows.height)
    print(f"a scored row: {scored.estimated_size() / scored.height:,.0f} bytes")
    print(f"peak while settling: {(memory('VmHWM') - held) / rows.height:,.0f} bytes a customer")


if __name__ == "__main__":
    main()
