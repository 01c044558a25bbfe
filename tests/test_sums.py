"""Sums of floats are the same to the last bit in every run and on every machine, however many threads it has."""

from __future__ import annotations

import os
import subprocess
import sys

SUMS = """
import hashlib
import numpy as np
import polars as pl
import segment
rng = np.random.default_rng(0)
for rows, groups in ((1_000, 10), (100_000, 50), (100_000, 10_000)):
    table = pl.DataFrame({"key": rng.integers(0, groups, rows), "day": rng.integers(0, 28, rows)})
    table = table.with_columns(key=pl.col("key").cast(pl.String), amount=1e3 * rng.normal(size=rows))
    for _ in range(4):
        of_days = table.group_by("key", "day", maintain_order=True).agg(pl.col("amount").sum())
        of_keys = of_days.group_by("key", maintain_order=True).agg(pl.col("amount").sum(), mean=pl.col("amount").mean())
        print(hashlib.sha256(of_keys.select("amount", "mean").to_numpy().tobytes()).hexdigest(), end=" ")
    print()
"""


def _sums(threads: int) -> list[set[str]]:
    answer = subprocess.run(
        [sys.executable, "-c", SUMS],
        env=os.environ | {"POLARS_MAX_THREADS": str(threads)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [set(line.split()) for line in answer.stdout.splitlines()]


def test_a_sum_of_groups_has_one_last_bit_whatever_the_run_and_the_number_of_threads() -> None:
    alone, of_two, of_three = (_sums(threads) for threads in (1, 2, 3))
    assert [len(bits) for bits in alone] == [1, 1, 1]
    assert alone == of_two == of_three
