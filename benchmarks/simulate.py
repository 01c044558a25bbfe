"""How fast the simulator writes a bank: rows, seconds, rows a second, and what each table weighs.

Run: python benchmarks/simulate.py [CUSTOMERS] [MONTHS] [SEED]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from segment.banks.simulator import simulate_bank


def main(customers: int = 20_000, months: int = 36, seed: int = 7) -> None:
    """Simulate once in a temporary folder and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        summary = simulate_bank(folder, customers, months, seed)
        seconds = time.perf_counter() - start
        for table, rows in summary.rows.items():
            megabytes = (Path(folder) / "ledger" / f"{table}.parquet").stat().st_size / 1e6
            print(f"{table:24}{rows:>14,} rows{megabytes:>10.1f} MB")
    rows = sum(summary.rows.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{customers:,} customers x {months} months: {rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} rows/s")
    print(f"peak memory {peak:,.0f} MB")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
