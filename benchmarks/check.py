"""How long the contract's rules take, beside reading the same files and nothing more.

    python benchmarks/check.py --customers 5000 --months 36

Seconds depend on the machine; the ratio at the end is measured within one run.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import polars as pl

from segment.banks.simulator import simulate_bank
from segment.ledger import ROW_RULES, check_ledger
from segment.policy import load_policy


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--months", type=int, default=36)
    arguments = parser.parse_args()
    policy = load_policy(Path(__file__).parents[1] / "models" / "retail.toml")
    with tempfile.TemporaryDirectory() as work:
        simulate_bank(Path(work), arguments.customers, arguments.months, seed=1)
        ledger = Path(work) / "ledger"
        start = time.perf_counter()
        read = sum(pl.read_parquet(path).height for path in sorted(ledger.glob("*.parquet")))
        reading = time.perf_counter() - start
        start = time.perf_counter()
        check_ledger(ledger, tuple(policy.products), policy.ledger.tolerated_bad_row_share)
        checking = time.perf_counter() - start
    rules = sum(len(rules) for rules in ROW_RULES.values())
    print(f"{read:,} rows held to {rules} rules: {checking:.1f} s, {read / checking:,.0f} rows/s")
    print(f"reading alone {reading:.2f} s, ratio {checking / reading:.0f}")


if __name__ == "__main__":
    main()
