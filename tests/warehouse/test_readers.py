"""Whoever reads while tiers are published sees one run's tiers, whole."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from pathlib import Path

import polars as pl

from segment.warehouse.tiers_table import publish_tiers, read_tiers, restore_tiers

JUNE = dt.date(2025, 6, 30)
ROWS, ROUNDS, READERS = 20_000, 12, 3


def of_run(number: int) -> pl.DataFrame:
    rows = ROWS + number
    return pl.DataFrame(
        {
            "as_of": [JUNE] * rows,
            "customer_id": [f"c{one}" for one in range(rows)],
            "tier": ["valuable" if number % 2 else "break_even"] * rows,
            "run_id": [f"r{number}"] * rows,
        }
    )


def read_until(table: Path, done: Path, seen: Path) -> None:
    """Read again and again, and write down what each reading saw."""
    looks: list[tuple[int, int, int, str]] = []
    while not done.exists() or len(looks) < 2:
        frame = read_tiers(table, JUNE)
        runs, tiers = frame["run_id"].unique(), frame["tier"].unique()
        looks.append((frame.height, frame["customer_id"].n_unique(), len(runs) * len(tiers), str(runs[0])))
    pl.DataFrame(looks, schema=["rows", "customers", "mixed", "run_id"], orient="row").write_parquet(seen)


def test_readers_see_one_whole_run_at_every_moment(tmp_path: Path) -> None:
    table, done = tmp_path / "tiers", tmp_path / "done"
    publish_tiers(of_run(0), table)
    start = multiprocessing.get_context("spawn").Process
    readers = [start(target=read_until, args=(table, done, tmp_path / f"{one}.parquet")) for one in range(READERS)]
    for one in readers:
        one.start()
    for number in range(1, ROUNDS):
        publish_tiers(of_run(number), table)
        if number % 4 == 0:
            restore_tiers(table, number - 2)
    done.touch()
    for one in readers:
        one.join(120)
        assert one.exitcode == 0
    seen = pl.concat([pl.read_parquet(tmp_path / f"{one}.parquet") for one in range(READERS)])
    assert seen["mixed"].unique().to_list() == [1]
    assert (seen["rows"] == seen["customers"]).all()
    assert (seen["rows"] == ROWS + seen["run_id"].str.strip_prefix("r").cast(pl.Int64)).all()
